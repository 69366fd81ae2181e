"""Byte ranges of one representation (RFC 9110 §14)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from legato.errors import BadInput

# More parts than any player asks for; a request for more gets the whole.
MOST_RANGES: Final = 16
_MOST_DIGITS = 40
_RANGE = re.compile(r"[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.ASCII)


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


def parse_ranges(header: str | None, size: int) -> tuple[ByteRange, ...]:
    """The ranges that a request asks for, in its order; none where it gets all of it.

    A unit that we don't know and a malformed set are ignored, and so are more than 16 ranges
    and a set that asks for more bytes than there are, as §14.2 lets a server do. A range of
    which nothing exists is left out; raises BadInput `range_not_satisfiable` where none is left.
    """
    unit, _, ranges = (header or "").partition("=")
    if unit.lower() != "bytes":
        return ()
    items = [item for item in ranges.split(",") if item.strip(" \t")]  # empty elements: §5.6.1
    found = [_RANGE.fullmatch(item) for item in items[: MOST_RANGES + 1]]
    if not found or None in found or len(found) > MOST_RANGES:
        return ()
    asked = [_bounds(match[1], match[2], size) for match in found if match is not None]
    if None in asked:
        return ()
    return _satisfiable([one for one in asked if one is not None], header, size)


def _satisfiable(
    asked: Sequence[ByteRange], header: str | None, size: int
) -> tuple[ByteRange, ...]:
    there = tuple(one for one in asked if one.start < one.end)
    if not there:
        raise BadInput(
            "range_not_satisfiable",
            f"range {header or ''!r:.80}: there are {size} bytes to choose from",
        )
    wanted = sum(one.size for one in there)
    return there if len(there) == 1 or wanted <= size else ()


def _bounds(first: str, last: str, size: int) -> ByteRange | None:
    """One range-spec within what there is, empty where nothing of it is; None: malformed."""
    if first:
        start = _number(first)
        if last and _number(last) < start:
            return None
        end = min(_number(last) + 1, size) if last else size
    elif last:
        start, end = max(size - _number(last), 0), size
    else:
        return None
    return ByteRange(start=min(start, end), end=end)


def _number(digits: str) -> int:
    """What digits say; beyond 40 of them, only that it is more bytes than anything has."""
    significant = digits.lstrip("0") or "0"
    return int(significant) if len(significant) <= _MOST_DIGITS else 10**_MOST_DIGITS
