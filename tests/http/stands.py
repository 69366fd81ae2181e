"""What an address stands for, from the stored files and the manifest's numbers alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from tests.http.row import Gzipped, Part, Row, Whole

_MEDIA_TYPES: Final = {
    ".m4s": "audio/mp4",
    ".mp4": "audio/mp4",
    ".ogg": "audio/ogg",
    ".json": "application/json",
    ".m3u8": "application/vnd.apple.mpegurl",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """The bytes of an address, and what is said of them; the placeholders of the rows.

    `{etag}` and `{gzip_etag}` are the tags of it as it is and gzipped, `{bare_etag}` is without
    quotes; `{size}` is how many bytes there are, `{length}` how many of them the body has.
    """

    asset: str
    address: str
    body: bytes
    etag: str
    gzip_etag: str = ""
    gzip_size: int = 0

    @property
    def media_type(self) -> str:
        path = self.address.partition("?")[0]
        return next((kind for end, kind in _MEDIA_TYPES.items() if path.endswith(end)), "")

    def part(self, part: Part) -> bytes:
        return self.body[part.start : part.end]

    def content_range(self, part: Part) -> str:
        """RFC 9110 §14.4."""
        start, end, _ = slice(part.start, part.end).indices(len(self.body))
        return f"bytes {start}-{end - 1}/{len(self.body)}"

    def fill(self, template: str, row: Row) -> str:
        """A value of the row, with what is there in the place of its placeholders."""
        part = row.body if isinstance(row.body, Part) else None
        return template.format(
            asset=self.asset,
            type=self.media_type,
            etag=self.etag,
            bare_etag=self.etag.strip('"'),
            gzip_etag=self.gzip_etag,
            size=len(self.body),
            length=self._length(row),
            content_range=self.content_range(part) if part else "",
        )

    def _length(self, row: Row) -> int:
        match row.body:
            case Whole():
                return len(self.body)
            case Part():
                return len(self.part(row.body))
            case Gzipped():
                return self.gzip_size
            case _:
                return 0


def cut(manifest: Mapping[str, Any], files: Mapping[str, bytes], address: str) -> bytes | None:
    """The bytes of a stored file that an address stands for; None: it is no part of one."""
    path = unquote(address.partition("?")[0])
    if path in files:
        return files[path]
    folder, _, name = path.partition("/")
    entry = next((one for one in manifest["renditions"] if one["name"] == folder), None)
    stem = name.partition(".")[0]
    if entry is None or name.endswith(".m3u8"):
        return None
    whole = files[entry["file"]]
    if stem == "init":
        start, size = entry["init"]["offset"], entry["init"]["size"]
        return whole[start : start + size]
    chunks = entry["chunks"]
    if not stem.isdecimal() or int(stem) >= len(chunks["offset"]):
        return None
    offset, size, preroll = (chunks[column][int(stem)] for column in ("offset", "size", "preroll"))
    return whole[offset - preroll : offset + size]
