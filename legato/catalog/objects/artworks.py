"""Artworks: covers in their square sizes, and which one a track shows."""

from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from legato.catalog.database import now_ms
from legato.catalog.insertion import insert_if_new
from legato.catalog.objects import references
from legato.catalog.schema import ArtworkRow, TrackArtworkRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Artwork:
    """A cover; `sizes` are the sides of its squares, largest first."""

    artwork_id: str
    sizes: tuple[int, ...]


def artwork_key(artwork_id: str, size: int) -> str:
    """Where a square is stored, which is the address that it has."""
    return f"artwork/{artwork_id}/{size}.jpg"


def add_artwork(session: Session, artwork: Artwork, source_sha256: str) -> None:
    """Remember an artwork whose squares are in the store; once more is a no-op.

    `source_sha256` is of the image that it was made from.
    """
    insert_if_new(
        session,
        ArtworkRow,
        artwork_id=artwork.artwork_id,
        source_sha256=source_sha256,
        sizes={str(size): size for size in artwork.sizes},
        created_at_ms=now_ms(),
    )


def made_from(session: Session, source_sha256: str) -> str | None:
    """The artwork that was made from an image before; nobody collects it in this transaction."""
    query = select(ArtworkRow.artwork_id).where(ArtworkRow.source_sha256 == source_sha256)
    return session.scalar(query.order_by(ArtworkRow.artwork_id).limit(1).with_for_update())


def artwork_of_track(session: Session, track_id: str) -> Artwork | None:
    """What a track shows."""
    row = session.scalar(
        select(ArtworkRow)
        .join(TrackArtworkRow, TrackArtworkRow.artwork_id == ArtworkRow.artwork_id)
        .where(TrackArtworkRow.track_id == track_id)
    )
    return _artwork(row) if row is not None else None


def show_artwork(session: Session, track_id: str, artwork_id: str | None) -> None:
    """Let a track show an artwork in place of what it showed, or none."""
    before = references.named_by(session, [track_id])
    shown = TrackArtworkRow.track_id == track_id
    if artwork_id is None:
        session.execute(delete(TrackArtworkRow).where(shown))
    else:
        insert_if_new(session, TrackArtworkRow, track_id=track_id, artwork_id=artwork_id)
        session.execute(update(TrackArtworkRow).where(shown).values(artwork_id=artwork_id))
    references.settle(session, before)
    references.settle_track(session, track_id)


def _artwork(row: ArtworkRow) -> Artwork:
    return Artwork(artwork_id=row.artwork_id, sizes=tuple(sorted(row.sizes.values(), reverse=True)))
