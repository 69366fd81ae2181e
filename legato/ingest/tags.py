"""What a master's own tags say of it."""

from pathlib import Path
from typing import Any

import mutagen

from legato.catalog.tracks import Metadata

_TITLE_LIMIT = 500
_UNKNOWN_ARTIST = "Unknown artist"
_ID3_FRAMES = {"title": "TIT2", "artist": "TPE1", "isrc": "TSRC"}


def read_metadata(master: Path, *, name: str, artist: str | None = None) -> Metadata:
    """Title, artist and ISRC from the tags; without a title, the file's name is one.

    `artist`, where given, goes before the tags. Tags that cannot be read are no tags.
    """
    tags = _read_tags(master)
    return Metadata(
        title=_first(tags, "title") or Path(name).stem,
        artist=artist or _first(tags, "artist") or _UNKNOWN_ARTIST,
        isrc=_first(tags, "isrc"),
    )


def _read_tags(master: Path) -> Any:
    try:
        file = mutagen.File(master, easy=True)
    except (mutagen.MutagenError, OSError, ValueError, LookupError, ArithmeticError):
        return {}
    return (file.tags or {}) if file is not None else {}


def _first(tags: Any, key: str) -> str | None:
    """The first value under a neutral name; WAV and AIFF carry bare ID3 frames."""
    for name in (key, _ID3_FRAMES[key]):
        try:
            values = tags.get(name)
        except (KeyError, ValueError):  # a format that has no such tag
            continue
        values = getattr(values, "text", values)
        for value in values if isinstance(values, list) else [values]:
            text = "".join(part for part in str(value or "") if part.isprintable()).strip()
            if text:
                return text[:_TITLE_LIMIT]
    return None
