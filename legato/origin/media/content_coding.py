"""Which content coding a request would have (RFC 9110 §12.5.3)."""

import re
from typing import Final

_CODING: Final = re.compile(
    r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?\s*",
    re.ASCII,
)
_GZIP: Final = ("gzip", "x-gzip")


def prefers_gzip(accept_encoding: str | None) -> bool:
    """Whether gzip is welcome, and no less so than no coding at all."""
    weights: dict[str, float] = {}
    for item in (accept_encoding or "").split(","):
        found = _CODING.fullmatch(item)
        if found is not None:
            weights[found[1].lower()] = float(found[2] or 1)
    named = [weights[name] for name in _GZIP if name in weights]
    gzip = max(named) if named else weights.get("*", 0.0)
    return gzip > 0 and gzip >= weights.get("identity", 0.0)
