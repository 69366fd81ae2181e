"""ID3v2, as MP3, WAV and AIFF carry it (id3.org, ID3v2.4.0 frames)."""

from collections.abc import Iterator
from typing import Any, Final

from legato.ingest.tag_formats.neutral import Embedded

_FRAMES: Final = {
    "title": ("TIT2",),
    "artist": ("TPE1",),
    "album": ("TALB",),
    "album_artist": ("TPE2",),
    "track": ("TRCK",),
    "disc": ("TPOS",),
    "date": ("TDRC", "TDRL", "TDOR"),
    "genre": ("TCON",),
    "composer": ("TCOM",),
    "label": ("TPUB", "TXXX:LABEL"),
    "copyright": ("TCOP",),
    "comment": ("COMM",),
    "language": ("TLAN",),
    "isrc": ("TSRC", "TXXX:ISRC"),
    "upc": ("TXXX:BARCODE", "TXXX:UPC", "TXXX:EAN", "TXXX:barcode", "TXXX:upc"),
}
# iTunes keeps its own numbers in comments that it describes by names like this one's.
_NO_COMMENT: Final = "iTun"


def texts(file: Any, name: str) -> Iterator[str]:
    """The values of a neutral field, from its frames in order."""
    for frame_id in _FRAMES.get(name, ()):
        for frame in file.tags.getall(frame_id):
            if not getattr(frame, "desc", "").startswith(_NO_COMMENT):
                values = frame.genres if frame_id == "TCON" else getattr(frame, "text", ())
                yield from map(str, values)


def pictures(file: Any) -> Iterator[Embedded]:
    """The attached pictures (§4.14)."""
    for frame in file.tags.getall("APIC"):
        yield Embedded(kind=int(frame.type), media_type=str(frame.mime), data=bytes(frame.data))
