"""The codes of refusals on the media path, as legato/problems explains them."""

from typing import Final

from legato.problems.requests import MEDIA
from legato.problems.table import PROBLEMS

# What nginx alone says, or needs what is damaged in a way that no row can be: not in a row.
NOT_SHOWN: Final = frozenset(
    {
        "no_host", "manifest_hash", "object_short", "store_slow", "store_busy", "origin_away",
        "edge_failed", "bad_request",
    }
)  # fmt: skip
# Said to whoever purges an edge, and no listener.
_OF_PURGES: Final = frozenset({"wrong_secret"})
CODES: Final = {
    name: PROBLEMS[name]
    for name in (
        *(code for code in MEDIA if code not in _OF_PURGES),
        "bad_request", "bad_manifest", "manifest_hash", "object_short",
    )
}  # fmt: skip
