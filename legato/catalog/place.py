"""A place in a list that is ordered by time: it stays one when what stood there is gone."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final, Self

from legato.errors import BadInput

_TEXT: Final = re.compile(r"([0-9]{1,15})\.([0-9a-f]{1,32})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Behind what came at `at_ms` and has this id, whether that is there any more or not."""

    at_ms: int
    item_id: str

    @property
    def cursor(self) -> str:
        """The place as clients keep it; what is in it is nothing to them."""
        return base64.urlsafe_b64encode(f"{self.at_ms}.{self.item_id}".encode()).decode()

    @classmethod
    def of_cursor(cls, cursor: str) -> Self:
        """Raises BadInput `bad_cursor`."""
        try:
            found = _TEXT.fullmatch(base64.b64decode(cursor, b"-_", validate=True).decode())
        except (binascii.Error, ValueError):
            found = None
        if found is None:
            raise BadInput(
                "bad_cursor", f"cursor: found {cursor[:80]!r}, expected the `next_cursor` of a page"
            )
        return cls(at_ms=int(found[1]), item_id=found[2])
