"""`legato warm`: what listeners will ask for first is at the edge before they do."""

import json
import random
import wave
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fixtures.edge_cases import SMALL
from legato.catalog.accounts.tenants import ensure_tenant
from legato.catalog.database import Database
from legato.catalog.schema import ReleaseRow, ReleaseTrackRow
from legato.origin.edges.warm import addresses_to_warm
from tests.origin.edges.fake_edge import Answer, Asked, FakeEdge
from tests.running import ReadyTrack, RunningServer, run_legato

SECONDS = 16
CHUNKS = 4


@pytest.fixture(scope="module")
def track(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> ReadyTrack:
    """Of four chunks."""
    master = tmp_path_factory.mktemp("master") / "noise.wav"
    with wave.open(str(master), "wb") as file:
        file.setparams((1, 2, 44_100, 0, "NONE", ""))
        quiet = random.Random(1).randbytes(2 * 44_100 * SECONDS)
        file.writeframes(bytes(0 if at % 2 else byte for at, byte in enumerate(quiet)))
    return server.ready_track(master)


class Cache:
    """An edge that keeps what it has fetched from the origin, under its address without token."""

    def __init__(self, origin: httpx.Client) -> None:
        self._origin = origin
        self.kept: dict[str, Answer] = {}

    def answer(self, asked: Asked) -> Answer:
        key = "/audio/" + asked.path.partition("/audio/")[2]
        if key in self.kept:
            status, body, headers = self.kept[key]  # type: ignore[misc]
            return status, body, {**headers, "x-cache": "HIT"}
        found = self._origin.get(asked.path, headers={"accept-encoding": "identity"})
        self.kept[key] = (found.status_code, found.content, {"x-cache": "MISS"})
        return self.kept[key]


@pytest.fixture
def cache(server: RunningServer) -> Cache:
    return Cache(server.web)


@pytest.fixture
def edge(cache: Cache) -> Iterator[FakeEdge]:
    with FakeEdge(cache.answer) as edge:
        yield edge


def warm(
    server: RunningServer, *arguments: str, status: int = 0, env: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """The reports of a run."""
    done = run_legato("warm", *arguments, "--json", data=server.data, env=env)
    assert done.returncode == status, done.stdout + done.stderr
    assert "/t/1." not in done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_players_ask_for_first_comes_first(track: ReadyTrack) -> None:
    addresses = list(addresses_to_warm(track.manifest, highest_bps=320_000, first_chunks=3))
    names = [address for address, _ in addresses]

    assert names[:2] == ["manifest.json", "index.m3u8"]
    chunks = [name for name in names if name.rpartition("/")[2][0].isdecimal()]
    assert [Path(name).stem for name in chunks] == ["0"] * 6 + ["1"] * 6 + ["2"] * 6
    assert names[-18:] == chunks
    assert {name for name in names if "init" in name} == {
        *(f"aac-{kbps}/init.mp4" for kbps in (96, 160, 320)),
        *(f"vorbis-{kbps}/init.ogg" for kbps in (96, 160, 320)),
    }
    assert len(names) == len(set(names)) == 2 + 3 + 3 + 6 + 18


def test_a_tier_is_warmed_up_to_its_bitrate(track: ReadyTrack) -> None:
    addresses = addresses_to_warm(track.manifest, highest_bps=160_000, first_chunks=None)
    names = [address for address, _ in addresses]

    assert "index-160.m3u8" in names
    assert "index.m3u8" not in names  # it names what is above
    assert not [name for name in names if "320" in name]
    assert sum("/3." in name for name in names) == 4


def test_an_edge_is_cold_once(
    server: RunningServer, track: ReadyTrack, cache: Cache, edge: FakeEdge
) -> None:
    [first] = warm(server, track.track_id, "--edge", edge.url)

    assert (first["edge"], first["requests"], first["failed"]) == (edge.url, 32, 0)
    assert (first["hits"], first["misses"]) == (0, 32)
    assert Counter(asked.path for asked in edge.asked).most_common(1)[0][1] == 1
    assert first["size_bytes"] == sum(len(kept[1]) for kept in cache.kept.values())

    [again] = warm(server, track.track_id, "--edge", edge.url, "--jobs", "1")

    assert (again["hits"], again["misses"], again["size_bytes"]) == (32, 0, first["size_bytes"])


def test_all_of_a_release_is_warmed_at_every_public_url(
    server: RunningServer, track: ReadyTrack, edge: FakeEdge
) -> None:
    database = Database(f"sqlite:///{server.data / 'catalog.sqlite3'}")
    with database.write() as session:
        tenant_id = ensure_tenant(session)
        session.add(
            ReleaseRow(
                release_id="r-1", tenant_id=tenant_id, title="x", artist="x", upc=None,
                created_at_ms=1,
            )
        )  # fmt: skip
        session.flush()
        session.add(ReleaseTrackRow(release_id="r-1", position=1, track_id=track.track_id))
    database.close()

    cdns = {"LEGATO_PUBLIC_URL": f"{edge.url},{server.url} 2"}
    reports = warm(server, "r-1", track.track_id, "--all", env=cdns)

    every = 2 + 3 + 3 + 6 + 6 * CHUNKS + 1
    assert {one["edge"]: (one["requests"], one["failed"]) for one in reports} == {
        edge.url: (every, 0), server.url: (every, 0),
    }  # fmt: skip
    assert {one["edge"]: one["misses"] for one in reports} == {edge.url: every, server.url: 0}


def test_what_is_not_as_it_must_be_is_told(
    server: RunningServer, track: ReadyTrack, cache: Cache, edge: FakeEdge
) -> None:
    def answer(asked: Asked) -> Answer:
        status, body, *_ = cache.answer(asked)
        if asked.path.endswith("aac-96/0.m4s"):
            return status, body[:-1]
        return (403, b"{}") if asked.path.endswith("aac-96/1.m4s") else (status, body)

    edge.answer = answer

    [report] = warm(server, track.track_id, "--edge", edge.url, status=1)

    assert report["failed"] == 2
    short, refused = sorted(report["failures"])
    assert short.startswith(f"{track.track_id} aac-96/0.m4s: ")
    assert refused == f"{track.track_id} aac-96/1.m4s: status 403, expected 200"


def test_an_edge_that_is_away_fails_in_words_and_another_is_warmed(
    server: RunningServer, track: ReadyTrack
) -> None:
    with FakeEdge() as gone:
        pass

    both = f"{gone.url}, {server.url}"
    done = run_legato("warm", track.track_id, "--edge", both, data=server.data)

    assert done.returncode == 1
    assert f"✓ {server.url}: 32 requests" in done.stdout
    assert f"✗ {gone.url}: 32 requests, 0 bytes, 0 hits, 0 misses, 32 failed" in done.stdout
    assert "manifest.json: ConnectError after 0 bytes" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["0" * 20], "no_track"),
        (["{track}", "--edge", "edge.example"], "bad_edge"),
        (["{track}", "--edge", "https://edge.example carrier-pigeon"], "no_dialect"),
    ],
)
def test_what_cannot_be_warmed_is_refused(
    server: RunningServer, track: ReadyTrack, arguments: list[str], code: str
) -> None:
    wanted = [argument.replace("{track}", track.track_id) for argument in arguments]

    done = run_legato("warm", *wanted, data=server.data)

    assert (done.returncode, done.stderr.splitlines()[-1].endswith(f"[{code}]")) == (1, True)


def test_a_track_that_cannot_be_played_keeps_no_other_from_being_warmed(
    server: RunningServer, track: ReadyTrack, edge: FakeEdge
) -> None:
    refused = server.upload(SMALL / "not-audio.flac").json()["track_id"]
    assert server.final_track(refused)["state"] == "refused"

    done = run_legato(
        "warm", refused, track.track_id, "--edge", edge.url, "--json", data=server.data
    )

    assert done.returncode == 1
    assert refused in done.stderr
    assert "[not_ready]" in done.stderr
    assert json.loads(done.stdout)["failed"] == 0
