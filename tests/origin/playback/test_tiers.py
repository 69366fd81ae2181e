"""Tiers: what each may hear, and what LEGATO_TIERS cannot say."""

import pytest

from legato.errors import BadInput
from legato.origin.playback.tiers import HIGHEST_BPS, parse_tiers
from legato.settings import Settings


def test_the_tiers_that_are_set_by_default() -> None:
    tiers = parse_tiers(Settings.model_fields["tiers"].default)

    assert [(tier.name, tier.highest_bps) for tier in tiers.by_name.values()] == [
        ("free", 160_000), ("premium", 320_000),
    ]  # fmt: skip
    assert (tiers.least.name, tiers.highest.name) == ("free", "premium")


@pytest.mark.parametrize(
    ("kbps", "granted_kbps", "playlist", "renditions"),
    [
        (96, 96, "index-96.m3u8", ["vorbis-96", "aac-96"]),
        (100, 96, "index-96.m3u8", ["vorbis-96", "aac-96"]),
        (160, 160, "index-160.m3u8", ["vorbis-96", "vorbis-160", "aac-96", "aac-160"]),
        (319, 160, "index-160.m3u8", ["vorbis-96", "vorbis-160", "aac-96", "aac-160"]),
    ],
)
def test_a_tier_stops_at_the_best_rendition_within_it(
    kbps: int, granted_kbps: int, playlist: str, renditions: list[str]
) -> None:
    tier = parse_tiers(f"free:{kbps}").least

    assert tier.granted_bps == granted_kbps * 1000
    assert (tier.playlist, tier.renditions) == (playlist, renditions)


@pytest.mark.parametrize("kbps", [320, 1411])
def test_a_tier_at_the_ladders_top_hears_all(kbps: int) -> None:
    tier = parse_tiers(f"premium:{kbps}").least

    assert (tier.granted_bps, tier.playlist) == (HIGHEST_BPS, "index.m3u8")
    assert len(tier.renditions) == 6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "tier 1: found '', expected name:kbit/s"),
        ("free:160,", "tier 2: found ''"),
        ("free", "tier 1: found 'free'"),
        ("free:160k", "tier 1: found 'free:160k'"),
        ("free:160,free:320", "tier 2: found 'free:320', expected a name of its own"),
        ("premium:320,free:160", "tier 2: found 'free:160', expected the least tier first"),
        ("free:64", "tier 1: found 'free:64', expected 96 kbit/s or more"),
    ],
)
def test_tiers_that_cannot_be_are_refused_by_their_number(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        parse_tiers(text)

    assert refused.value.code == "bad_setting"
    assert "LEGATO_TIERS" in refused.value.message
