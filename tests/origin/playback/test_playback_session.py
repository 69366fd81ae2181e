"""What a session is made of: several edges, dialects with queries and cookies, bound grants."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import pytest

from legato.deployment import Deployment
from legato.errors import BadInput
from legato.origin.dialects.dialect import SignedRequest
from legato.origin.dialects.named import open_dialect
from legato.origin.dialects.path_token import read_path_token
from legato.origin.grants.grant import Grant
from legato.origin.grants.signing_keys import SigningKeys
from legato.origin.playback.listener import Listener
from legato.origin.playback.play import Playback
from legato.origin.playback.session import PlaybackSession
from legato.origin.playback.tiers import parse_tiers
from legato.settings import Settings
from tests.origin.playback.conftest import ASSET_ID

KEYS = SigningKeys(by_id={"k1": bytes(32)})
TIERS = parse_tiers("free:160,premium:320")
VENDORS = {"akamai_key": "ab" * 32, "bunny_key": "a-pull-zones-own-key"}
Play = Callable[..., PlaybackSession]


@pytest.fixture
def play(deployment: Deployment, track_id: str) -> Play:
    """Presses play under settings; `tier` and where the listener is may be said."""

    def press(tier: str = "free", place: tuple[str | None, str | None] = (None, None), **more: Any):  # type: ignore[no-untyped-def]  # noqa: ANN202
        address, country = place
        listener = Listener(
            tier=TIERS.by_name[tier],
            country="FR",  # the account's
            seen_in=country,
            client_address=ip_address(address) if address else None,
        )
        playback = Playback(Settings(_env_file=None, **more), lambda: KEYS)
        with deployment.database.read() as session:
            return playback.play(session, track_id, listener, "http://here")

    return press


def grant_of(session: PlaybackSession) -> Grant:
    token = session.base_url.split("/t/")[1].split("/")[0]
    return read_path_token(token, ASSET_ID, KEYS)


def test_every_edge_is_given_the_same_grant_in_its_own_dialect(play: Play) -> None:
    session = play(
        public_url="https://a.example,https://b.example 0,https://c.example/music 0 akamai",
        **VENDORS,
    )
    edges = {urlsplit(one.base_url).hostname: one for one in (session, *session.fallbacks)}

    assert set(edges) == {"a.example", "b.example", "c.example"}
    assert session.base_url.startswith("https://a.example/t/")
    assert (
        edges["a.example"].base_url.split("/t/")[1] == edges["b.example"].base_url.split("/t/")[1]
    )
    assert edges["c.example"].base_url == f"https://c.example/music/upto/160/audio/{ASSET_ID}/"
    assert edges["c.example"].query


def test_whole_addresses_carry_the_query_of_a_dialect_that_has_one(play: Play) -> None:
    settings = {"public_url": "https://c.example akamai", **VENDORS}
    akamai = open_dialect("akamai", Settings(_env_file=None, **VENDORS), KEYS)  # type: ignore[arg-type]

    session = play(**settings)

    for address in (session.manifest_url, session.hls_url):
        parts = urlsplit(address)
        assert address.startswith(session.base_url)
        assert parts.query == session.query != ""
        akamai.verify(
            SignedRequest(scheme="https", host="c.example", path=parts.path, query=parts.query), 0
        )


def test_cookies_come_with_name_value_and_path(play: Play) -> None:
    session = play(public_url="https://c.example akamai-cookies", tier="premium", **VENDORS)

    assert session.query == ""
    [cookie] = session.cookies
    assert cookie.name
    assert cookie.value
    assert f"/audio/{ASSET_ID}/".startswith(cookie.path)
    assert session.hls_url == f"{session.base_url}index.m3u8"


def test_without_a_setting_a_session_has_one_address_and_nothing_to_fall_back_to(
    play: Play,
) -> None:
    session = play()

    assert session.base_url.startswith("http://here/t/1.k1.")
    assert session.fallbacks == []
    assert grant_of(session).highest_bps == 160_000
    assert grant_of(play("premium")).highest_bps == 320_000


@pytest.mark.parametrize(
    ("bind", "address", "country"),
    [
        (None, None, None),
        ("address", "192.0.2.7", None),
        ("country", None, "DE"),
        ("address, country", "192.0.2.7", "DE"),
    ],
)
def test_a_grant_is_bound_to_what_is_set(
    play: Play, bind: str | None, address: str | None, country: str | None
) -> None:
    grant = grant_of(play(place=("192.0.2.7", "DE"), bind_grants=bind, country_header="x-country"))

    assert grant.client_address == (ip_address(address) if address else None)
    assert grant.country == country


def test_what_is_not_known_of_a_listener_binds_nothing(play: Play) -> None:
    grant = grant_of(
        play(place=("2001:db8::1", None), bind_grants="address,country", country_header="x")
    )

    assert (str(grant.client_address), grant.country) == ("2001:db8::1", None)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"bind_grants": "shoe-size"}, "LEGATO_BIND_GRANTS: found 'shoe-size'"),
        ({"bind_grants": "country"}, "LEGATO_BIND_GRANTS: country needs LEGATO_COUNTRY_HEADER"),
        (
            {"bind_grants": "address", "public_url": "https://a.example bunny", **VENDORS},
            "LEGATO_BIND_GRANTS: dialect 'bunny' of LEGATO_PUBLIC_URL cannot bind a grant",
        ),
    ],
)
def test_a_binding_that_cannot_be_is_refused_at_start(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        Playback(Settings(_env_file=None, **settings), lambda: KEYS)
