"""The live denials: what they deny, and what edges are told of them."""

import pytest

from legato.catalog.denials import Denial, DenialKind
from legato.origin.grants.denials import Denials
from legato.origin.grants.grant import Grant

NOW_S = 1_795_000_000
GRANT_ID = f"{NOW_S:08x}b6304266e9aa"
TRACK_ID = "588598bbcda44dee6755"
ASSET_ID = "a5" * 32


def grant(*, issued_at_s: int = NOW_S, track_id: str = TRACK_ID, end: str = "aa") -> Grant:
    return Grant(
        grant_id=f"{issued_at_s:08x}b6304266e9{end}",
        track_id=track_id,
        asset_id=ASSET_ID,
        expires_at_s=NOW_S + 86_400,
        highest_bps=320_000,
    )


def denial(kind: DenialKind, subject: str, at_s: int = NOW_S) -> Denial:
    return Denial(kind=kind, subject=subject, denied_at_s=at_s, until_s=at_s + 86_400)


def of(*denied: Denial) -> Denials:
    denials = Denials()
    denials.replace(denied)
    return denials


def test_a_denied_grant_is_denied_and_no_other() -> None:
    denials = of(denial(DenialKind.GRANT, GRANT_ID))

    assert denials.denies(grant())
    assert not denials.denies(grant(end="ab"))


@pytest.mark.parametrize(
    ("issued_at_s", "denied"), [(NOW_S - 1, True), (NOW_S, True), (NOW_S + 1, False)]
)
def test_a_denied_track_denies_its_grants_of_up_to_then(issued_at_s: int, denied: bool) -> None:
    denials = of(denial(DenialKind.TRACK, TRACK_ID))

    assert denials.denies(grant(issued_at_s=issued_at_s)) is denied
    assert not denials.denies(grant(issued_at_s=issued_at_s, track_id="0" * 20))


def test_a_grant_that_does_not_tell_its_age_is_older_than_any_denial() -> None:
    ageless = Grant(
        grant_id="ffffffff", track_id=TRACK_ID, asset_id=ASSET_ID, expires_at_s=NOW_S,
        highest_bps=1,
    )  # fmt: skip

    assert of(denial(DenialKind.TRACK, TRACK_ID)).denies(ageless)


def test_a_denied_asset_is_denied_to_those_without_a_grant() -> None:
    denials = of(denial(DenialKind.ASSET, ASSET_ID))

    assert denials.denies_asset(ASSET_ID)
    assert not denials.denies_asset("b" * 64)
    assert not denials.denies(grant())


def test_a_set_is_replaced_whole() -> None:
    denials = of(denial(DenialKind.GRANT, GRANT_ID))

    denials.replace([])

    assert not denials.denies(grant())


def test_edges_are_told_of_grants_and_tracks_in_order() -> None:
    every = (
        denial(DenialKind.TRACK, TRACK_ID),
        denial(DenialKind.ASSET, ASSET_ID),
        denial(DenialKind.GRANT, "6a3f5c2e7db6304266e9"),
    )

    listing, etag = of(*every).listing()

    assert listing == (
        "grant 6a3f5c2e7db6304266e9 1795000000 1795086400\n"
        "track 588598bbcda44dee6755 1795000000 1795086400\n"
    )
    assert of(*reversed(every)).listing() == (listing, etag)
    assert of(every[0]).listing()[1] != etag


def test_denials_age_until_the_catalogue_has_confirmed_them() -> None:
    now_s = 100.0
    denials = Denials(clock=lambda: now_s)
    assert denials.age_s == float("inf")

    denials.replace([])
    now_s = 103.0
    assert denials.age_s == 3.0

    denials.confirm()
    assert denials.age_s == 0.0
