"""SIGKILL to any process at any moment, from the first byte of an upload to a track that plays."""

import json
import os
import random
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from legato.transcode.ffmpeg_binary import FfmpegBinary
from tests.kills.sender import Sender
from tests.running import RunningServer, descendants, run_legato, wait_until

LONGEST_S = 1.5
RECORDINGS_EACH = 5
ALL_READY_S = 240
_NEVER = threading.Event()


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("kills", [4, pytest.param(200, marks=pytest.mark.soak)])
def test_whatever_is_killed_nothing_is_lost_doubled_or_left(
    tmp_path: Path, album: list[Path], ffmpeg: FfmpegBinary, kills: int
) -> None:
    """SIGKILL to any process at random moments: no upload lost or doubled, no object left over."""
    chance = random.Random(5)
    server = RunningServer(tmp_path / "data").start()
    masters = copies(tmp_path, album, ffmpeg, recordings=max(2, kills // RECORDINGS_EACH))
    senders = [
        Sender(server.url, server.api_key, master, f"{number}-{master.name}")
        for number, master in enumerate(masters)
    ]
    over = threading.Event()
    threads = [threading.Thread(target=one.send, args=(over,)) for one in senders]
    try:
        for thread in threads:
            thread.start()
        for _ in range(kills):
            _NEVER.wait(chance.uniform(0, LONGEST_S))
            kill_one(server, chance)
        for thread in threads:
            thread.join(ALL_READY_S)
    finally:
        over.set()
    tracks = wait_until(lambda: all_final(server), ALL_READY_S)

    assert [one.lost for one in senders if one.lost] == []
    names = sorted(track["file_name"] for track in tracks)
    assert names == sorted(one.file_name for one in senders)
    assert {track["state"] for track in tracks} == {"ready"}
    server.stop()
    assert_nothing_is_left(server.data, tracks)


def copies(folder: Path, album: list[Path], ffmpeg: FfmpegBinary, *, recordings: int) -> list[Path]:
    """So many short recordings, each sent twice: as FLAC, and as WAV."""
    made = []
    for number in range(recordings):
        source = album[number % len(album)]
        for name in (f"{number}.flac", f"{number}.wav"):
            cut = ["-ss", str(number / 10), "-t", "3", "-i", str(source), "-map", "0:a"]
            path = folder / name
            subprocess.run(
                [ffmpeg.path, "-v", "error", *cut, "-sample_fmt", "s16", str(path)], check=True
            )
            made.append(path)
    return made


def kill_one(server: RunningServer, chance: random.Random) -> None:
    """The server, its worker, or one of the ffmpegs; the server is started again."""
    family = descendants(server.pid)
    victim = chance.choice([server.pid, *(one.pid for one in family)])
    with suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    if victim == server.pid:
        server.kill()
        server.start()


def all_final(server: RunningServer) -> list[dict[str, Any]] | None:
    answer = server.api.get("/v1/tracks", params={"limit": 1000})
    found: list[dict[str, Any]] = answer.json()["tracks"]
    final = all(track["state"] in ("ready", "refused", "failed") for track in found)
    return found if final else None


def assert_nothing_is_left(data: Path, tracks: list[dict[str, Any]]) -> None:
    """After `legato gc` there are the objects that tracks refer to, whole, and no others."""
    collected = run_legato("gc", "--grace", "0", "--json", data=data)
    assert collected.returncode == 0, collected.stderr
    stored = {path.name for path in (data / "objects" / "audio").iterdir()}
    assert stored == {track["asset_id"] for track in tracks}
    masters = list(files(data / "objects" / "masters"))
    assert len(masters) == len(tracks)
    assert [path.name for path in files(data / "scratch") if path.name != ".folder-id"] == []
    verified = run_legato("verify", "--json", data=data)
    reports = [json.loads(line) for line in verified.stdout.splitlines()]
    assert verified.returncode == 0, verified.stdout
    assert len(reports) == len(stored)


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
