"""Tiers: what kinds of listeners there are, and the bitrate that each stops at."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from legato.errors import BadInput
from legato.manifests.hls import HLS_CODEC
from legato.transcode.ladder import LADDER

HIGHEST_BPS: Final = max(rendition.nominal_bps for rendition in LADDER.renditions)
_HLS_RATES_BPS: Final = sorted(
    rendition.nominal_bps for rendition in LADDER.renditions if rendition.codec == HLS_CODEC
)
_LOWEST_KBPS: Final = _HLS_RATES_BPS[0] // 1000
_ENTRY = re.compile(r"([A-Za-z0-9_-]{1,32}):([1-9][0-9]{0,4})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Listeners who may hear renditions of up to `highest_bps`."""

    name: str
    highest_bps: int

    @property
    def granted_bps(self) -> int:
        """The bitrate of the best rendition that they may hear."""
        return max(one.nominal_bps for one in LADDER.renditions if self._admits(one.nominal_bps))

    @property
    def renditions(self) -> list[str]:
        """The names of those that they may hear."""
        return [one.name for one in LADDER.renditions if self._admits(one.nominal_bps)]

    @property
    def playlist(self) -> str:
        """The HLS playlist that names all that they may hear, and nothing above it."""
        if self.granted_bps == HIGHEST_BPS:
            return "index.m3u8"
        best_bps = max(rate for rate in _HLS_RATES_BPS if self._admits(rate))
        return f"index-{best_bps // 1000}.m3u8"

    def _admits(self, bitrate_bps: int) -> bool:
        return bitrate_bps <= self.highest_bps


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """All tiers by name, the least first."""

    by_name: Mapping[str, Tier]

    @property
    def least(self) -> Tier:
        return next(iter(self.by_name.values()))

    @property
    def highest(self) -> Tier:
        return list(self.by_name.values())[-1]


def parse_tiers(text: str) -> Tiers:
    """Read LEGATO_TIERS, `name:kbit/s` with commas between; raises BadInput that names the entry.

    A tier that could hear nothing in HLS is none.
    """
    by_name: dict[str, Tier] = {}
    least_bps = 0
    for number, item in enumerate(text.split(","), start=1):
        found = _ENTRY.fullmatch(item.strip())
        if found is None:
            raise _bad_entry(number, item, "name:kbit/s, as in free:160")
        name, highest_bps = found[1], int(found[2]) * 1000
        if name in by_name:
            raise _bad_entry(number, item, "a name of its own")
        if highest_bps < least_bps:
            raise _bad_entry(number, item, "the least tier first")
        if highest_bps < _HLS_RATES_BPS[0]:
            raise _bad_entry(number, item, f"{_LOWEST_KBPS} kbit/s or more")
        by_name[name] = Tier(name=name, highest_bps=highest_bps)
        least_bps = highest_bps
    return Tiers(by_name=by_name)


def _bad_entry(number: int, item: str, expected: str) -> BadInput:
    return BadInput(
        "bad_setting", f"LEGATO_TIERS, tier {number}: found {item.strip()!r}, expected {expected}"
    )
