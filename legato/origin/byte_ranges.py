"""Byte ranges of one representation (RFC 9110 §14)."""

import re
from dataclasses import dataclass

from legato.errors import BadInput

_RANGE = re.compile(r"\s*([0-9]*)-([0-9]*)\s*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """Bytes `[start, end)`."""

    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    def content_range(self, complete: int) -> str:
        """The Content-Range of this part of `complete` bytes (§14.4)."""
        return f"bytes {self.start}-{self.end - 1}/{complete}"


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The one range that a request asks for; None where it asks for all of it.

    A unit we don't know, a malformed set and more than one range are ignored, as §14.2 lets
    a server do. Raises BadInput `range_not_satisfiable` where nothing of the range exists.
    """
    unit, _, ranges = (header or "").partition("=")
    found = _RANGE.fullmatch(ranges)
    if unit.strip().lower() != "bytes" or found is None:
        return None
    first, last = found.groups()
    if first:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    elif last:
        start, end = max(size - int(last), 0), size
    else:
        return None
    if start >= size or start == end:
        raise BadInput(
            "range_not_satisfiable", f"range {header!r}: there are {size} bytes to choose from"
        )
    return ByteRange(start=start, end=end)
