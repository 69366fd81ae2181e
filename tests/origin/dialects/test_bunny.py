"""Bunny, against the vectors of its own signers (BunnyWay/BunnyCDN.TokenAuthentication, e2e)."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest

from legato.errors import BadInput
from legato.origin.dialects.bunny import BunnyKey, BunnyPath, parse_bunny_key
from tests.origin.dialects.vendors import (
    ADDRESS,
    ASSET,
    EXPIRY_S,
    GRANT,
    PUBLIC_URL,
    code_of,
    signed,
)

VENDORS_KEY = BunnyKey(secret=b"SecurityKey")
KEY = parse_bunny_key("5ad8f0a1-9c1f-4d33-b2b0-2f3c8e0fca11")


@pytest.mark.parametrize(
    ("address", "token"),
    [
        (None, "HS256-uVZvT3SbEoVKYJyDJgbcsDmSFf73cv-uNUVaJiKWpbQ"),  # path_only
        (IPv4Address("1.2.3.4"), "HS256-1-wag9tC0r1QWfg-2eMj5QcdzgPLCIdQb-D0WVU1Mhg2w"),
    ],
)
def test_a_directory_is_signed_as_bunny_signs_it(address: IPv4Address | None, token: str) -> None:
    assert VENDORS_KEY.token("/abc", 1_598_024_587, address) == token


def test_the_token_stands_at_the_beginning_of_the_path() -> None:
    token = KEY.token(f"/audio/{ASSET}/", EXPIRY_S)

    assert BunnyPath(key=KEY).sign(GRANT, PUBLIC_URL).base_url == (
        f"{PUBLIC_URL}/bcdn_token={token}&token_path=%2Faudio%2F{ASSET}%2F&expires={EXPIRY_S}"
        f"/audio/{ASSET}/"
    )


@pytest.mark.parametrize(
    ("client", "code"),
    [
        (ADDRESS, "accepted"), (IPv6Address("::ffff:192.0.2.7"), "accepted"),
        (ADDRESS + 1, "bad_token"), (IPv6Address("2001:db8::7"), "bad_token"),
        (None, "bad_token"),
    ],
)  # fmt: skip
def test_a_grant_bound_to_ipv4_is_bound_at_bunny(
    client: IPv4Address | IPv6Address | None, code: str
) -> None:
    """The address is in the MAC and nowhere else: a wrong one cannot be told from a forgery."""
    bound = signed(BunnyPath(key=KEY), client_address=ADDRESS)

    assert "HS256-1-" in bound.path
    assert code_of(BunnyPath(key=KEY), replace(bound, client_address=client)) == code


def test_a_bound_token_cannot_be_made_free() -> None:
    bound = signed(BunnyPath(key=KEY), client_address=ADDRESS)
    freed = replace(bound, path=bound.path.replace("HS256-1-", "HS256-"))

    assert code_of(BunnyPath(key=KEY), freed) == "bad_token"


def test_bunny_binds_no_ipv6_address() -> None:
    grant = replace(GRANT, client_address=IPv6Address("2001:db8::7"))

    assert BunnyPath(key=KEY).sign(grant, PUBLIC_URL) == BunnyPath(key=KEY).sign(GRANT, PUBLIC_URL)


@pytest.mark.parametrize("written", ["/audio/{}/", "%2faudio%2f{}%2f", "%2Faudio%2F{}%2F%2E"])
def test_a_prefix_is_written_in_one_way(written: str) -> None:
    request = signed(BunnyPath(key=KEY))
    changed = request.path.replace(f"%2Faudio%2F{ASSET}%2F", written.format(ASSET))

    assert code_of(BunnyPath(key=KEY), replace(request, path=changed)) == "bad_token"


@pytest.mark.parametrize("setting", ["", "short", "5ad8f0a1 9c1f 4d33 b2b0", "\xe9" * 36])
def test_a_key_that_is_none_is_refused_unshown(setting: str) -> None:
    with pytest.raises(BadInput, match="LEGATO_BUNNY_KEY: expected") as refused:
        parse_bunny_key(setting)

    assert not setting or setting not in refused.value.message
