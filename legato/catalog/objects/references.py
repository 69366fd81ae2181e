"""References: who needs a master, an asset, an artwork.

A reference is a row. A track that is neither deleted nor refused refers to its master, to its
asset and to every asset of its recording; one that is not deleted to its artwork; former audio
to what it was, until it is over. So references are counted by the database itself, in the
transaction that makes or ends them, and cannot drift. An upload under way refers to nothing:
until it has become a track, a hold keeps what it puts.

`unreferenced_at_ms` says since when there has been none, for the collector's grace. It is a mark,
which two transactions at once may leave wrong: the collector mends it, and looks at the rows
themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    case,
    exists,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from legato.catalog.database import now_ms
from legato.catalog.schema import (
    ArtworkRow,
    AssetRow,
    FormerAudioRow,
    MasterRow,
    TrackArtworkRow,
    TrackRow,
)
from legato.catalog.track_state import TrackState

_KEPT: Final = TrackRow.deleted_at_ms.is_(None)
_NEEDS_AUDIO: Final = and_(_KEPT, TrackRow.state != TrackState.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What can be referred to: its table, its id, and what refers to a row of it.

    `by_former` is a reference of former audio, which is over at a time.
    """

    row: type[Any]
    id: InstrumentedAttribute[str]
    by_tracks: ColumnElement[bool]
    by_former: ColumnElement[bool] | None = None

    @property
    def referenced(self) -> ColumnElement[bool]:
        """Whether any row refers to it."""
        return self._referenced()

    def referenced_after(self, time_ms: int) -> ColumnElement[bool]:
        """The same, without former audio that is over by then."""
        return self._referenced(FormerAudioRow.until_ms > time_ms)

    @property
    def wrongly_marked(self) -> ColumnElement[bool]:
        """Whether a row's mark says what is not so."""
        marked = self.row.unreferenced_at_ms.is_not(None)
        return or_(and_(self.referenced, marked), and_(~self.referenced, ~marked))

    def _referenced(self, *former_that: ColumnElement[bool]) -> ColumnElement[bool]:
        if self.by_former is None:
            return self.by_tracks
        return or_(self.by_tracks, exists().where(self.by_former, *former_that))


MASTERS: Final = Kind(
    row=MasterRow,
    id=MasterRow.master_id,
    by_tracks=exists().where(TrackRow.master_id == MasterRow.master_id, _NEEDS_AUDIO),
    by_former=FormerAudioRow.master_id == MasterRow.master_id,
)
ASSETS: Final = Kind(
    row=AssetRow,
    id=AssetRow.asset_id,
    by_tracks=or_(
        exists().where(TrackRow.audio_id == AssetRow.audio_id, _NEEDS_AUDIO),
        exists().where(TrackRow.asset_id == AssetRow.asset_id, _NEEDS_AUDIO),
    ),
    by_former=FormerAudioRow.asset_id == AssetRow.asset_id,
)
ARTWORKS: Final = Kind(
    row=ArtworkRow,
    id=ArtworkRow.artwork_id,
    by_tracks=exists().where(
        TrackArtworkRow.artwork_id == ArtworkRow.artwork_id,
        TrackArtworkRow.track_id == TrackRow.track_id,
        _KEPT,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What tracks name, whether that is a reference or not; `audio`: a recording's every asset."""

    masters: frozenset[str] = frozenset()
    audio: frozenset[str] = frozenset()
    assets: frozenset[str] = frozenset()
    artworks: frozenset[str] = frozenset()


def named_by(session: Session, track_ids: Sequence[str]) -> Named:
    """What these tracks name, and what they were before their audio was replaced."""
    now = select(TrackRow.master_id, TrackRow.audio_id, TrackRow.asset_id)
    former = select(FormerAudioRow.master_id, literal(None), FormerAudioRow.asset_id)
    rows = [
        *session.execute(now.where(TrackRow.track_id.in_(track_ids))),
        *session.execute(former.where(FormerAudioRow.track_id.in_(track_ids))),
    ]
    artworks = select(TrackArtworkRow.artwork_id).where(TrackArtworkRow.track_id.in_(track_ids))
    return Named(
        masters=_known(row[0] for row in rows),
        audio=_known(row[1] for row in rows),
        assets=_known(row[2] for row in rows),
        artworks=_known(session.scalars(artworks)),
    )


def settle(session: Session, named: Named) -> None:
    """Mark these as referenced or not, after a change of who refers to them."""
    for kind, column, ids in (
        (MASTERS, MasterRow.master_id, named.masters),
        (ASSETS, AssetRow.audio_id, named.audio),
        (ASSETS, AssetRow.asset_id, named.assets),
        (ARTWORKS, ArtworkRow.artwork_id, named.artworks),
    ):
        if ids:
            mark(session, kind, column.in_(sorted(ids)))


def settle_track(session: Session, track_id: str) -> None:
    """Mark what a track names, after it has begun to refer to it, or has ceased to."""
    settle(session, named_by(session, [track_id]))


def mark(session: Session, kind: Kind, which: ColumnElement[bool]) -> None:
    """Let the marks of these be right; a row whose mark is so already is not touched.

    Nor one that somebody else has locked: they may be about to refer to it, and the collector
    mends what is wrong after that.
    """
    wrong = select(kind.id).where(which, kind.wrongly_marked).order_by(kind.id)
    locked = session.scalars(wrong.with_for_update(skip_locked=True, key_share=True)).all()
    if not locked:
        return
    since = case((kind.referenced, None), else_=literal(now_ms(), BigInteger))
    session.execute(
        update(kind.row)
        .where(kind.id.in_(locked), kind.wrongly_marked)
        .values(unreferenced_at_ms=since)
        .execution_options(synchronize_session=False)
    )


def _known(ids: Iterable[str | None]) -> frozenset[str]:
    return frozenset(one for one in ids if one is not None)
