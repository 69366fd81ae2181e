"""Upload-Metadata: what a sender says of its master (tus, "Creation")."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from legato.catalog.objects.uploads import Described
from legato.errors import BadInput
from legato.ingest.tags import check_isrc
from legato.origin.api.file_name import last_part

_MOST_CHARACTERS: Final = 500
_TEXT: Final = (
    lambda text: len(text) <= _MOST_CHARACTERS,
    f"at most {_MOST_CHARACTERS} characters",
)
# What a value must be, and how to say so; a key without a value is a flag that is set.
_EXPECTED: Final[Mapping[str, tuple[Callable[[str], object], str]]] = {
    "filename": _TEXT,
    "title": _TEXT,
    "artist": _TEXT,
    "public": (lambda text: text in ("true", "false", ""), "true or false"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is known of a master before it comes; `replaces` names the track it is new audio of."""

    file_name: str
    described: Described
    replaces: str | None


def read_metadata(header: str | None) -> Said:
    """Read filename, title, artist, isrc, public and replaces; other keys say nothing to us.

    Raises BadInput `bad_metadata`, `bad_isrc`, `bad_text`.
    """
    pairs = _pairs(header)
    for key, (fits, expected) in _EXPECTED.items():
        if key in pairs and not fits(pairs[key]):
            raise _bad(key, repr(pairs[key]), expected)
    return Said(
        file_name=last_part(pairs.get("filename")),
        described=Described(
            title=pairs.get("title") or None,
            artist=pairs.get("artist") or None,
            isrc=check_isrc(pairs["isrc"]) if pairs.get("isrc") else None,
            public=pairs.get("public", "false") != "false",
            header=header or None,
        ),
        replaces=pairs.get("replaces") or None,
    )


def _pairs(header: str | None) -> dict[str, str]:
    """Keys and values: a key, a space, Base64 of UTF-8; commas between them."""
    pairs: dict[str, str] = {}
    for pair in (header or "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key in pairs:
            raise _bad(key, "it twice", "each key once")
        if key:
            pairs[key] = _decoded(key, value)
    return pairs


def _decoded(key: str, value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise _bad(key, repr(value), "Base64 of UTF-8") from error


def _bad(key: str, found: str, expected: str) -> BadInput:
    return BadInput("bad_metadata", f"Upload-Metadata, {key}: found {found}, expected {expected}")
