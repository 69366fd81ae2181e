"""The origin and the edge beside nginx serving the same bytes static and unsigned.

    python -m bench.serving      writes docs/figures/serving.md

One server process each, wrk on loopback, in turn. What disturbs a server only ever slows it, so
the best of each side's rounds is shown.
"""

import base64
import getpass
import secrets
import subprocess
import sys
import time
import timeit
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Self

import jwt

from bench import open_loop
from bench.figures import table, write_figures
from bench.open_loop import Played
from bench.wrk import Load, load
from fixtures.real_music import MUSIC
from legato.catalog.rights.rights import Deal, add_deal
from legato.deployment import Deployment
from legato.origin.dialects.path_token import PathTokenVerifier, write_path_token
from legato.origin.grants.grant import new_grant
from legato.origin.grants.signing_keys import SigningKeys
from legato.settings import Settings
from tests.origin.listening import keys_of, token_for
from tests.running import ReadyTrack, RunningServer, free_port, wait_until
from tests.servers.nginx import NginxEdge

PIECES: Final = ("antarctic/arctic_breeze", "castle/fortress", "forest/clavelian_march")
ROUNDS, SECONDS = 4, 5
ORIGIN_LIMIT, EDGE_LIMIT = 0.65, 0.90
PLAYS_A_SECOND, PLAY_SECONDS, PLAY_LIMIT_MS = 200, 20, 20.0
MANY_REQUESTS, BURST_S, GROWTH_LIMIT_MB = 2_000_000, 10, 8
MEMOISED_LIMIT_US, VERIFIED_LIMIT_US = 10.0, 60.0
TOKENS = 2_000
# The origin belongs to the edge; wrk, which asks it directly, has to show the edge's secret.
EDGE_SECRET: Final = secrets.token_urlsafe(24)
JWT_SECRET: Final = secrets.token_bytes(32)
DEAL: Final = Deal(excluded=frozenset({"US", "GB"}), starts_at=datetime(2020, 1, 1))  # noqa: DTZ001 - local, wherever it is
AS_THE_EDGE: Final = {"X-Legato-Edge-Secret": EDGE_SECRET}
# So long that the edge's hot files are open, and its judgements remembered.
WARM_S: Final = 4

EXPLANATION = (
    "Chunks of about 100 kB (`aac-160`, {chunks} of them, {mean:.0f} kB in the mean), asked for "
    "in turn by one thread of wrk over 32 connections on loopback; one server process each. nginx "
    "serves them from files with `sendfile`, unsigned: the floor. The origin verifies a path token "
    "on every request; the edge verifies it too, and answers from its cache, whose hot files it "
    "holds open (which the first does not). The best of {rounds} rounds of {seconds} s in turn."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunks:
    """The same chunks as signed and as plain addresses."""

    signed: list[str]
    plain: list[str]
    mean_bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """All that was measured."""

    static: Load
    origin: Load
    edge: Load
    played: Played
    memory: list[int]
    chunks: Chunks
    verification_us: tuple[float, float]

    @property
    def play_ms(self) -> float:
        return self.played.took.at(0.99) * 1000

    @property
    def growth_mb(self) -> float:
        return (self.memory[-1] - self.memory[0]) / 1e6

    def over_limits(self) -> list[str]:
        """What does not hold."""
        remembered_us, fresh_us = self.verification_us
        loads = (self.static, self.origin, self.edge)
        holds = {
            "origin": self.origin.rate >= ORIGIN_LIMIT * self.static.rate,
            "edge": self.edge.rate >= EDGE_LIMIT * self.static.rate,
            "errors": not (any(load.errors for load in loads) or self.played.errors),
            "play": self.play_ms < PLAY_LIMIT_MS,
            "verification": remembered_us < MEMOISED_LIMIT_US and fresh_us < VERIFIED_LIMIT_US,
            "memory": self.growth_mb <= GROWTH_LIMIT_MB,
        }
        return [name for name, held in holds.items() if not held]


def main() -> None:
    served = measure()
    report(served)
    over = served.over_limits()
    sys.exit(f"over a limit: {', '.join(over)}" if over else 0)


def measure() -> Served:
    with TemporaryDirectory() as name, _Servers(Path(name)) as servers:
        print("serving: rates", file=sys.stderr)
        static, origin, edge = servers.rates()
        print("serving: plays", file=sys.stderr)
        played = servers.plays()
        print("serving: memory", file=sys.stderr)
        return Served(
            static=static, origin=origin, edge=edge, played=played, memory=servers.memory(),
            chunks=servers.chunks, verification_us=verification_us(),
        )  # fmt: skip


def report(served: Served) -> None:
    static, played = served.static, served.played
    rows = [
        ["nginx, static and unsigned", f"{static.rate:,.0f}", "1", f"{static.p99_ms:.1f} ms", ""],
        _row("the origin, signed", served.origin, static, ORIGIN_LIMIT),
        _row("the edge, signed and cached", served.edge, static, EDGE_LIMIT),
    ]
    memory = ", ".join(f"{one / 1e6:.0f}" for one in served.memory)
    remembered_us, fresh_us = served.verification_us
    write_figures(
        "serving",
        title="What serving costs",
        command="make bench",
        paragraphs=[
            EXPLANATION.format(
                chunks=len(served.chunks.plain), mean=served.chunks.mean_bytes / 1000,
                rounds=ROUNDS, seconds=SECONDS,
            ),
            table(["server", "requests/s", "of nginx static", "p99", "limit"], rows),
            (
                f"`POST play` at {PLAYS_A_SECOND} a second, open loop, for {PLAY_SECONDS} s, by a "
                f"listener with a JWT (HS256), of tracks with a deal: p50 "
                f"{played.took.at(0.5) * 1000:.1f} ms, p99 **{served.play_ms:.1f} ms** (limit "
                f"{PLAY_LIMIT_MS:.0f} ms), errors {sum(played.errors.values())}; requests left "
                f"late by {played.late.at(0.99) * 1000:.1f} ms at the 99th percentile."
            ),
            (
                f"Verifying a token: **{remembered_us:.1f} µs** when it is remembered (limit "
                f"{MEMOISED_LIMIT_US:.0f}), **{fresh_us:.1f} µs** when not (limit "
                f"{VERIFIED_LIMIT_US:.0f})."
            ),
            (
                f"Memory of the origin's process over {MANY_REQUESTS:,} requests, sampled every "
                f"tenth of them: {memory} MB; growth after the first tenth "
                f"**{served.growth_mb:+.1f} MB** (limit {GROWTH_LIMIT_MB})."
            ),
        ],
    )  # fmt: skip


def _row(name: str, server: Load, static: Load, limit: float) -> list[str]:
    ratio = f"**{server.rate / static.rate:.2f}**"
    return [name, f"{server.rate:,.0f}", ratio, f"{server.p99_ms:.1f} ms", f"{limit:.2f}"]


class _Servers:
    """A legato with some music, nginx in front of it as its edge, and nginx over plain files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        settings = {
            "LEGATO_RATE_LIMIT": "1000000/second",
            "LEGATO_MEMORY_CACHE_BYTES": str(1 << 26),
            "LEGATO_EDGE_SECRET": EDGE_SECRET,
            "LEGATO_JWT_KEYS": f"bench:HS256:{base64.b64encode(JWT_SECRET).decode()}",
        }
        self.origin = RunningServer(folder / "data", settings)

    def __enter__(self) -> Self:
        self.origin.start()
        self.tracks = [self.origin.ready_track(MUSIC / f"{piece}.ogg") for piece in PIECES]
        self.chunks = self._chunks(self.tracks[0])
        return self

    def __exit__(self, *_error: object) -> None:
        self.origin.kill()

    def rates(self) -> tuple[Load, Load, Load]:
        """The best round of nginx static, of the origin, and of the edge."""
        rounds: list[list[Load]] = [[], [], []]
        keys = keys_of(self.origin)
        edge = NginxEdge(self._folder / "edge", self.origin.url, keys, secret=EDGE_SECRET)
        with static_nginx(self._folder / "static") as static_url, edge:
            edge.wait_for_list()
            load(edge.url, self.chunks.signed, seconds=WARM_S)
            for _ in range(ROUNDS):
                rounds[0].append(load(static_url, self.chunks.plain, seconds=SECONDS))
                rounds[1].append(self._ask_origin(self.chunks.signed, SECONDS))
                rounds[2].append(load(edge.url, self.chunks.signed, seconds=SECONDS))
        static, origin, cached = (max(one, key=lambda run: run.rate) for one in rounds)
        return static, origin, cached

    def plays(self) -> Played:
        """A listener plays the tracks in turn, under a deal each."""
        deployment = Deployment(Settings(data=self._folder / "data", _env_file=None))
        with deployment.database.write() as session:
            for track in self.tracks:
                add_deal(session, track.track_id, DEAL)
        claims = {"sub": "bench", "tier": "premium", "country": "DE", "exp": time.time() + 3600}
        token = jwt.encode(claims, JWT_SECRET, "HS256", headers={"kid": "bench"})
        track_ids = [track.track_id for track in self.tracks]
        return open_loop.run(self.origin.url, token, track_ids, PLAYS_A_SECOND, PLAY_SECONDS)

    def memory(self) -> list[int]:
        """The web process's resident bytes after every tenth of many requests for everything."""
        paths = [
            address
            for track in self.tracks
            for address in every_address(track, token_for(self.origin, track))
        ]
        samples: list[int] = []
        done = 0
        while done < MANY_REQUESTS:
            done += self._ask_origin(paths, BURST_S).requests
            if done >= (len(samples) + 1) * MANY_REQUESTS // 10:
                samples.append(resident_bytes(self.origin.pid))
        return samples

    def _ask_origin(self, paths: list[str], seconds: int) -> Load:
        return load(self.origin.url, paths, seconds=seconds, headers=AS_THE_EDGE)

    def _chunks(self, track: ReadyTrack) -> Chunks:
        """All whole chunks of one rendition, laid out as files too."""
        rendition = "aac-160"
        count = len(track.manifest.rendition(rendition).chunks) - 1
        plain = [f"{track.path}{rendition}/{index}.m4s" for index in range(count)]
        token = token_for(self.origin, track)
        signed = [f"/t/{token}{path}" for path in plain]
        sizes = []
        for path, address in zip(plain, signed, strict=True):
            answer = self.origin.web.get(address, headers=AS_THE_EDGE)
            body = answer.raise_for_status().content
            file = self._folder / "static" / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)
            sizes.append(len(body))
        return Chunks(signed=signed, plain=plain, mean_bytes=sum(sizes) / len(sizes))


def every_address(track: ReadyTrack, token: str) -> Iterator[str]:
    """Every chunk of every rendition, and the playlists."""
    base = f"/t/{token}{track.path}"
    yield from (base + name for name in ("manifest.json", "index.m3u8", "aac-96/index.m3u8"))
    for entry in track.manifest.renditions:
        extension = "m4s" if entry.codec == "aac" else "ogg"
        for index in range(len(entry.chunks)):
            yield f"{base}{entry.name}/{index}.{extension}"


def resident_bytes(pid: int) -> int:
    """VmRSS of proc(5)."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


@contextmanager
def static_nginx(root: Path) -> Iterator[str]:
    """nginx over a folder of files, with `sendfile` and no log; yields its URL."""
    port = free_port()
    temporary = "".join(
        f"{kind}_temp_path {root}/.{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = root / ".nginx.conf"
    configuration.write_text(
        f"user {getpass.getuser()}; daemon off; worker_processes 1; pid {root}/.pid;\n"
        f"error_log {root}/.error.log;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; sendfile on; keepalive_requests 100000000; {temporary}\n"
        f"server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n"
    )
    process = subprocess.Popen(["nginx", "-c", str(configuration)])
    try:
        wait_until((root / ".pid").exists)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def verification_us() -> tuple[float, float]:
    """Microseconds to verify a token that is remembered, and one that is not."""
    keys = SigningKeys(by_id={"k1": secrets.token_bytes(32)})
    asset_id = "0" * 64
    expires_at_s = int(time.time()) + 3600
    tokens = [
        write_path_token(
            new_grant(
                track_id="ab" * 10, asset_id=asset_id, expires_at_s=expires_at_s,
                highest_bps=320_000,
            ),
            keys,
        )
        for _ in range(TOKENS)
    ]  # fmt: skip
    verifier = PathTokenVerifier(keys)

    def verify_all() -> None:
        for token in tokens:
            verifier.verify(token, asset_id)

    fresh, remembered = (timeit.timeit(verify_all, number=1) / TOKENS * 1e6 for _ in range(2))
    return remembered, fresh


if __name__ == "__main__":
    main()
