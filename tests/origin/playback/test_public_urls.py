"""Several public URLs: shares by weight, the same for a session every time, and fallbacks."""

from collections import Counter

import pytest

from legato.errors import BadInput
from legato.origin.grants.grant import Grant
from legato.origin.grants.signing_keys import SigningKeys
from legato.origin.playback.public_urls import PublicUrl, PublicUrls, drawn, parse_public_urls
from legato.settings import Settings

KEYS = SigningKeys(by_id={"k1": bytes(32)})
NEW_KEYS = SigningKeys(by_id={"k2": bytes(range(32)), "k1": bytes(32)})
GRANT = Grant(
    grant_id="6a3f5c2e7db6304266e9", track_id="588598bbcda44dee6755", asset_id="a" * 64,
    expires_at_s=1_800_000_000, highest_bps=160_000,
)  # fmt: skip
BUNNY_KEY = "a-pull-zones-own-key"
SESSIONS = [f"{number:016x}" for number in range(20_000)]


def settings(public_url: str | None, **more: str) -> Settings:
    return Settings(public_url=public_url, _env_file=None, **more)  # type: ignore[arg-type]


def test_an_entry_is_a_url_a_weight_and_a_dialect() -> None:
    assert parse_public_urls(
        "https://a.example/ , https://b.example/music/ 3,https://c.example cloudfront,"
        " https://d.example 0 bunny"
    ) == (
        PublicUrl(url="https://a.example"),
        PublicUrl(url="https://b.example/music", weight=3),
        PublicUrl(url="https://c.example", dialect="cloudfront"),
        PublicUrl(url="https://d.example", weight=0, dialect="bunny"),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "entry 1: found ''"),
        ("https://a.example,", "entry 2: found ''"),
        ("ftp://a.example", "entry 1: found 'ftp://a.example', expected an http or https URL"),
        ("https://", "expected an http or https URL"),
        ("https://a.example?x=1", "without query"),
        ("https://user:secret@a.example", "entry 1: expected a URL without a password"),
        ("https://a.example 1 path more", "expected URL"),
        ("https://a.example path 1", "expected URL"),
        ("https://[::1", "entry 1"),
        ("https://a.example:99999", "entry 1"),
        ("https://a.example 0", "found no weight above 0"),
    ],
)
def test_urls_that_cannot_be_are_refused_by_their_number(text: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_public_urls(text)

    assert refused.value.code == "bad_setting"
    assert words in refused.value.message
    assert refused.value.message.startswith("LEGATO_PUBLIC_URL")
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    ("dialect", "words"),
    [
        ("carrier-pigeon", "entry 2: dialect 'carrier-pigeon'"),
        ("bunny", "entry 2: LEGATO_BUNNY_KEY: unset"),
    ],
)
def test_a_dialect_that_cannot_be_is_refused_at_start(dialect: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        PublicUrls(settings(f"https://a.example,https://b.example {dialect}"), lambda: KEYS)


def test_sessions_are_shared_out_by_weight() -> None:
    urls = parse_public_urls("https://a.example 6,https://b.example 3,https://c.example 1")

    primaries = Counter(drawn(urls, session)[0].url for session in SESSIONS)

    for url, share in (("https://a.example", 0.6), ("https://b.example", 0.3)):
        assert primaries[url] / len(SESSIONS) == pytest.approx(share, abs=0.02)


def test_the_second_is_drawn_by_weight_from_the_others() -> None:
    urls = parse_public_urls("https://a.example 6,https://b.example 3,https://c.example 1")
    orders = [drawn(urls, session) for session in SESSIONS]

    seconds = Counter(order[1].url for order in orders if order[0].url == "https://a.example")

    assert seconds["https://b.example"] / seconds.total() == pytest.approx(0.75, abs=0.02)
    assert all(set(order) == set(urls) for order in orders)


def test_a_session_is_drawn_the_same_every_time_in_whatever_order_edges_are_set() -> None:
    urls = parse_public_urls("https://a.example,https://b.example 2,https://c.example 0")

    for session in SESSIONS[:100]:
        order = drawn(urls, session)
        assert drawn(urls[::-1], session) == order
        assert order[-1].url == "https://c.example"


def test_an_edge_that_goes_away_moves_only_its_own_sessions() -> None:
    urls = parse_public_urls("https://a.example,https://b.example 2,https://c.example 3")

    for session in SESSIONS[:500]:
        order = drawn(urls, session)
        gone = [one for one in urls if one.url != "https://c.example"]
        assert drawn(gone, session) == [one for one in order if one in gone]


def test_each_edge_is_given_its_own_dialect() -> None:
    urls = PublicUrls(
        settings("https://a.example,https://b.example bunny", bunny_key=BUNNY_KEY),
        lambda: KEYS,
    )

    one, other = sorted(urls.sign(GRANT, "s", "http://here"), key=lambda signed: signed.base_url)

    assert one.base_url.startswith("https://a.example/t/1.k1.")
    assert other.base_url.startswith("https://b.example/bcdn_token=")


def test_without_a_setting_the_address_that_was_asked_is_the_one() -> None:
    urls = PublicUrls(settings(None), lambda: KEYS)

    [signed] = urls.sign(GRANT, "s", "http://127.0.0.1:8000/")

    assert signed.base_url.startswith("http://127.0.0.1:8000/t/1.k1.")
    assert signed.base_url.endswith(f"/audio/{GRANT.asset_id}/")


def test_the_newest_key_signs_as_soon_as_there_is_one() -> None:
    keys = [KEYS]
    urls = PublicUrls(settings("https://a.example"), lambda: keys[-1])
    assert "/t/1.k1." in urls.sign(GRANT, "s", "")[0].base_url

    keys.append(NEW_KEYS)

    assert "/t/1.k2." in urls.sign(GRANT, "s", "")[0].base_url


def test_a_named_dialect_is_signed_for_the_edge_that_speaks_it() -> None:
    urls = PublicUrls(
        settings(
            "https://a.example,https://b.example bunny", bunny_key=BUNNY_KEY, akamai_key="ab" * 32
        ),
        lambda: KEYS,
    )

    assert urls.sign_in(GRANT, None, "").base_url.startswith("https://a.example/t/")
    assert urls.sign_in(GRANT, "bunny", "").base_url.startswith("https://b.example/bcdn_token=")
    assert urls.sign_in(GRANT, "akamai", "").query
