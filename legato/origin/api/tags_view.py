"""The tags of a track's master as the API shows them."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from legato.ingest.tags import Tags


class PictureView(BaseModel):
    """A picture in the file; `kind` is ID3v2.4's (frames §4.14), 3 the front cover."""

    model_config = ConfigDict(from_attributes=True)

    kind: int
    media_type: str
    size_bytes: int
    sha256: str


class TagsView(BaseModel):
    """What the file itself says; the track's own title, artist and ISRC go before it."""

    model_config = ConfigDict(from_attributes=True)

    title: str | None
    artists: list[str]
    album: str | None
    album_artists: list[str]
    track_number: int | None
    track_total: int | None
    disc_number: int | None
    disc_total: int | None
    date: str | None
    genres: list[str]
    composers: list[str]
    label: str | None
    copyright: str | None
    comment: str | None
    language: str | None
    isrc: str | None
    upc: str | None
    pictures: list[PictureView]

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Self | None:
        """None until the tags have been read."""
        return cls.model_validate(Tags.from_json(stored)) if stored is not None else None
