"""APEv2, as WavPack carries it."""

from collections.abc import Iterator
from typing import Any, Final

from mutagen.apev2 import APEBinaryValue, APETextValue

from legato.ingest.tag_formats.neutral import FRONT_COVER, Embedded

_ITEMS: Final = {
    "title": ("title",),
    "artist": ("artist",),
    "album": ("album",),
    "album_artist": ("album artist", "albumartist"),
    "track": ("track",),
    "disc": ("disc",),
    "date": ("year", "record date"),
    "genre": ("genre",),
    "composer": ("composer",),
    "label": ("label", "publisher"),
    "copyright": ("copyright",),
    "comment": ("comment",),
    "language": ("language",),
    "isrc": ("isrc",),
    "upc": ("barcode", "upc", "ean/upc", "ean"),
}
_COVERS: Final = {"cover art (front)": FRONT_COVER, "cover art (back)": 4}


def texts(file: Any, name: str) -> Iterator[str]:
    """The values of a neutral field; names are compared without regard to case."""
    for item in _ITEMS.get(name, ()):
        value = file.tags.get(item)
        if isinstance(value, APETextValue):
            yield from map(str, value)


def pictures(file: Any) -> Iterator[Embedded]:
    """Cover items: a file's name, a zero byte, the image."""
    for item, kind in _COVERS.items():
        value: Any = file.tags.get(item)
        if isinstance(value, APEBinaryValue):
            data = bytes(value.value or b"").partition(b"\0")[2]
            yield Embedded(kind=kind, media_type="", data=data)
