"""Key sets: from a file or a URL, replaced while we run, away for a while."""

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from legato.errors import BadInput, Unavailable
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
    assert keys.find("r2") is None

    served.document = jwks(r2=rsa_key(2))
    clock.now += 10

    assert keys.find("r2") is not None
    assert keys.find("r1") is None


def test_keys_that_are_not_there_are_not_asked_for_again_and_again(
    served: KeySetServer, clock: Clock
) -> None:
    keys = at_url(served, clock)

    for number in range(1000):
        assert keys.find(f"made-up-{number}") is None

    assert served.requests == 1


def test_a_key_that_was_taken_away_is_good_for_five_minutes_at_most(
    served: KeySetServer, clock: Clock
) -> None:
    keys = at_url(served, clock)
    assert keys.find("r1") is not None

    served.document = jwks(e1=ec_key())
    clock.now += 299
    assert keys.find("r1") is not None
    clock.now += 1

    assert keys.find("r1") is None


def test_while_the_url_is_away_the_keys_of_before_are_good(
    served: KeySetServer, clock: Clock
) -> None:
    keys = at_url(served, clock)
    assert keys.find("r1") is not None

    served.document = None
    for _ in range(5):
        clock.now += HOUR_S
        assert keys.find("r1") is not None
        assert keys.find("r1") is not None

    assert served.requests == 6  # once an hour, not once a token
    served.document = jwks(r2=rsa_key(2))
    clock.now += 10
    assert keys.find("r2") is not None


@pytest.mark.parametrize("document", [None, [], {}, {"keys": "r1"}, {"keys": []}, {"keys": [1]}])
def test_a_url_that_never_answered_a_set_is_unavailable(document: Any, clock: Clock) -> None:
    with serving(document) as served:
        keys = at_url(served, clock)

        for _ in range(2):
            with pytest.raises(Unavailable) as refused:
                keys.find("r1")
            assert refused.value.code == "jwks_unavailable"

        assert served.requests == 1


def test_a_slow_source_holds_up_nobody_who_has_keys(clock: Clock) -> None:
    """One reads the set again; the others go on with the keys of before."""
    reading, answer = threading.Event(), threading.Event()
    loads = 0

    def load() -> dict[str, ListenerKey]:
        nonlocal loads
        loads += 1
        if loads > 1:
            reading.set()
            assert answer.wait(10)
        return {"r1": ListenerKey(algorithm="RS256", key=rsa_key().public_key())}

    keys = Jwks(load, 300, clock)
    assert keys.find("r1") is not None
    clock.now += 300
    slow = threading.Thread(target=keys.find, args=("r1",))
    slow.start()
    try:
        assert reading.wait(10)
        assert keys.find("r1") is not None
        assert slow.is_alive()
    finally:
        answer.set()
        slow.join()


def test_a_file_is_read_again_when_it_changes(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(SET))
    opened = open_jwks(str(path))
    keys = Jwks(opened._load, opened._good_for_s, clock)
    assert keys.find("r1") is not None

    path.write_text(json.dumps(jwks(r2=rsa_key(2))))
    clock.now += 5
    assert (keys.find("r1"), keys.find("r2") is not None) == (None, True)

    path.write_text("half a fi")
    clock.now += 5
    assert keys.find("r2") is not None


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

    assert keys.find("r1") is not None
    for kid in ("weak", "nothing", "enc", "ps", "bent"):
        assert keys.find(kid) is None


def test_a_keys_algorithm_is_the_sets_word_not_the_tokens(served: KeySetServer) -> None:
    keys = open_jwks(served.url)
    found = keys.find("r1")

    assert found is not None
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
