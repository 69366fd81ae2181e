"""The object store that a URL names."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from legato.errors import BadInput
from legato.storage.local import LocalStore
from legato.storage.object_store import ObjectStore


def open_store(url: str) -> ObjectStore:
    """The store at `url`; nothing connects yet. Raises BadInput for a scheme we don't speak."""
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        raise BadInput("bad_setting", f"LEGATO_STORE: found {url!r}, expected file:///a/folder")
    return LocalStore(Path(unquote(parts.path)))
