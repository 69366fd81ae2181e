"""Key sets: from a file or a URL, replaced while we run, away for a while."""

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from legato.errors import BadInput, Forbidden, Unavailable
from legato.origin.playback.jwks import Jwks, open_jwks
from legato.origin.playback.listener_keys import ListenerKey
from legato.origin.playback.listener_token import ListenerTokens
from legato.origin.playback.tiers import parse_tiers
from legato.settings import Settings
from tests.origin.playback.signed_tokens import (
    KeySetServer,
    ec_key,
    jwks,
    public_pem,
    rsa_key,
    serving,
    token,
)

SET = jwks(r1=rsa_key(), e1=ec_key())
HOUR_S = 3600.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def served() -> Iterator[KeySetServer]:
    with serving(SET) as server:
        yield server


def at_url(served: KeySetServer, clock: Clock) -> Jwks:
    """The set at a URL, with a clock of ours."""
    opened = open_jwks(served.url)
    return Jwks(opened._load, opened._good_for_s, clock)


def known(keys: Jwks, key_id: str | None) -> bool:
    return bool(keys.candidates(key_id))


def tokens_of(source: str) -> ListenerTokens:
    return ListenerTokens(Settings(jwt_jwks=source, _env_file=None), parse_tiers("free:160"))


def test_tokens_of_a_set_at_a_url_are_good(served: KeySetServer) -> None:
    tokens = tokens_of(served.url)

    assert tokens.read(token(rsa_key(), "RS256", "r1")).subject == "anna"
    assert tokens.read(token(ec_key(), "ES256", "e1")).subject == "anna"
    assert served.requests == 1


def test_tokens_of_a_set_in_a_file_are_good(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(SET))

    assert tokens_of(str(path)).read(token(ec_key(), "ES256", "e1")).subject == "anna"


def test_nothing_is_fetched_before_it_is_needed(served: KeySetServer) -> None:
    tokens_of(served.url)

    assert served.requests == 0


def test_a_new_key_is_fetched_as_soon_as_a_token_names_it(
    served: KeySetServer, clock: Clock
) -> None:
    keys = at_url(served, clock)
    assert not known(keys, "r2")

    served.document = jwks(r2=rsa_key(2))
    clock.now += 10

    assert known(keys, "r2")
    assert not known(keys, "r1")


def test_keys_that_are_not_there_are_not_asked_for_again_and_again(
    served: KeySetServer, clock: Clock
) -> None:
    keys = at_url(served, clock)

    for number in range(1000):
        assert not known(keys, f"made-up-{number}")

    assert served.requests == 1


def test_a_key_that_was_taken_away_is_good_for_five_minutes_at_most(
    served: KeySetServer, clock: Clock
) -> None:
    keys = at_url(served, clock)
    assert known(keys, "r1")

    served.document = jwks(e1=ec_key())
    clock.now += 299
    assert known(keys, "r1")
    clock.now += 1

    assert not known(keys, "r1")


def test_while_the_url_is_away_the_keys_of_before_are_good(
    served: KeySetServer, clock: Clock
) -> None:
    keys = at_url(served, clock)
    assert known(keys, "r1")

    served.document = None
    for _ in range(5):
        clock.now += HOUR_S
        assert known(keys, "r1")
        assert known(keys, "r1")

    assert served.requests == 6  # once an hour, not once a token
    served.document = jwks(r2=rsa_key(2))
    clock.now += 10
    assert known(keys, "r2")


@pytest.mark.parametrize("document", [None, [], {}, {"keys": "r1"}, {"keys": []}, {"keys": [1]}])
def test_a_url_that_never_answered_a_set_is_unavailable(document: Any, clock: Clock) -> None:
    with serving(document) as served:
        keys = at_url(served, clock)

        for _ in range(2):
            with pytest.raises(Unavailable) as refused:
                keys.candidates("r1")
            assert refused.value.code == "jwks_unavailable"

        assert served.requests == 1


@dataclass(slots=True)
class SlowSource:
    """A source that answers at once the first time, and later when it may."""

    reading: threading.Event = field(default_factory=threading.Event)
    answer: threading.Event = field(default_factory=threading.Event)
    loads: int = 0

    def load(self) -> list[ListenerKey]:
        self.loads += 1
        if self.loads > 1:
            self.reading.set()
            assert self.answer.wait(10)
        return [ListenerKey(key_id="r1", algorithm="RS256", key=rsa_key().public_key())]


@pytest.mark.parametrize(("asked", "later_s"), [("r1", 300), ("unheard-of", 10)])
def test_a_slow_source_holds_up_nobody_who_has_keys(
    clock: Clock, asked: str, later_s: float
) -> None:
    """One reads an old set again, or for a key that is not there; others use those of before."""
    source = SlowSource()
    keys = Jwks(source.load, 300, clock)
    assert known(keys, "r1")
    clock.now += later_s
    slow = threading.Thread(target=keys.candidates, args=(asked,))
    slow.start()
    try:
        assert source.reading.wait(10)
        assert known(keys, "r1")
        with pytest.raises(Unavailable, match="are being read"):
            keys.candidates("another")  # which may be in what is being read
        assert slow.is_alive()
    finally:
        source.answer.set()
        slow.join()
    assert not known(keys, "another")


def test_a_file_is_read_again_when_it_changes(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(SET))
    opened = open_jwks(str(path))
    keys = Jwks(opened._load, opened._good_for_s, clock)
    assert known(keys, "r1")

    path.write_text(json.dumps(jwks(r2=rsa_key(2))))
    clock.now += 5
    assert (known(keys, "r1"), known(keys, "r2")) == (False, True)

    path.write_text("half a fi")
    clock.now += 5
    assert known(keys, "r2")


@pytest.mark.parametrize("text", [None, "", "[]", '{"keys": []}'])
def test_a_file_that_is_no_set_is_refused_at_start(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "jwks.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(BadInput, match=f"LEGATO_JWT_JWKS: {path}"):
        open_jwks(str(path))


def test_keys_for_other_uses_and_algorithms_are_passed_over(tmp_path: Path) -> None:
    weak = {"kty": "oct", "k": base64.urlsafe_b64encode(bytes(16)).decode(), "kid": "weak"}
    rsa_jwk, ec_jwk = SET["keys"]
    others = [
        weak, 7, {"kid": "nothing"}, {**rsa_jwk, "kid": "enc", "use": "enc"},
        {**rsa_jwk, "kid": "ps", "alg": "PS256"}, {**ec_jwk, "kid": "bent", "x": "AAAA"},
    ]  # fmt: skip
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [*others, rsa_jwk]}))

    keys = open_jwks(str(path))

    assert known(keys, "r1")
    for kid in ("weak", "nothing", "enc", "ps", "bent"):
        assert not known(keys, kid)


def test_a_keys_algorithm_is_the_sets_word_not_the_tokens(served: KeySetServer) -> None:
    [found] = open_jwks(served.url).candidates("r1")

    assert found.algorithm == "RS256"
    assert not isinstance(found.key, bytes)
    assert public_pem(rsa_key()).decode() not in repr(found)


def test_keys_of_both_settings_are_known(tmp_path: Path, served: KeySetServer) -> None:
    (tmp_path / "rsa.pem").write_bytes(public_pem(rsa_key(3)))
    settings = Settings(
        jwt_keys=f"own:RS256:{tmp_path}/rsa.pem", jwt_jwks=served.url, _env_file=None
    )
    tokens = ListenerTokens(settings, parse_tiers("free:160"))

    assert tokens.read(token(rsa_key(3), "RS256", "own")).subject == "anna"
    assert tokens.read(token(rsa_key(), "RS256", "r1")).subject == "anna"


def test_every_key_that_may_have_signed_a_token_is_tried(tmp_path: Path) -> None:
    """Of two sources that share an id, of a set without ids, for a token that names no key."""
    (tmp_path / "rsa.pem").write_bytes(public_pem(rsa_key(3)))
    (tmp_path / "shared.json").write_text(json.dumps(jwks(r1=rsa_key(), e1=ec_key())))
    nameless = [{name: one[name] for name in one if name != "kid"} for one in SET["keys"]]
    (tmp_path / "nameless.json").write_text(json.dumps({"keys": nameless}))
    own = f"r1:RS256:{tmp_path}/rsa.pem"
    tiers = parse_tiers("free:160")
    for source in ("shared", "nameless"):
        both = Settings(jwt_keys=own, jwt_jwks=f"{tmp_path}/{source}.json", _env_file=None)
        tokens = ListenerTokens(both, tiers)
        kid = "r1" if source == "shared" else None
        for key, algorithm in ((rsa_key(3), "RS256"), (rsa_key(), "RS256"), (ec_key(), "ES256")):
            named = kid if algorithm == "RS256" else None
            assert tokens.read(token(key, algorithm, named)).subject == "anna"
        for stranger in (token(rsa_key(7), "RS256", kid), token(rsa_key(7), "RS256", None)):
            with pytest.raises(Forbidden, match="that a key known here has signed"):
                tokens.read(stranger)
        with pytest.raises(Forbidden) as late:
            tokens.read(token(ec_key(), "ES256", None, expires_in_s=-60))
        assert late.value.code == "expired_listener_token"


def test_a_set_is_asked_only_for_tokens_that_no_key_before_it_has_signed(
    tmp_path: Path, served: KeySetServer
) -> None:
    (tmp_path / "rsa.pem").write_bytes(public_pem(rsa_key(3)))
    settings = Settings(
        jwt_keys=f"own:RS256:{tmp_path}/rsa.pem", jwt_jwks=served.url, _env_file=None
    )

    ListenerTokens(settings, parse_tiers("free:160")).read(token(rsa_key(3), "RS256", "own"))

    assert served.requests == 0
