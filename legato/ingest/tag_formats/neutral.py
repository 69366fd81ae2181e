"""What tags say, whichever container they stand in: the neutral form, and how text becomes it."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from itertools import islice
from typing import Any, Final, Self

from legato.ingest.tag_formats.identifiers import check_isrc, check_upc, if_valid

TEXT_LIMIT: Final = 500
_COMMENT_LIMIT: Final = 2_000
# Values of one field, and pictures, that are looked at; of those values so many are kept.
_LOOKED_AT: Final = 100
_KEPT: Final = 20
FRONT_COVER: Final = 3
_NUMBER: Final = re.compile(r"\s*(\d{1,4})\s*(?:/\s*(\d{1,4}))?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}", re.ASCII)
_MEDIA_TYPE: Final = re.compile(r"image/[a-z0-9.+-]{1,40}", re.ASCII)

# What a container says under a neutral name: texts, as they stand there.
Said = Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A picture in the tags, with its bytes; `kind` is ID3v2.4's (frames §4.14), 3 the front."""

    kind: int
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The same without its bytes; the media type is what the tag claims."""

    kind: int
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """All that is taken from a master's tags: printable text, bounded; pictures front cover first.

    `date` is a year, a month or a day (ISO 8601); `language` of two or three letters (ISO 639).
    """

    title: str | None = None
    artists: tuple[str, ...] = ()
    album: str | None = None
    album_artists: tuple[str, ...] = ()
    track_number: int | None = None
    track_total: int | None = None
    disc_number: int | None = None
    disc_total: int | None = None
    date: str | None = None
    genres: tuple[str, ...] = ()
    composers: tuple[str, ...] = ()
    label: str | None = None
    copyright: str | None = None
    comment: str | None = None
    language: str | None = None
    isrc: str | None = None
    upc: str | None = None
    pictures: tuple[Picture, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What was found, and no word of what was not."""
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The same again; what another version has stored beyond these fields is left out."""
        known = {field.name for field in fields(cls)} - {"pictures"}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in stored.items()
            if name in known
        }
        pictures = tuple(Picture(**one) for one in stored.get("pictures", ()))
        return cls(**values, pictures=pictures)


def tags_from(said: Said, embedded: Iterable[Embedded]) -> Tags:
    """The neutral form of what one container says."""
    track_number, track_total = _numbers(said, "track")
    disc_number, disc_total = _numbers(said, "disc")
    return Tags(
        title=_first(said, "title"),
        artists=_all(said, "artist"),
        album=_first(said, "album"),
        album_artists=_all(said, "album_artist"),
        track_number=track_number,
        track_total=track_total,
        disc_number=disc_number,
        disc_total=disc_total,
        date=_matching(_DATE, _first(said, "date")),
        genres=_all(said, "genre"),
        composers=_all(said, "composer"),
        label=_first(said, "label"),
        copyright=_first(said, "copyright", _COMMENT_LIMIT),
        comment=_first(said, "comment", _COMMENT_LIMIT),
        language=_matching(_LANGUAGE, (_first(said, "language") or "").lower()),
        isrc=if_valid(check_isrc, _first(said, "isrc")),
        upc=if_valid(check_upc, _first(said, "upc")),
        pictures=tuple(map(_described, front_first(embedded))),
    )


def front_first(embedded: Iterable[Embedded]) -> list[Embedded]:
    """Front covers, then whatever else there is, each in the order of the file."""
    looked_at = [one for one in islice(embedded, _LOOKED_AT) if one.data]
    return sorted(looked_at, key=lambda one: one.kind != FRONT_COVER)


def printable(text: str, most: int = TEXT_LIMIT) -> str:
    """Without control and direction characters, and no longer than that."""
    return "".join(part for part in text[: 4 * most] if part.isprintable()).strip()[:most]


def _all(said: Said, name: str, most: int = TEXT_LIMIT) -> tuple[str, ...]:
    """The values of a field: none empty, none twice, in their order."""
    texts = (printable(text, most) for text in islice(said(name), _LOOKED_AT))
    return tuple(islice(dict.fromkeys(filter(None, texts)), _KEPT))


def _first(said: Said, name: str, most: int = TEXT_LIMIT) -> str | None:
    return next(iter(_all(said, name, most)), None)


def _numbers(said: Said, name: str) -> tuple[int | None, int | None]:
    """A number and of how many: `3/12` in one field, or in two."""
    found = _NUMBER.match(_first(said, name) or "")
    total = _NUMBER.match(_first(said, f"{name}_total") or "")
    number, of = found.groups() if found else (None, None)
    return int(number or 0) or None, int(of or (total[1] if total else 0)) or None


def _matching(pattern: re.Pattern[str], text: str | None) -> str | None:
    found = pattern.match(text or "")
    return found[0] if found else None


def _described(picture: Embedded) -> Picture:
    claimed = picture.media_type.lower()
    return Picture(
        kind=picture.kind,
        media_type=claimed if _MEDIA_TYPE.fullmatch(claimed) else "application/octet-stream",
        size_bytes=len(picture.data),
        sha256=hashlib.sha256(picture.data).hexdigest(),
    )


NO_TAGS: Final = Tags()
