"""Deals: the terms under which a track may be heard, as a label states them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from legato.catalog import tracks
from legato.catalog.database import new_id, now_ms
from legato.catalog.rights.territories import WORLDWIDE, is_territory
from legato.catalog.schema import DealRow, DealTerritoryRow
from legato.errors import BadInput

# So that a time stays one in every zone; "for ever" is no year but None.
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 9998


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """Leave to hear a track in some territories, from a time on, up to a time.

    Territories are ISO 3166-1 alpha-2 codes or `Worldwide`; those in `excluded` are taken out
    again. The deal holds in [starts_at, ends_at), both by the clock of the listener's territory;
    None: always, for ever. `tiers` names those that may hear it; None: all.
    """

    territories: frozenset[str] = frozenset({WORLDWIDE})
    excluded: frozenset[str] = frozenset()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    tiers: frozenset[str] | None = None

    def __post_init__(self) -> None:
        """Raises BadInput `bad_deal`, which says what cannot be."""
        self._check_territories()
        self._check_times()
        if self.tiers is not None and not self.tiers:
            raise _bad_deal("found no tier, expected one or more, or None for all")

    def _check_territories(self) -> None:
        if not self.territories:
            raise _bad_deal(f"found no territory, expected {WORLDWIDE} or a country")
        for code in sorted(self.territories - {WORLDWIDE} | self.excluded):
            if not is_territory(code):
                raise _bad_deal(
                    f"territory: found {code!r}, expected ISO 3166-1 alpha-2 or {WORLDWIDE}"
                )
        if both := self.territories & self.excluded:
            raise _bad_deal(f"territory {min(both)}: found it included and excluded")

    def _check_times(self) -> None:
        for name, at in (("starts_at", self.starts_at), ("ends_at", self.ends_at)):
            if at is None:
                continue
            if at.tzinfo is not None or at.microsecond:
                raise _bad_deal(f"{name}: found {at}, expected a local time in whole seconds")
            if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
                raise _bad_deal(
                    f"{name}: found {at}, expected a year of {_FIRST_YEAR} to {_LAST_YEAR}, or None"
                )
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise _bad_deal(
                f"found an end at {self.ends_at}, expected one after the start at {self.starts_at}"
            )


def add_deal(session: Session, track_id: str, deal: Deal) -> str:
    """Let a track be heard under one deal more; answers its id. Raises NotFound."""
    tracks.find_track(session, track_id)
    return _insert(session, track_id, deal)


def replace_deals(session: Session, track_id: str, deals: Iterable[Deal]) -> None:
    """Let a track be heard under these deals and no others; raises NotFound.

    Raises BadInput `bad_deal` for none at all: `remove_deals` says that. Grants that stand on the
    deals of before are not ended by this.
    """
    wanted = list(deals)
    if not wanted:
        raise _bad_deal("found none, expected one or more; without any, all the world may hear it")
    remove_deals(session, track_id)
    for deal in wanted:
        _insert(session, track_id, deal)


def remove_deals(session: Session, track_id: str) -> None:
    """Let a track be its tenant's own again, heard everywhere; raises NotFound."""
    tracks.find_track(session, track_id)
    old = select(DealRow.deal_id).where(DealRow.track_id == track_id)
    session.execute(delete(DealTerritoryRow).where(DealTerritoryRow.deal_id.in_(old)))
    session.execute(delete(DealRow).where(DealRow.track_id == track_id))


def deals_of(session: Session, track_id: str) -> list[Deal]:
    """The deals of a track, in the order they came; one query."""
    return deals_of_tracks(session, [track_id]).get(track_id, [])


def deals_of_tracks(session: Session, track_ids: Sequence[str]) -> dict[str, list[Deal]]:
    """The deals of each of these tracks that has any, in the order they came; one query."""
    rows = session.execute(
        select(
            DealRow.track_id,
            DealRow.deal_id,
            DealRow.starts_at,
            DealRow.ends_at,
            DealRow.tiers,
            DealTerritoryRow.territory,
            DealTerritoryRow.excluded,
        )
        .join(DealTerritoryRow, DealTerritoryRow.deal_id == DealRow.deal_id)
        .where(DealRow.track_id.in_(track_ids))
        .order_by(DealRow.created_at_ms, DealRow.deal_id)
    )
    found: dict[str, list[Deal]] = {}
    for _, group in groupby(rows, key=attrgetter("deal_id")):
        of_one = list(group)
        found.setdefault(of_one[0].track_id, []).append(_deal(of_one))
    return found


def _deal(rows: Sequence[Any]) -> Deal:
    """The deal of its rows, one a territory."""
    first = rows[0]
    return Deal(
        territories=frozenset(row.territory for row in rows if not row.excluded),
        excluded=frozenset(row.territory for row in rows if row.excluded),
        starts_at=datetime.fromisoformat(first.starts_at) if first.starts_at else None,
        ends_at=datetime.fromisoformat(first.ends_at) if first.ends_at else None,
        tiers=frozenset(first.tiers) if first.tiers is not None else None,
    )


def _insert(session: Session, track_id: str, deal: Deal) -> str:
    row = DealRow(
        deal_id=new_id(),
        track_id=track_id,
        starts_at=deal.starts_at.isoformat() if deal.starts_at else None,
        ends_at=deal.ends_at.isoformat() if deal.ends_at else None,
        tiers=sorted(deal.tiers) if deal.tiers is not None else None,
        created_at_ms=now_ms(),
    )
    session.add(row)
    session.flush()
    session.add_all(
        DealTerritoryRow(deal_id=row.deal_id, territory=code, excluded=code in deal.excluded)
        for code in deal.territories | deal.excluded
    )
    session.flush()
    return row.deal_id


def _bad_deal(message: str) -> BadInput:
    return BadInput("bad_deal", f"deal: {message}")
