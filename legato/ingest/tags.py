"""What a master's own tags say of it, read so that hostile ones cost nothing."""

import json
from pathlib import Path

import structlog

from legato.catalog.tracks import Metadata
from legato.ingest.apart import ApartError, run_apart
from legato.ingest.tag_formats.identifiers import ISRC_PATTERN, check_isrc, check_upc
from legato.ingest.tag_formats.neutral import NO_TAGS, Tags, printable

__all__ = [
    "ISRC_PATTERN",
    "Tags",
    "check_isrc",
    "check_upc",
    "metadata_of",
    "read_tags",
]

_UNKNOWN_ARTIST = "Unknown artist"

log = structlog.get_logger()


def read_tags(master: Path) -> Tags:
    """The tags in their neutral form. Those that cannot be read within bounds are no tags."""
    try:
        printed = run_apart("legato.ingest.tag_formats.parse", str(master.absolute()))
    except ApartError as error:
        log.warning("tags_not_read", file=master.name, error=str(error))
        return NO_TAGS
    return Tags.from_json(json.loads(printed))


def metadata_of(tags: Tags, *, name: str, artist: str | None = None) -> Metadata:
    """Title, artist and ISRC of a master that came as the file `name`; its stem may be the title.

    `artist`, where given, goes before the tags.
    """
    return Metadata(
        title=tags.title or printable(Path(name).stem) or name,
        artist=artist or next(iter(tags.artists), None) or _UNKNOWN_ARTIST,
        isrc=tags.isrc,
    )
