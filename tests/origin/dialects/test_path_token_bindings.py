"""Version 2 of the path token: a grant bound to a listener's address, country, or both."""

import timeit
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legato.errors import Forbidden
from legato.origin.dialects.binding import Address, check_binding
from legato.origin.dialects.dialect import SignedRequest
from legato.origin.dialects.path_token import (
    PathTokenDialect,
    PathTokenVerifier,
    read_path_token,
    write_path_token,
)
from legato.origin.grants.grant import Grant
from legato.origin.grants.signing_keys import SigningKeys

SECRET = bytes(range(32))
KEYS = SigningKeys(by_id={"k1": SECRET})
ASSET = "d65caa2a7fb1afeb80b74baef17188946473e8478c131db20c2ab727a9b7404c"
EXPIRY_S = 1_795_347_648
V4 = IPv4Address("192.0.2.7")
MAPPED = IPv6Address("::ffff:192.0.2.7")


def grant(address: Address | None = None, country: str | None = None) -> Grant:
    return Grant(
        grant_id="6b02b40066e9a9ff0c1d",
        track_id="588598bbcda44dee6755",
        asset_id=ASSET,
        expires_at_s=EXPIRY_S,
        highest_bps=160_000,
        client_address=address,
        country=country,
    )


def code_for(bound: Grant, address: Address | None, country: str | None) -> str:
    try:
        check_binding(bound, address, country)
    except Forbidden as error:
        return error.code
    return "ok"


@pytest.mark.parametrize(
    ("bound", "binding"),
    [
        (grant(V4), ["c0000207", ""]), (grant(MAPPED), ["c0000207", ""]),
        (grant(IPv6Address("2001:db8::7")), ["20010db8000000000000000000000007", ""]),
        (grant(None, "DE"), ["", "DE"]), (grant(V4, "DE"), ["c0000207", "DE"]),
    ],
)  # fmt: skip
def test_a_binding_is_written_between_the_track_and_the_mac(
    bound: Grant, binding: list[str]
) -> None:
    fields = write_path_token(bound, KEYS).split(".")

    assert fields[:6] == ["2", "k1", str(EXPIRY_S), "160", bound.grant_id, bound.track_id]
    assert fields[6:-1] == binding


def test_a_grant_that_is_bound_to_nobody_stays_version_1() -> None:
    assert write_path_token(grant(), KEYS).startswith("1.k1.")


@given(
    st.one_of(st.none(), st.ip_addresses()),
    st.one_of(st.none(), st.from_regex(r"[A-Z]{2}", fullmatch=True)),
)
def test_a_binding_survives_being_written(address: Address | None, country: str | None) -> None:
    read = read_path_token(write_path_token(grant(address, country), KEYS), ASSET, KEYS)

    assert read.country == country
    assert code_for(read, address, country) == "ok"
    assert (read.client_address is None) == (address is None)


@pytest.mark.parametrize(
    ("bound", "address", "country", "code"),
    [
        (grant(), None, None, "ok"), (grant(), V4, "DE", "ok"),
        (grant(V4), V4, None, "ok"), (grant(V4), MAPPED, None, "ok"),
        (grant(MAPPED), V4, None, "ok"), (grant(V4), V4 + 1, None, "wrong_listener"),
        (grant(V4), None, "DE", "wrong_listener"),
        (grant(V4), IPv6Address("::192.0.2.7"), None, "wrong_listener"),
        (grant(None, "DE"), V4, "DE", "ok"), (grant(None, "DE"), V4, "FR", "wrong_listener"),
        (grant(None, "DE"), V4, None, "wrong_listener"), (grant(V4, "DE"), V4, "DE", "ok"),
        (grant(V4, "DE"), V4, "FR", "wrong_listener"),
        (grant(V4, "DE"), V4 + 1, "DE", "wrong_listener"),
    ],
)  # fmt: skip
def test_a_bound_grant_is_its_listeners_alone(
    bound: Grant, address: Address | None, country: str | None, code: str
) -> None:
    assert code_for(bound, address, country) == code


def test_the_dialect_asks_whose_a_grant_is() -> None:
    dialect = PathTokenDialect(keys=KEYS)
    base = dialect.sign(grant(V4), "https://music.example/eu")
    path = base.base_url.removeprefix("https://music.example/eu") + "manifest.json"
    request = SignedRequest(scheme="https", host="music.example", path=path, client_address=V4)
    dialect.verify(request, EXPIRY_S - 1)

    with pytest.raises(Forbidden, match="another listener"):
        dialect.verify(SignedRequest(scheme="https", host="music.example", path=path), EXPIRY_S - 1)


def test_keys_can_be_replaced_while_a_verifier_is_at_work() -> None:
    verifier = PathTokenVerifier(KEYS, clock=lambda: EXPIRY_S - 1)
    old = write_path_token(grant(), KEYS)
    verifier.verify(old, ASSET)
    rotated = SigningKeys(by_id={"k2": b"n" * 32, "k1": SECRET})

    verifier.replace_keys(rotated)

    assert verifier.verify(old, ASSET) == grant()
    assert verifier.verify(write_path_token(grant(), rotated), ASSET) == grant()


def test_what_a_key_that_is_gone_has_signed_is_remembered_no_longer() -> None:
    verifier = PathTokenVerifier(KEYS, clock=lambda: EXPIRY_S - 1)
    old = write_path_token(grant(), KEYS)
    verifier.verify(old, ASSET)

    verifier.replace_keys(SigningKeys(by_id={"k2": b"n" * 32}))

    with pytest.raises(Forbidden, match="not signed by us"):
        verifier.verify(old, ASSET)


def test_a_verification_takes_less_than_60_microseconds_and_10_when_remembered() -> None:
    token = write_path_token(grant(V4, "DE"), KEYS)
    verifier = PathTokenVerifier(KEYS, clock=lambda: EXPIRY_S - 1)

    def fastest_us(verify: Callable[[], Grant]) -> float:
        return min(timeit.repeat(verify, number=2000, repeat=5)) / 2000 * 1e6

    assert fastest_us(lambda: read_path_token(token, ASSET, KEYS)) < 60
    assert fastest_us(lambda: verifier.verify(token, ASSET)) < 10
