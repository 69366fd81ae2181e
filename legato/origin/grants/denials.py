"""The denials that are live, in memory: asked on every request, replaced whole."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from legato.catalog.denials import Denial, DenialKind
from legato.origin.grants.grant import Grant

# What edges are told; the origin alone is asked for an asset without a grant.
_FOR_EDGES: Final = (DenialKind.GRANT, DenialKind.TRACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Live:
    """One set of denials, never altered."""

    grants: frozenset[str]
    tracks: Mapping[str, int]
    assets: frozenset[str]
    listing: str
    etag: str

    @classmethod
    def of(cls, denials: Iterable[Denial]) -> Self:
        every = sorted(denials, key=lambda denial: (denial.kind, denial.subject))
        listing = "".join(one.line for one in every if one.kind in _FOR_EDGES)
        return cls(
            grants=frozenset(one.subject for one in every if one.kind is DenialKind.GRANT),
            tracks={one.subject: one.denied_at_s for one in every if one.kind is DenialKind.TRACK},
            assets=frozenset(one.subject for one in every if one.kind is DenialKind.ASSET),
            listing=listing,
            etag=f'"{hashlib.sha256(listing.encode()).hexdigest()[:32]}"',
        )


class Denials:
    """Whether a grant is denied; every thread may ask while another replaces the set."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._live = _Live.of(())
        self._clock = clock
        self._confirmed_at_s: float | None = None

    def assume(self, denials: Iterable[Denial]) -> None:
        """These hold until the catalogue has been asked; that does not make them fresh."""
        self._live = _Live.of(denials)

    def replace(self, denials: Iterable[Denial]) -> None:
        """From now on these hold, and no others: the catalogue says so."""
        self._live = _Live.of(denials)
        self.confirm()

    def confirm(self) -> None:
        """The catalogue has said that nothing has changed."""
        self._confirmed_at_s = self._clock()

    def denies(self, grant: Grant) -> bool:
        """Whether this grant, or its track's grants of its time, are denied."""
        live = self._live
        if grant.grant_id in live.grants:
            return True
        denied_at_s = live.tracks.get(grant.track_id)
        return denied_at_s is not None and grant.issued_at_s <= denied_at_s

    def denies_asset(self, asset_id: str) -> bool:
        """Whether no live track uses it: asked where an edge has judged the grant, and kept it."""
        return asset_id in self._live.assets

    @property
    def age_s(self) -> float:
        """How long ago the catalogue was last asked; infinite before the first time."""
        confirmed_at_s = self._confirmed_at_s
        return float("inf") if confirmed_at_s is None else self._clock() - confirmed_at_s

    def listing(self) -> tuple[str, str]:
        """What edges are told, a line a denial in order, and its strong ETag."""
        live = self._live
        return live.listing, live.etag
