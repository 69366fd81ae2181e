"""Byte ranges of one representation (RFC 9110 §14)."""

import re
from dataclasses import dataclass

from legato.errors import BadInput

_MOST_DIGITS = 40
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
    first, last = (_number(digits) for digits in found.groups())
    if first is not None:
        start, end = first, size if last is None else min(last + 1, size)
        if last is not None and last < first:
            return None
    elif last is not None:
        start, end = max(size - last, 0), size
    else:
        return None
    if start >= size or start == end:
        raise BadInput(
            "range_not_satisfiable", f"range {header!r}: there are {size} bytes to choose from"
        )
    return ByteRange(start=start, end=end)


def _number(digits: str) -> int | None:
    """What digits say; beyond 40 of them, only that it is more bytes than anything has."""
    if not digits:
        return None
    significant = digits.lstrip("0") or "0"
    return int(significant) if len(significant) <= _MOST_DIGITS else 10**_MOST_DIGITS
