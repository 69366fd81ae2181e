"""How much audio a header announces."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """`length_s`, where the header tells it; `open_ended` where it was written too early to know.

    Whoever writes to a pipe cannot go back and fill the length in.
    """

    length_s: float | None = None
    open_ended: bool = False

    @classmethod
    def of(cls, frames: float, rate_hz: float) -> Self:
        """So many samples a channel; nothing where the header makes no sense."""
        return cls(length_s=frames / rate_hz) if frames > 0 and rate_hz > 0 else cls()
