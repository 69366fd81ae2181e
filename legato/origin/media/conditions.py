"""Conditional requests (RFC 9110 §13); we send no Last-Modified, so dates hold for nothing."""


def if_match_holds(header: str | None, etag: str) -> bool:
    """Whether If-Match lets the request go on: a strong comparison (§13.1.1)."""
    return header is None or header.strip() == "*" or etag in _tags(header)


def if_none_match_holds(header: str | None, etag: str) -> bool:
    """Whether the client has something else, or nothing: a weak comparison (§13.1.2)."""
    if header is None:
        return True
    tags = (tag.removeprefix("W/") for tag in _tags(header))
    return header.strip() != "*" and etag not in tags


def if_range_holds(header: str | None, etag: str) -> bool:
    """Whether a range may be served: the very same strong tag, or no condition (§13.1.5)."""
    return header is None or header == etag


def _tags(header: str) -> list[str]:
    return [tag.strip() for tag in header.split(",")]
