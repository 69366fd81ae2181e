"""Deals: what may be entered, and that it comes back as it was; territories and their clocks."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
from sqlalchemy.orm import Session

from legato.catalog.rights import rights
from legato.catalog.rights.rights import Deal
from legato.catalog.rights.territories import WORLDWIDE, is_territory, zone_of
from legato.errors import BadInput, NotFound

AddTrack = Callable[..., str]
MAY = datetime(2026, 5, 1)  # noqa: DTZ001 - a deal's times are local
JUNE = datetime(2026, 6, 1)  # noqa: DTZ001
FULL = Deal(
    territories=frozenset({"DE", "AT"}),
    excluded=frozenset({"CH"}),
    starts_at=MAY,
    ends_at=JUNE,
    tiers=frozenset({"premium", "studio"}),
)
PLAIN = Deal()


def test_deals_come_back_as_they_were_entered(session: Session, add_track: AddTrack) -> None:
    track_id, other = add_track("m1"), add_track("m2")
    rights.add_deal(session, other, Deal(territories=frozenset({"FR"})))

    ids = [rights.add_deal(session, track_id, deal) for deal in (FULL, PLAIN)]

    session.expire_all()
    assert sorted(rights.deals_of(session, track_id), key=repr) == sorted((FULL, PLAIN), key=repr)
    assert len(set(ids)) == 2


def test_a_track_without_a_deal_has_none(session: Session, add_track: AddTrack) -> None:
    assert rights.deals_of(session, add_track()) == []


def test_new_deals_replace_all_of_before_and_no_other_tracks(
    session: Session, add_track: AddTrack
) -> None:
    track_id, other = add_track("m1"), add_track("m2")
    for one in (track_id, track_id, other):
        rights.add_deal(session, one, FULL)

    rights.replace_deals(session, track_id, [PLAIN])

    assert rights.deals_of(session, track_id) == [PLAIN]
    assert rights.deals_of(session, other) == [FULL]

    rights.remove_deals(session, track_id)

    assert rights.deals_of(session, track_id) == []
    assert rights.deals_of(session, other) == [FULL]


def test_no_deals_at_all_open_a_track_only_where_that_is_said(
    session: Session, add_track: AddTrack
) -> None:
    track_id = add_track()
    rights.add_deal(session, track_id, FULL)

    with pytest.raises(BadInput, match="found none, expected one or more") as refused:
        rights.replace_deals(session, track_id, [])

    assert refused.value.code == "bad_deal"
    assert rights.deals_of(session, track_id) == [FULL]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"territories": frozenset()}, "found no territory"),
        ({"territories": frozenset({"UK"})}, "found 'UK'"),
        ({"territories": frozenset({"de"})}, "found 'de'"),
        ({"excluded": frozenset({WORLDWIDE})}, "found 'Worldwide'"),
        ({"excluded": frozenset({"DE"})}, "found it included and excluded"),
        ({"starts_at": JUNE, "ends_at": MAY}, "expected one after the start"),
        ({"starts_at": MAY, "ends_at": MAY}, "expected one after the start"),
        ({"starts_at": MAY.replace(tzinfo=UTC)}, "expected a local time"),
        ({"ends_at": JUNE.replace(microsecond=1)}, "whole seconds"),
        ({"ends_at": JUNE.replace(year=9999)}, "expected a year of"),
        ({"tiers": frozenset()}, "found no tier"),
    ],
)
def test_a_deal_that_cannot_be_is_refused_and_says_why(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        Deal(**({"territories": frozenset({"DE"})} | change))

    assert refused.value.code == "bad_deal"


def test_deals_of_no_track_are_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        rights.add_deal(session, "0123", PLAIN)
    with pytest.raises(NotFound):
        rights.replace_deals(session, "0123", [PLAIN])


def test_every_country_of_iso_3166_has_a_clock() -> None:
    text = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8")
    codes = [line[:2] for line in text.splitlines() if not line.startswith("#")]
    assert len(codes) >= 249

    assert [code for code in codes if not is_territory(code)] == []
    for code in codes:
        assert MAY.replace(tzinfo=zone_of(code)).utcoffset() is not None


@pytest.mark.parametrize(
    ("code", "zone"),
    [("US", "America/New_York"), ("AU", "Australia/Sydney"), ("FR", "Europe/Paris")],
)
def test_a_territory_goes_by_its_reference_clock(code: str, zone: str) -> None:
    assert zone_of(code).key == zone


@pytest.mark.parametrize("code", ["", "UK", "us", "XX", "T1", WORLDWIDE])
def test_what_is_no_territory_is_none(code: str) -> None:
    assert not is_territory(code)
