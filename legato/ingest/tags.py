"""What a master's own tags say of it."""

import re
from pathlib import Path
from typing import Any

import mutagen

from legato.catalog.tracks import Metadata

ISRC_PATTERN = "[A-Z]{2}[A-Z0-9]{3}[0-9]{7}"
_TITLE_LIMIT = 500
_UNKNOWN_ARTIST = "Unknown artist"
_ID3_FRAMES = {"title": "TIT2", "artist": "TPE1", "isrc": "TSRC"}


def read_metadata(master: Path, *, name: str, artist: str | None = None) -> Metadata:
    """Title, artist and ISRC from the tags; without a title, the file's name is one.

    `artist`, where given, goes before the tags. Tags that cannot be read are no tags.
    """
    tags = _read_tags(master)
    return Metadata(
        title=_first(tags, "title") or _printable(Path(name).stem) or name,
        artist=artist or _first(tags, "artist") or _UNKNOWN_ARTIST,
        isrc=_isrc(_first(tags, "isrc")),
    )


def _isrc(text: str | None) -> str | None:
    """An ISRC as it is written without hyphens (ISO 3901); what is none is no ISRC."""
    plain = (text or "").replace("-", "").upper()
    return plain if re.fullmatch(ISRC_PATTERN, plain, re.ASCII) else None


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
            if text := _printable(str(value or "")):
                return text
    return None


def _printable(text: str) -> str:
    """Without control and direction characters, and no longer than a title may be."""
    return "".join(part for part in text if part.isprintable()).strip()[:_TITLE_LIMIT]
