"""Deals decide: where, when by whose clock, for which tiers, and until when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legato.catalog.rights.rights import Deal
from legato.catalog.rights.territories import zone_of
from legato.errors import Forbidden
from legato.origin.playback.rights import decide, instant
from legato.origin.playback.tiers import Tier

FREE = Tier(name="free", highest_bps=160_000)
PREMIUM = Tier(name="premium", highest_bps=320_000)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def deal(*territories: str, **terms: object) -> Deal:
    """A deal for territories; none: worldwide."""
    where = {"territories": frozenset(territories)} if territories else {}
    return Deal(**where, **terms)  # type: ignore[arg-type]


def until(
    *deals: Deal, country: str | None = "DE", tier: Tier = FREE, now: datetime = NOON
) -> datetime | None:
    return decide(deals, country=country, tier=tier, now=now).until


def refusal(
    *deals: Deal, country: str | None = "DE", tier: Tier = FREE, now: datetime = NOON
) -> tuple[str, str]:
    with pytest.raises(Forbidden) as refused:
        decide(deals, country=country, tier=tier, now=now)
    return refused.value.code, refused.value.message


def test_a_track_without_a_deal_may_be_heard_everywhere() -> None:
    assert until() is None
    assert until(country=None) is None


def test_a_deal_holds_in_its_territories_alone() -> None:
    assert until(deal("DE", "FR")) is None
    assert refusal(deal("DE", "FR"), country="US") == (
        "not_licensed_here", "this may not be heard in US",
    )  # fmt: skip


def test_worldwide_leaves_out_whom_it_excludes() -> None:
    without = deal(excluded=frozenset({"DE"}))

    assert until(without, country="FR") is None
    assert refusal(without)[0] == "not_licensed_here"


def test_another_deal_may_give_what_one_excludes() -> None:
    assert until(deal(excluded=frozenset({"DE"})), deal("DE")) is None


def test_who_is_nobody_knows_where_hears_only_what_is_free_everywhere() -> None:
    assert until(deal(), country=None) is None
    assert refusal(deal("DE"), country=None)[0] == "not_licensed_here"
    assert refusal(deal(excluded=frozenset({"US"})), country=None)[0] == "not_licensed_here"


def test_a_day_begins_by_the_listeners_own_clock() -> None:
    friday = deal(starts_at=local("2026-05-01T00:00"))
    thursday_1600 = datetime(2026, 4, 30, 16, tzinfo=UTC)

    assert until(friday, country="JP", now=thursday_1600) is None
    assert refusal(friday, country="DE", now=thursday_1600) == (
        "not_licensed_here", "in DE this may be heard from 2026-04-30T22:00:00+00:00 on",
    )  # fmt: skip


@pytest.mark.parametrize("country", ["DE", "US", "JP", "NP", None])
def test_a_deal_holds_from_its_first_second_up_to_its_last(country: str | None) -> None:
    bounded = deal(starts_at=local("2026-05-01T00:00"), ends_at=local("2026-06-01T00:00"))
    start = instant(local("2026-05-01T00:00"), country)
    end = instant(local("2026-06-01T00:00"), country, is_end=True)
    second = timedelta(seconds=1)

    assert until(bounded, country=country, now=start) == end
    assert until(bounded, country=country, now=end - second) == end
    assert "from" in refusal(bounded, country=country, now=start - second)[1]
    assert "until" in refusal(bounded, country=country, now=end)[1]


def test_where_the_country_is_not_known_nobody_on_earth_hears_it_early_or_late() -> None:
    at = local("2026-05-01T00:00")

    assert instant(at, None) == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert instant(at, None, is_end=True) == datetime(2026, 4, 30, 10, tzinfo=UTC)


@given(
    at=st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2037, 12, 31)),  # noqa: DTZ001
    country=st.sampled_from(["KI", "NZ", "WS", "UM", "US", "LI", "AU", "CL"]),
)
def test_no_territorys_clock_is_outside_of_the_two_last_ones(at: datetime, country: str) -> None:
    assert instant(at, None, is_end=True) <= instant(at, country) <= instant(at, None)


def test_a_time_that_the_clock_skips_is_never_early() -> None:
    """Berlin: 02:00 becomes 03:00 on 29 March 2026. Santiago: midnight becomes 01:00."""
    assert instant(local("2026-03-29T02:30"), "DE") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    midnight = instant(local("2026-09-06T00:00"), "CL")
    assert midnight == datetime(2026, 9, 6, 4, tzinfo=UTC)
    assert midnight.astimezone(zone_of("CL")).isoformat() == "2026-09-06T01:00:00-03:00"


def test_a_time_that_the_clock_shows_twice_is_the_first() -> None:
    assert instant(local("2026-10-25T02:30"), "DE") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_of_several_deals_the_longest_counts() -> None:
    june, july = local("2026-06-01T00:00"), local("2026-07-01T00:00")
    end = datetime(2026, 6, 30, 22, tzinfo=UTC)

    assert until(deal(ends_at=june), deal("DE", ends_at=july)) == end
    assert until(deal(ends_at=june), deal("DE", ends_at=july), deal("AT")) == end
    assert until(deal(ends_at=june), deal()) is None


def test_a_deal_to_come_lends_nothing_to_one_that_holds() -> None:
    now_on = deal(ends_at=local("2026-06-01T00:00"))
    later = deal(starts_at=local("2026-06-01T00:00"))

    assert until(now_on, later) == datetime(2026, 5, 31, 22, tzinfo=UTC)


def test_between_two_deals_the_next_start_is_told() -> None:
    past = deal(ends_at=local("2026-04-01T00:00"))
    next_, last = deal(starts_at=local("2026-06-01T00:00")), deal(starts_at=local("2027-01-01"))

    assert "from 2026-05-31T22:00:00+00:00" in refusal(past, last, next_)[1]


def test_a_deal_for_other_tiers_is_refused_by_its_tier() -> None:
    early = deal(tiers=frozenset({"premium"}))

    assert until(early, tier=PREMIUM) is None
    assert refusal(early) == ("tier", "found a free listener, expected premium")


def test_a_tiers_head_start_ends_when_all_may_hear() -> None:
    deals = (
        deal(tiers=frozenset({"premium"}), starts_at=local("2026-05-01T00:00")),
        deal(starts_at=local("2026-05-08T00:00")),
    )

    assert refusal(*deals)[0] == "tier"
    assert until(*deals, tier=PREMIUM) is None
    assert until(*deals, now=NOON + timedelta(days=8)) is None


def test_a_deal_of_another_tier_lends_none_of_its_time() -> None:
    short = deal(ends_at=local("2026-06-01T00:00"))
    long = deal(tiers=frozenset({"premium"}))

    assert until(short, long) == datetime(2026, 5, 31, 22, tzinfo=UTC)
    assert until(short, long, tier=PREMIUM) is None
