"""What a header announces: how much audio, and of what."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerHeader:
    """None for whatever a header does not say, or only guesses.

    `length_s` is to be held against what is heard; it is None where the header is `open_ended`,
    as that of a file that was written to a pipe. `flac_md5` is hexadecimal, all zeros where a
    FLAC does not know its own.
    """

    length_s: float | None = None
    open_ended: bool = False
    bits: int | None = None
    flac_md5: str | None = None
