"""Whether a track's deals let a listener hear it now, and until when. Pure.

A track without any deal is its tenant's own, and may be heard everywhere (docs/decisions/0011).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from legato.catalog.rights.rights import Deal
from legato.catalog.rights.territories import WORLDWIDE, moment_of
from legato.errors import Forbidden
from legato.origin.playback.tiers import Tier

# The clocks that read a time last and first of all there are.
_LAST_CLOCK: Final = timezone(timedelta(hours=-12))
_FIRST_CLOCK: Final = timezone(timedelta(hours=14))


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """Leave to hear a track now, up to `until` (UTC); None: for as long as nobody says else."""

    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    """A deal in the listener's territory, its times in UTC."""

    deal: Deal
    start: datetime | None
    end: datetime | None

    def holds(self, now: datetime) -> bool:
        return (self.start is None or self.start <= now) and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        return self.end is not None and self.end <= now


def decide(deals: Sequence[Deal], *, country: str | None, tier: Tier, now: datetime) -> License:
    """What the deals give a listener; where several hold, the one that lasts longest counts.

    `country` is a territory's code, or None where it is not known. Raises Forbidden
    `not_licensed_here`, or `tier` where only listeners of other tiers may hear it.
    """
    if not deals:
        return License(until=None)
    terms = [_term(deal, country) for deal in deals if _covers(deal, country)]
    holding = [term for term in terms if term.holds(now)]
    if not holding:
        raise Forbidden("not_licensed_here", _why_not(terms, country, now))
    open_to_tier = [term for term in holding if _admits(term.deal, tier)]
    if not open_to_tier:
        admitted = sorted({name for term in holding for name in term.deal.tiers or ()})
        raise Forbidden("tier", f"found a {tier.name} listener, expected {' or '.join(admitted)}")
    return License(until=_latest([term.end for term in open_to_tier]))


def instant(local: datetime, country: str | None, *, is_end: bool = False) -> datetime:
    """The moment (UTC) that a time on a territory's clock means.

    Without a territory, a start is when the last clock on earth reads it, and an end when the
    first does: nobody hears anything outside of its deal.
    """
    if country is None:
        return local.replace(tzinfo=_FIRST_CLOCK if is_end else _LAST_CLOCK).astimezone(UTC)
    return moment_of(local, country)


def _term(deal: Deal, country: str | None) -> _Term:
    return _Term(
        deal=deal,
        start=instant(deal.starts_at, country) if deal.starts_at else None,
        end=instant(deal.ends_at, country, is_end=True) if deal.ends_at else None,
    )


def _covers(deal: Deal, country: str | None) -> bool:
    """A listener whose country is not known is in deals that leave nobody out, and no others."""
    if country is None:
        return WORLDWIDE in deal.territories and not deal.excluded
    return country not in deal.excluded and not deal.territories.isdisjoint((country, WORLDWIDE))


def _admits(deal: Deal, tier: Tier) -> bool:
    return deal.tiers is None or tier.name in deal.tiers


def _latest(ends: Sequence[datetime | None]) -> datetime | None:
    known = [end for end in ends if end is not None]
    return max(known) if len(known) == len(ends) else None


def _why_not(terms: Sequence[_Term], country: str | None, now: datetime) -> str:
    """Words that tell of a start still to come, or of an end gone by, where there is one."""
    place = country or "a country that is not known"
    if starts := [term.start for term in terms if term.start and not term.is_over(now)]:
        return f"in {place} this may be heard from {min(starts).isoformat()} on"
    if ends := [term.end for term in terms if term.end]:
        return f"in {place} this could be heard until {max(ends).isoformat()}"
    return f"this may not be heard in {place}"
