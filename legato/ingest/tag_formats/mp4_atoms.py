"""MP4's metadata items: iTunes' atoms, and its freeform ones (`----`) for what those lack."""

from collections.abc import Iterator
from typing import Any, Final

from legato.ingest.tag_formats.neutral import FRONT_COVER, Embedded

_FREEFORM: Final = "----:com.apple.iTunes:"
_ATOMS: Final = {
    "title": ("\xa9nam",),
    "artist": ("\xa9ART",),
    "album": ("\xa9alb",),
    "album_artist": ("aART",),
    "track": ("trkn",),
    "disc": ("disk",),
    "date": ("\xa9day",),
    "genre": ("\xa9gen",),
    "composer": ("\xa9wrt",),
    "label": (f"{_FREEFORM}LABEL", f"{_FREEFORM}label", "\xa9pub"),
    "copyright": ("cprt",),
    "comment": ("\xa9cmt", "desc"),
    "language": (f"{_FREEFORM}LANGUAGE", f"{_FREEFORM}language"),
    "isrc": (f"{_FREEFORM}ISRC", f"{_FREEFORM}isrc"),
    "upc": (f"{_FREEFORM}BARCODE", f"{_FREEFORM}UPC", f"{_FREEFORM}upc", f"{_FREEFORM}EAN"),
}
# The type indicators of `covr`'s data (QuickTime's well-known types).
_MEDIA_TYPES: Final = {13: "image/jpeg", 14: "image/png", 27: "image/bmp"}


def texts(file: Any, name: str) -> Iterator[str]:
    """The values of a neutral field; `trkn` and `disk` are pairs of numbers."""
    for atom in _ATOMS.get(name, ()):
        for value in file.tags.get(atom, ()):
            if isinstance(value, tuple):
                yield "/".join(map(str, value))
            else:
                yield value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def pictures(file: Any) -> Iterator[Embedded]:
    """The covers, of which the first is the front."""
    for cover in file.tags.get("covr", ()):
        media_type = _MEDIA_TYPES.get(cover.imageformat, "")
        yield Embedded(kind=FRONT_COVER, media_type=media_type, data=bytes(cover))
