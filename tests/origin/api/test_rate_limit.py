"""One caller may ask so often; nobody else pays for it."""

from collections.abc import Iterator

import httpx
import pytest

from legato.errors import BadInput
from legato.origin.api.rate_limit import parse_rate
from tests.running import RunningServer, wait_until
from tests.tenants import key_of

LIMIT = 5


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """It takes five requests in two seconds from each caller."""
    settings = {"LEGATO_RATE_LIMIT": f"{LIMIT} per 2 second"}
    with RunningServer(tmp_path_factory.mktemp("limited") / "data", settings) as running:
        yield running


def test_who_asks_too_often_is_told_when_to_come_back_and_may_then(limited: RunningServer) -> None:
    assert limited.api.get("/v1/tracks").status_code == 200  # a key counts once it is known good
    answers = [limited.api.get("/v1/tracks") for _ in range(LIMIT + 1)]

    assert [one.status_code for one in answers] == [200] * LIMIT + [429]
    refused = answers[-1]
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 2
    assert refused.headers["cache-control"] == "no-store"
    wait_until(lambda: limited.api.get("/v1/tracks").status_code == 200, 10)


def test_other_callers_health_and_media_are_not_touched(limited: RunningServer) -> None:
    made = key_of(limited.data, "another")
    wait_until(lambda: limited.api.get("/v1/tracks").status_code == 429, 10)

    other = httpx.get(
        f"{limited.url}/v1/tracks", headers={"authorization": f"Bearer {made}"}
    ).status_code

    assert other == 200
    assert {limited.web.get("/healthz").status_code for _ in range(2 * LIMIT)} == {200}
    assert {limited.web.get("/audio/x").status_code for _ in range(2 * LIMIT)} == {403}


def test_who_guesses_keys_is_stopped_and_takes_nothing_from_a_good_one(
    limited: RunningServer,
) -> None:
    """Although each guess is another, and all come from one address."""
    wait_until(lambda: limited.api.get("/v1/tracks").status_code == 200, 10)

    statuses = [
        httpx.get(
            f"{limited.url}/v1/{path}", headers={"authorization": f"{scheme} guess-{number}"}
        ).status_code
        for number in range(LIMIT)
        for scheme, path in (("Bearer", "tracks"), ("Basic", "no/such/path"))
    ]

    assert statuses[-1] == 429
    assert statuses.count(429) >= LIMIT
    wait_until(lambda: limited.api.get("/v1/tracks").status_code == 200, 10)


@pytest.mark.parametrize("text", ["", "fast", "100", "0x10/second", "10/fortnight", "-1/second"])
def test_a_limit_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="LEGATO_RATE_LIMIT: found"):
        parse_rate(text)
