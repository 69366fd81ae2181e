"""A master's tags by mutagen: `python -m legato.ingest.tag_formats.parse PATH` prints them.

mutagen reads what tags say of themselves, and unpacks what is packed in them, without bounds:
this runs in a process apart (legato/ingest/apart.py).
"""

import json
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import mutagen
from mutagen._vorbis import VCommentDict
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3
from mutagen.mp4 import MP4Tags

from legato.ingest.apart import bound_this_process
from legato.ingest.tag_formats import apev2, id3, mp4_atoms, vorbis_comments
from legato.ingest.tag_formats.neutral import NO_TAGS, Embedded, Tags, front_first, tags_from


class TagFormat(Protocol):
    """How one container keeps its tags; both get what mutagen made of the file."""

    def texts(self, file: Any, name: str) -> Iterator[str]: ...

    def pictures(self, file: Any) -> Iterator[Embedded]: ...


_FORMATS: Final[tuple[tuple[type, TagFormat], ...]] = (
    (ID3, id3),
    (MP4Tags, mp4_atoms),
    (APEv2, apev2),
    (VCommentDict, vorbis_comments),
)


def parse_tags(master: Path) -> Tags:
    """All that the tags say; nothing where there are none, or none that can be read."""
    try:
        file = mutagen.File(master)
        if file is None:
            return NO_TAGS
        form = _format_of(file)
        return tags_from(partial(form.texts, file), form.pictures(file))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a parser trips over, there are no tags then
        return NO_TAGS


def parse_front_cover(master: Path) -> bytes | None:
    """The image of the front cover, else of the first picture there is."""
    try:
        file = mutagen.File(master)
        found: Iterable[Embedded] = _format_of(file).pictures(file) if file is not None else ()
        return next((picture.data for picture in front_first(found)), None)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - as above
        return None


def _format_of(file: Any) -> TagFormat:
    """By the tags that are there; a FLAC may have pictures and no other tags."""
    for kind, module in _FORMATS:
        if isinstance(file.tags, kind):
            return module
    return vorbis_comments


if __name__ == "__main__":
    bound_this_process()
    sys.stdout.write(json.dumps(parse_tags(Path(sys.argv[1])).to_json()))
