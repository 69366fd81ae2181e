"""What is heard, the files that hold it, and what is delivered of it."""

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from legato.catalog.schema.table import Table


class RecordingRow(Table):
    """What is heard, once however many files hold it.

    `examination` is what the quality gate measured of its samples.
    """

    __tablename__ = "recordings"

    audio_id: Mapped[str] = mapped_column(primary_key=True)
    lossless: Mapped[bool]
    sample_rate_hz: Mapped[int]
    channels: Mapped[int]
    samples: Mapped[int] = mapped_column(index=True)
    created_at_ms: Mapped[int]
    examination: Mapped[dict[str, Any] | None]


class FingerprintRow(Table):
    """A recording's Chromaprint: its words as little-endian 32-bit integers."""

    __tablename__ = "fingerprints"

    audio_id: Mapped[str] = mapped_column(ForeignKey("recordings.audio_id"), primary_key=True)
    words: Mapped[bytes]


class FingerprintTermRow(Table):
    """Where to look for recordings that sound alike: a word, cut short, and who has it."""

    __tablename__ = "fingerprint_terms"
    __table_args__ = (Index(None, "audio_id"),)

    term: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    audio_id: Mapped[str] = mapped_column(ForeignKey("recordings.audio_id"), primary_key=True)


class ReviewRow(Table):
    """Two recordings that may be one: for the operator to look at, and nobody else."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("audio_id", "other_audio_id"), Index(None, "state"))

    review_id: Mapped[str] = mapped_column(primary_key=True)
    audio_id: Mapped[str] = mapped_column(ForeignKey("recordings.audio_id"))
    other_audio_id: Mapped[str] = mapped_column(ForeignKey("recordings.audio_id"), index=True)
    similarity: Mapped[float]
    state: Mapped[str]
    note: Mapped[str | None]
    created_at_ms: Mapped[int]
    decided_at_ms: Mapped[int | None]


class MasterRow(Table):
    """A file as uploaded; `audio_id` once it has been identified.

    `examination` is what the quality gate found of the file itself. `unreferenced_at_ms` is when
    the last that referred to it let go; `removed_at_ms` when its bytes left the store.
    """

    __tablename__ = "masters"

    master_id: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    audio_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.audio_id"), index=True)
    created_at_ms: Mapped[int]
    examination: Mapped[dict[str, Any] | None]
    unreferenced_at_ms: Mapped[int | None]
    removed_at_ms: Mapped[int | None]


class ArtworkRow(Table):
    """A cover in its square sizes; `artwork_id` is the SHA-256 of the largest.

    `source_sha256` is of the image that it was made from, which so is decoded once.
    """

    __tablename__ = "artworks"

    artwork_id: Mapped[str] = mapped_column(primary_key=True)
    source_sha256: Mapped[str | None] = mapped_column(index=True)
    sizes: Mapped[dict[str, Any]]
    created_at_ms: Mapped[int]
    unreferenced_at_ms: Mapped[int | None]


class AssetRow(Table):
    """What is delivered of a recording, at one revision of the ladder."""

    __tablename__ = "assets"
    __table_args__ = (UniqueConstraint("audio_id", "ladder"),)

    asset_id: Mapped[str] = mapped_column(primary_key=True)
    audio_id: Mapped[str] = mapped_column(ForeignKey("recordings.audio_id"))
    ladder: Mapped[str]
    created_at_ms: Mapped[int]
    unreferenced_at_ms: Mapped[int | None]
