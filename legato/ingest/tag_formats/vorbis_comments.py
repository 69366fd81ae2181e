"""Vorbis comments, as FLAC, Ogg Vorbis and Opus carry them; their pictures are FLAC's."""
# mutagen says that it is typed, but most of its functions are not
# mypy: disallow-untyped-calls=False

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final

from mutagen.flac import Picture, error

from legato.ingest.tag_formats.neutral import FRONT_COVER, Embedded

_FIELDS: Final = {
    "title": ("title",),
    "artist": ("artist",),
    "album": ("album",),
    "album_artist": ("albumartist", "album artist"),
    "track": ("tracknumber",),
    "track_total": ("tracktotal", "totaltracks"),
    "disc": ("discnumber",),
    "disc_total": ("disctotal", "totaldiscs"),
    "date": ("date", "year"),
    "genre": ("genre",),
    "composer": ("composer",),
    "label": ("label", "organization", "publisher"),
    "copyright": ("copyright", "license"),
    "comment": ("comment", "description"),
    "language": ("language",),
    "isrc": ("isrc",),
    "upc": ("barcode", "upc", "ean"),
}


def texts(file: Any, name: str) -> Iterator[str]:
    """The values of a neutral field; names are compared without regard to case."""
    for field in _FIELDS.get(name, ()):
        yield from map(str, (file.tags or {}).get(field, ()))


def pictures(file: Any) -> Iterator[Embedded]:
    """FLAC's picture blocks (RFC 9639 §8.8), which Ogg has in base64, and a form before that."""
    for block in getattr(file, "pictures", ()):
        yield _embedded(block)
    for block in (file.tags or {}).get("metadata_block_picture", ()):
        try:
            yield _embedded(Picture(base64.b64decode(block)))
        except (binascii.Error, ValueError, error):
            continue
    for image in (file.tags or {}).get("coverart", ()):
        try:
            data = base64.b64decode(image)
        except (binascii.Error, ValueError):
            continue
        yield Embedded(kind=FRONT_COVER, media_type="", data=data)


def _embedded(block: Any) -> Embedded:
    return Embedded(kind=int(block.type), media_type=str(block.mime), data=bytes(block.data))
