"""What holds for every dialect: it opens what it was signed for, and nothing else."""

import re
from dataclasses import replace
from functools import cache
from urllib.parse import urljoin

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from legato.origin.dialects.dialect import Dialect, SignedRequest
from legato.origin.grants.grant import Grant
from tests.origin.dialects.vendors import (
    ASSET,
    CHUNK,
    EXPIRY_S,
    GRANT,
    PUBLIC_URL,
    code_of,
    dialects,
    request_for,
    signed,
)

NAMES = tuple(dialects())
VENDORS = tuple(name for name in NAMES if name != "path")
IN_PATH = ("path", "media-cdn-path", "bunny", "cloudflare")
by_name = pytest.mark.parametrize("name", NAMES)
OTHER_ASSET = "0" + ASSET[1:]


@cache
def chunk_request(name: str) -> SignedRequest:
    """The same request each time: ECDSA signs the same thing never twice alike."""
    return signed(dialects()[name])


def texts_of(request: SignedRequest) -> dict[str, str]:
    """Every place of a request where what is signed may stand."""
    return {"path": request.path, "query": request.query} | {
        f"cookie {name}": value for name, value in request.cookies.items()
    }


def with_text(request: SignedRequest, place: str, text: str) -> SignedRequest:
    if place.startswith("cookie "):
        return replace(request, cookies={**request.cookies, place[len("cookie ") :]: text})
    return replace(request, path=text) if place == "path" else replace(request, query=text)


@by_name
@given(
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.integers(EXPIRY_S, 9_999_999_999),
    st.sampled_from([96_000, 128_000, 160_000, 320_000]),
    st.sampled_from([CHUNK, "aac-96/init.mp4", "index.m3u8", "aac-320.mp4", "manifest.json"]),
)
def test_what_is_signed_opens(
    name: str, asset_id: str, expires_at_s: int, highest_bps: int, address: str
) -> None:
    grant = replace(GRANT, asset_id=asset_id, expires_at_s=expires_at_s, highest_bps=highest_bps)
    base = dialects()[name].sign(grant, PUBLIC_URL)

    assert code_of(dialects()[name], request_for(base, address), EXPIRY_S - 1) == "accepted"
    assert base.base_url.endswith(f"/audio/{asset_id}/") or name == "media-cdn-path"
    assert all(cookie.path in base.base_url for cookie in base.cookies)


@by_name
@pytest.mark.parametrize(
    ("now_s", "code"),
    [
        (0, "accepted"), (EXPIRY_S - 0.001, "accepted"), (EXPIRY_S, "expired_token"),
        (EXPIRY_S + 1, "expired_token"), (EXPIRY_S + 10**9, "expired_token"),
    ],
)  # fmt: skip
def test_a_grant_is_good_before_its_expiry_and_not_at_it(
    name: str, now_s: float, code: str
) -> None:
    assert code_of(dialects()[name], signed(dialects()[name]), now_s) == code


@by_name
def test_no_character_that_is_signed_can_be_changed(name: str) -> None:
    """Two tried for each, one of which differs in the lowest bit alone."""
    dialect, request = dialects()[name], signed(dialects()[name])
    rest = len(request.path) - len(CHUNK)
    accepted = [
        (place, text[at - 10 : at + 1], other)
        for place, text in texts_of(request).items()
        for at in range(len(text) if place != "path" else rest)
        for other in (chr(ord(text[at]) ^ 1), "A" if text[at] != "A" else "Q")
        if code_of(dialect, with_text(request, place, text[:at] + other + text[at + 1 :]))
        == "accepted"
    ]

    assert accepted == []


@by_name
@given(data=st.data())
def test_no_cut_copy_or_insertion_is_accepted(name: str, data: st.DataObject) -> None:
    dialect, request = dialects()[name], chunk_request(name)
    place, text = data.draw(st.sampled_from([one for one in texts_of(request).items() if one[1]]))
    limit = len(text) if place != "path" else len(text) - len(CHUNK)
    at, end = sorted((data.draw(st.integers(0, limit)), data.draw(st.integers(0, limit))))
    inserted = data.draw(st.one_of(st.sampled_from(["", "A", "=", "&", "~", text]), st.text()))
    changed = text[:at] + inserted + text[end:]
    assume(changed != text)
    assume(place != "path" or not changed.startswith(text[:limit]))  # an address below as well

    assert code_of(dialect, with_text(request, place, changed)) != "accepted"


@by_name
@pytest.mark.parametrize(
    ("found", "asked"),
    [
        (ASSET, OTHER_ASSET), (f"{ASSET}/", f"{ASSET}/../{OTHER_ASSET}/"),
        (f"{ASSET}/", f"{ASSET}/%2e%2e/{OTHER_ASSET}/"), (f"{ASSET}/", f"{ASSET}/./"),
        (f"{ASSET}/", f"{ASSET}//"), (f"{ASSET}/", f"{ASSET}0/"), ("/audio/", "/masters/"),
        (CHUNK, ""), (CHUNK, "vorbis-160/..%2f41.ogg"), (CHUNK, "vorbis-160\\41.ogg"),
    ],
)  # fmt: skip
def test_nothing_outside_the_prefix_is_opened(name: str, found: str, asked: str) -> None:
    request = signed(dialects()[name])
    changed = replace(request, path=request.path.replace(found, asked))
    assert changed.path != request.path or name == "media-cdn-path"

    assert code_of(dialects()[name], changed) in ("bad_token", "no_token")


@pytest.mark.parametrize("name", VENDORS)
def test_another_host_is_refused_where_the_vendor_signs_it(name: str) -> None:
    changed = replace(signed(dialects()[name]), host="other.example")
    signs_hosts = name.startswith(("cloudfront", "google", "media"))

    expected = "bad_token" if signs_hosts else "accepted"
    assert code_of(dialects()[name], changed) == expected


@by_name
def test_a_request_without_a_signature_has_no_token(name: str) -> None:
    bare = SignedRequest(scheme="https", host="music.example", path=f"/audio/{ASSET}/{CHUNK}")

    assert code_of(dialects()[name], bare) == "no_token"


@pytest.mark.parametrize("name", [name for name in NAMES if "cloudfront" not in name])
def test_what_another_key_has_signed_is_refused(name: str) -> None:
    """CloudFront's keys are no seed's: test_cloudfront.py has them."""
    assert code_of(dialects(1)[name], signed(dialects()[name])) == "bad_token"


@pytest.mark.parametrize("name", VENDORS)
def test_a_tiers_prefix_holds_its_bitrate(name: str) -> None:
    """Vendors know no bitrates: the origin enforces `/upto/{kbit/s}/`."""
    base = dialects()[name].sign(replace(GRANT, highest_bps=160_000), PUBLIC_URL)
    request = request_for(base)

    assert f"/upto/160/audio/{ASSET}/" in base.base_url
    for path in ("/upto/320/audio", "/audio", "/upto/16/audio", "/upto/160/upto/320/audio"):
        higher = replace(request, path=request.path.replace("/upto/160/audio", path))
        assert code_of(dialects()[name], higher) == "bad_token"


@pytest.mark.parametrize("name", IN_PATH)
def test_relative_uris_inherit_a_signature_that_stands_in_the_path(name: str) -> None:
    """As a player resolves what a media playlist says (RFC 3986 §5.2); iOS can do no more."""
    base = dialects()[name].sign(GRANT, PUBLIC_URL)
    playlist = urljoin(urljoin(base.base_url, "index.m3u8"), "aac-160/index.m3u8")
    chunk = urljoin(playlist, "41.m4s")

    assert (base.query, base.cookies) == ("", ())
    assert chunk == f"{base.base_url}aac-160/41.m4s"
    path = chunk.removeprefix(PUBLIC_URL)
    request = SignedRequest(scheme="https", host="music.example", path=path)
    assert code_of(dialects()[name], request) == "accepted"


@by_name
def test_a_public_url_may_have_a_path(name: str) -> None:
    base = dialects()[name].sign(GRANT, f"{PUBLIC_URL}/eu")

    assert f"/eu{'/t/' if name == 'path' else '/audio/'}" in base.base_url
    request = request_for(base)
    if name == "path":  # the edge or the proxy that has a path takes it away
        request = replace(request, path=request.path.removeprefix("/eu"))
    assert code_of(dialects()[name], request) == "accepted"


@by_name
@given(st.text(), st.text(), st.dictionaries(st.text(), st.text()))
def test_garbage_is_refused_and_never_a_surprise(
    name: str, path: str, query: str, cookies: dict[str, str]
) -> None:
    request = SignedRequest(scheme="https", host="h", path=path, query=query, cookies=cookies)

    assert code_of(dialects()[name], request) in ("no_token", "bad_token")


@by_name
def test_no_secret_is_shown(name: str) -> None:
    dialect: Dialect = dialects()[name]
    shown = repr(dialect) + str(dialect) + repr(getattr(dialect, "key", None))
    secret = bytes(range(32))

    assert secret.hex()[:16] not in shown
    assert repr(secret[:8])[2:-1] not in shown
    assert not re.search(r"(secret|private|by_id)=", shown)


@given(st.sampled_from(VENDORS), st.integers(1, 319))
def test_only_a_full_grant_has_the_bare_prefix(name: str, kbps: int) -> None:
    grant: Grant = replace(GRANT, highest_bps=kbps * 1000)

    assert f"/upto/{kbps}/audio/" in dialects()[name].sign(grant, PUBLIC_URL).base_url
    assert "/upto/" not in dialects()[name].sign(GRANT, PUBLIC_URL).base_url


@pytest.mark.parametrize("name", VENDORS)
def test_what_another_vendor_has_signed_is_never_accepted(name: str) -> None:
    """An origin behind several vendors asks each of them."""
    kin = name.partition(",")[0]
    others = [other for other in NAMES if other.partition(",")[0] != kin]

    codes = {other: code_of(dialects()[other], chunk_request(name)) for other in others}

    twin = {"google-cdn": "media-cdn", "media-cdn": "google-cdn"}.get(name)  # one format
    assert {other for other, code in codes.items() if code != "no_token"} == {twin} - {None}
    assert twin is None or codes[twin] == "bad_token"
