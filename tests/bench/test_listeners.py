"""The whole scenario, small, and what its verdict says of what does not hold."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.audience import AFTER, AWAY, BEFORE, WARM_UP, Listened, Plan, listen
from bench.catalogue import Piece
from bench.listeners import broken_limits
from bench.tally import RIGHT, WRONG_BYTES, Asked, Ledger, Tally
from bench.venue import Habits
from legato.origin.grants.signing_keys import load_signing_keys
from tests.running import RunningServer
from tests.servers.nginx import NginxEdge

PLAN = Plan(
    listeners=20, arrive_s=0.2, warm_up_s=1.5, before_s=0.5, away_s=0.3, settle_s=0.2,
    after_s=0.5, habits=Habits(speed=10),
)  # fmt: skip


def test_through_the_edge_nobody_hears_the_origin_go(
    server: RunningServer, pieces: list[Piece], tmp_path: Path
) -> None:
    keys = load_signing_keys(None, server.data / "keys")
    with NginxEdge(tmp_path, server.url, keys) as edge:
        listened = listen(server, edge.url, pieces, PLAN)

    away, after = (listened.ledger.phase(name) for name in (AWAY, AFTER))
    assert listened.wrong == 0
    assert not any(phase.failures(Asked.KNOWN) for phase in listened.measured)
    assert listened.stalls[Asked.KNOWN] == 0
    assert away.chunks > 0
    assert after.chunks > 0
    assert listened.hit_ratio > 0.5


def sound() -> Listened:
    """A second of each phase for one listener, all of it as it must be."""
    phases = [
        Tally(name=name, began_s=0, ended_s=1, chunks=4, music_s=20)
        for name in (WARM_UP, BEFORE, AWAY, AFTER)
    ]
    for tally in phases:
        for _ in range(4):
            tally.answered(Asked.KNOWN, RIGHT, 0.001)
            tally.media_answered("asset/aac-96/0.m4s", RIGHT, "HIT", 60_000)
    plan = Plan(listeners=1, habits=Habits(speed=20))
    return Listened(plan=plan, ledger=Ledger(phases), cpu_share=0.5)


def wrong_byte(ledger: Ledger) -> None:
    ledger.phases[0].answered(Asked.NEW, WRONG_BYTES, 0.001)


def miss(ledger: Ledger) -> None:
    ledger.phase(AFTER).media_answered("asset/aac-96/1.m4s", RIGHT, "MISS", 60_000)


def known_fails(ledger: Ledger) -> None:
    ledger.phase(AWAY).answered(Asked.KNOWN, "502", 0.001)


def known_stalls(ledger: Ledger) -> None:
    ledger.phase(AWAY).stalls[Asked.KNOWN] += 1


def play_fails_later(ledger: Ledger) -> None:
    ledger.phase(AFTER).answered(Asked.PLAY, "500", 0.001)


def gives_up(ledger: Ledger) -> None:
    ledger.phase(AWAY).given_up[Asked.PLAY] += 1


def slow(ledger: Ledger) -> None:
    ledger.phase(BEFORE).music_s = 19.0


def test_what_is_as_it_must_be_breaks_no_limit() -> None:
    listened = sound()
    listened.ledger.phase(AWAY).answered(Asked.PLAY, "ClientConnectorError", 0.001)
    listened.ledger.phase(AWAY).answered(Asked.NEW, "502", 0.001)

    assert broken_limits(listened) == []


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (wrong_byte, "1 bodies with a wrong byte"),
        (miss, "hit ratio 92.31%"),
        (known_fails, "1 failures of media that the edge knew"),
        (known_stalls, "1 stalls on such media"),
        (play_fails_later, "failures after: {'500': 1}"),
        (gives_up, "1 listeners gave up"),
        (slow, "0.950 of the speed"),
    ],
)
def test_what_is_not_breaks_its_limit(happens: Callable[[Ledger], None], words: str) -> None:
    listened = sound()
    happens(listened.ledger)

    assert broken_limits(listened) == [words]
