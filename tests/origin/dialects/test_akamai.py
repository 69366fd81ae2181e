"""Akamai EdgeAuth, against Akamai's own generator."""

import pytest
from akamai.edgeauth import EdgeAuth
from hypothesis import given
from hypothesis import strategies as st

from legato.errors import BadInput
from legato.origin.dialects.akamai import (
    AkamaiCookies,
    AkamaiKey,
    AkamaiQuery,
    parse_akamai_key,
)
from legato.origin.dialects.dialect import SignedRequest
from tests.origin.dialects.vendors import ASSET, CHUNK, EXPIRY_S, GRANT, PUBLIC_URL, code_of

HEX_KEY = "aabbccddeeff00112233445566778899"
KEY = parse_akamai_key(HEX_KEY)
ACL = f"/audio/{ASSET}/*"


def edge_auth(**options: object) -> EdgeAuth:
    return EdgeAuth(**{"key": HEX_KEY, "end_time": EXPIRY_S} | options)


def request_with(token: str) -> SignedRequest:
    return SignedRequest(
        scheme="https", host="h", path=f"/audio/{ASSET}/{CHUNK}", query=f"hdnts={token}"
    )


@given(st.integers(1, 9_999_999_999), st.binary(min_size=16, max_size=32))
def test_a_token_is_written_as_akamai_writes_it(expires_at_s: int, secret: bytes) -> None:
    theirs = EdgeAuth(key=secret.hex(), end_time=expires_at_s).generate_acl_token(ACL)
    grant = GRANT.__class__(
        grant_id="1", track_id="1", asset_id=ASSET, expires_at_s=expires_at_s, highest_bps=320_000
    )

    assert AkamaiQuery(key=AkamaiKey(secret=secret)).sign(grant, PUBLIC_URL).query == (
        f"hdnts={theirs}"
    )


def test_the_cookie_holds_the_same_token() -> None:
    [cookie] = AkamaiCookies(key=KEY).sign(GRANT, PUBLIC_URL).cookies

    assert (cookie.name, cookie.path) == ("hdnea", f"/audio/{ASSET}/")
    assert cookie.value == edge_auth().generate_acl_token(ACL)


@pytest.mark.parametrize(
    ("options", "acl", "code"),
    [
        ({}, ACL, "accepted"), ({"start_time": EXPIRY_S - 1}, ACL, "accepted"),
        ({"start_time": EXPIRY_S - 9, "end_time": EXPIRY_S - 1}, ACL, "expired_token"),
        ({"start_time": EXPIRY_S}, ACL, "bad_token"), ({}, "/audio/0*", "bad_token"),
        ({}, f"/audio/{ASSET}/", "bad_token"), ({"salt": "x"}, ACL, "bad_token"),
        ({"algorithm": "sha1"}, ACL, "bad_token"), ({"key": "00" * 16}, ACL, "bad_token"),
        ({}, [ACL, "/x/*"], "bad_token"),
    ],
)  # fmt: skip
def test_a_token_of_akamais_is_judged(
    options: dict[str, object], acl: str | list[str], code: str
) -> None:
    options = {"end_time": EXPIRY_S + 9} | options
    token = edge_auth(**options).generate_acl_token(acl)

    assert code_of(AkamaiQuery(key=KEY), request_with(token)) == code


@pytest.mark.parametrize("setting", ["", "aa", "g" * 32, HEX_KEY + "0", " " + HEX_KEY, "a" * 130])
def test_a_key_that_is_none_is_refused_unshown(setting: str) -> None:
    with pytest.raises(BadInput, match="LEGATO_AKAMAI_KEY: expected") as refused:
        parse_akamai_key(setting)

    assert HEX_KEY not in refused.value.message
