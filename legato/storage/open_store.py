"""The object store that a URL names."""

import re
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from legato.errors import BadInput
from legato.storage.direct_uploads import DirectUploads
from legato.storage.local import LocalStore
from legato.storage.object_key import key_parts
from legato.storage.object_store import ObjectStore

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def open_store(url: str, scratch: Path | None = None) -> ObjectStore:
    """The store at `url`; nothing connects yet. Raises BadInput for a URL that names none.

    `scratch` is the folder for local copies of objects that are elsewhere; without it, the
    system's own.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return LocalStore(Path(unquote(parts.path)))
    if parts.scheme == "s3" and _BUCKET.fullmatch(parts.netloc):
        return _s3_store(parts, scratch or Path(tempfile.gettempdir()))
    raise BadInput(
        "bad_setting",
        f"LEGATO_STORE: found {url!r}, expected file:///a/folder or s3://bucket/prefix",
    )


def open_direct_uploads(url: str, public_url: str | None = None) -> DirectUploads | None:
    """How clients upload straight to the store at `url`; None where it is a folder.

    `public_url` is where they reach it, if not where we do. Raises BadInput as `open_store`.
    """
    parts = urlsplit(url)
    if parts.scheme != "s3":
        return None
    from legato.storage.s3_direct import S3DirectUploads  # noqa: PLC0415 - as below

    return S3DirectUploads(parts.netloc, _prefix(parts), public_url)


def _s3_store(parts: SplitResult, scratch: Path) -> ObjectStore:
    from legato.storage.s3 import S3Store  # noqa: PLC0415 - a fifth of a second, for S3 alone

    return S3Store(parts.netloc, _prefix(parts), scratch)


def _prefix(parts: SplitResult) -> str:
    prefix = unquote(parts.path).strip("/")
    return "/".join(key_parts(prefix)) if prefix else ""
