"""Cloudflare: the rules that docs/dialects.md has to paste verify what is signed.

Cloudflare publishes no vector with its key, so openssl computes the MAC, and the rules are read
out of the document and followed by the words of the Rules language's reference.
"""

import base64
import hashlib
import hmac
import re
import subprocess
from dataclasses import replace
from typing import Final

import pytest

from legato.errors import BadInput
from legato.origin.dialects.cloudflare import (
    LIFETIME_S,
    CloudflareKey,
    CloudflarePath,
    parse_cloudflare_key,
)
from tests.conftest import ROOT
from tests.origin.dialects.vendors import ASSET, CHUNK, EXPIRY_S, GRANT, PUBLIC_URL, signed

SECRET: Final = "mysecretkey-mysecretkey"  # noqa: S105 - it opens nothing
DIALECT: Final = CloudflarePath(key=CloudflareKey(secret=SECRET.encode()))
DOCUMENT: Final = (ROOT / "docs" / "dialects.md").read_text()
CALL: Final = re.compile(
    r'is_timed_hmac_valid_v0\("SECRET", concat\(substring\(raw\.http\.request\.uri\.path, '
    r"(\d+), (\d+)\), substring\(raw\.http\.request\.uri\.path, (\d+), (\d+)\)\), (\d+), "
    r'http\.request\.timestamp\.sec, 0, "s"\)'
)


def is_timed_hmac_valid(message_mac: str, ttl_s: int, now_s: int) -> bool:
    """The function, with separator length 0 and flag `s`, as the reference describes it."""
    found = re.fullmatch(r"(.+)(\d{10})-(.{43})", message_mac)
    if found is None or now_s >= int(found[2]) + ttl_s:
        return False
    digest = hmac.new(SECRET.encode(), f"{found[1]}{found[2]}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == found[3]


def rule_lets_through(path: str, now_s: int = EXPIRY_S - 1) -> bool:
    """Whether the rule, which blocks, does not match."""
    calls = [tuple(map(int, found)) for found in CALL.findall(DOCUMENT)]
    forbidden = re.findall(r'path contains "([^"]+)"', DOCUMENT)
    assert (len(calls), len(forbidden)) == (3, 4)
    assert 'not starts_with(raw.http.request.uri.path, "/v/")' in DOCUMENT
    return (
        path.startswith("/v/")
        and not any(text.replace("\\\\", "\\") in path for text in forbidden)
        and any(is_timed_hmac_valid(path[a:b] + path[c:d], ttl, now_s) for a, b, c, d, ttl in calls)
    )


@pytest.mark.parametrize("kbps", [96, 160, 256, 320])
def test_the_documents_rule_lets_through_what_is_signed(kbps: int) -> None:
    path = signed(DIALECT, highest_bps=kbps * 1000).path

    assert rule_lets_through(path)
    assert not rule_lets_through(path, EXPIRY_S)


def test_the_documents_rule_lets_nothing_else_through() -> None:
    path = signed(DIALECT, highest_bps=160_000).path
    prefix = path.removesuffix(CHUNK)

    changed = [prefix[:at] + "0" + prefix[at + 1 :] + CHUNK for at in range(len(prefix))]
    passed = [one for one in changed if one != path and rule_lets_through(one)]

    assert passed == []
    assert not rule_lets_through(f"/audio/{ASSET}/{CHUNK}")
    for outside in (f"../{ASSET}/x", f"%2e%2e/{ASSET}/x", f"/{ASSET}/x", f"..\\{ASSET}"):
        assert not rule_lets_through(prefix + outside)
    assert not rule_lets_through(path.replace("/upto/160", ""))


def test_the_documents_rewrite_takes_the_token_away() -> None:
    [start] = re.findall(r"`substring\(http\.request\.uri\.path, (\d+)\)`", DOCUMENT)

    assert signed(DIALECT).path[int(start) :] == f"/audio/{ASSET}/{CHUNK}"


def test_the_mac_is_openssls() -> None:
    token = signed(DIALECT).path.split("/")[2]
    time_s, _, mac = token.partition("-")
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", SECRET, "-binary"],
        input=f"/audio/{ASSET}/{time_s}".encode(), capture_output=True, check=True,
    )  # fmt: skip

    assert base64.urlsafe_b64decode(mac + "=") == done.stdout
    assert int(time_s) + LIFETIME_S == EXPIRY_S


def test_the_time_in_the_url_has_always_passed() -> None:
    """A grant cannot last longer than the lifetime that the rule states."""
    token = DIALECT.sign(replace(GRANT, expires_at_s=EXPIRY_S), PUBLIC_URL).base_url.split("/")[4]

    assert len(token) == 54
    assert int(token[:10]) <= EXPIRY_S - LIFETIME_S


@pytest.mark.parametrize("setting", ["", "short", 'a"quotation-mark-in-it', "back\\slash" * 4])
def test_a_key_that_no_rule_can_state_is_refused_unshown(setting: str) -> None:
    with pytest.raises(BadInput, match="LEGATO_CLOUDFLARE_KEY: expected") as refused:
        parse_cloudflare_key(setting)

    assert not setting or setting not in refused.value.message
