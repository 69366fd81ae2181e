"""The key of an object, by the same rules in every store."""

from pathlib import PurePosixPath
from typing import Final

from legato.errors import BadInput

# A folder as object store keeps objects in the making there.
INCOMING: Final = ".incoming"


def key_parts(key: str) -> tuple[str, ...]:
    """The names between the slashes; raises BadInput `bad_key` for what leads out of the store."""
    parts = PurePosixPath(key).parts
    if not parts or key.startswith("/") or any(part in ("..", INCOMING) for part in parts):
        raise BadInput("bad_key", f"object key {key!r}: expected a relative path without '..'")
    return parts
