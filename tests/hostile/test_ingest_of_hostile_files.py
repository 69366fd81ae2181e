"""Hostile files and hostile names, through `legato ingest`, with strace looking on."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fixtures.hostile import ACCEPTED, HOSTILE, NAMES, Bait
from tests.hostile.conftest import Listener
from tests.hostile.traced import Trace, trace
from tests.running import environment
from tests.transcode.test_ffmpeg_binary import WHEEL

CHOSEN = {
    "playlist.mp3", "playlist-in-id3.mp3", "playlist-key.m4a", "manifest.m4a", "script.wav",
    "reference.mov", "elsewhere-url.m4a", "elsewhere-file.mov", "subtitles.avi", "zip-bomb.flac",
    "artwork-elsewhere.mp3", "control-characters.mp3", "10000-tracks.m4a", "10-hours.flac",
    "4-gb-picture.flac",
}  # fmt: skip
SMALL = Path(__file__).parents[2] / "fixtures" / "small"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """A run of the command: what it told of each file, what was seen, and where it worked."""

    told: Mapping[str, dict[str, Any]]
    trace: Trace
    home: Path


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory, bait: Bait) -> Ingested:
    home = tmp_path_factory.mktemp("ingest")
    sent = home / "sent"
    sent.mkdir()
    for file in HOSTILE:
        if file.name in CHOSEN:
            file.write(sent / file.name, bait)
    for number, name in enumerate(NAMES):
        part = sent / f"name-{number}"
        part.mkdir()
        shutil.copyfile(SMALL / "0.4-seconds.flac", part / name)
    files = [path for path in sent.rglob("*") if path.is_file()]
    os.mkfifo(sent / "pipe.flac")
    (sent / "zero.flac").symlink_to("/dev/zero")
    files += [sent / "pipe.flac", sent / "zero.flac"]
    more = {"LEGATO_MIN_DURATION_S": "0", "LEGATO_FFMPEG": WHEEL}
    command = [
        sys.executable,
        "-m",
        "legato",
        "ingest",
        "--json",
        "--skip-known",
        "--",
        *map(str, sorted(files)),
    ]
    seen = trace(command, home / "log", cwd=home, env=environment(home / "data", more))
    told = [json.loads(line) for line in seen.told.splitlines()]
    assert len(told) == len(files), seen.said
    return Ingested(told={one["path"]: one for one in told}, trace=seen, home=home)


def test_each_is_ready_or_refused_with_the_right_code(ingested: Ingested) -> None:
    right = {file.name: file.right for file in HOSTILE if file.name in CHOSEN}
    found = {Path(path).name: one for path, one in ingested.told.items()}
    for name, codes in right.items():
        one = found[name]
        assert one["state"] in ("ready", "refused")
        code = one["error"]["code"] if one["error"] else ACCEPTED
        assert code in codes or ACCEPTED in codes, one


def test_a_recording_of_any_name_is_the_same_recording(ingested: Ingested) -> None:
    named = [one for path, one in ingested.told.items() if "/name-" in path]
    assert len(named) == len(NAMES)
    assert {one["state"] for one in named} == {"ready"}
    assert len({one["asset_id"] for one in named}) == 1


def test_a_pipe_and_a_device_are_no_files_and_nobody_waits_for_them(ingested: Ingested) -> None:
    for name in ("pipe.flac", "zero.flac"):
        told = ingested.told[str(ingested.home / "sent" / name)]
        assert (told["state"], told["error"]["code"]) == ("refused", "not_a_file")


def test_nothing_was_done_that_a_name_or_a_file_asked_for(
    ingested: Ingested, bait: Bait, listener: Listener
) -> None:
    assert sorted(path.name for path in ingested.home.iterdir()) == ["data", "log", "sent"]
    opened = {one.opened for one in ingested.trace.calls}
    assert str(ingested.home / "sent" / "playlist.mp3") in opened
    assert str(bait.file) not in opened
    assert not [one for one in ingested.trace.calls if "AF_INET" in one.arguments]
    assert listener.calls == 0


def test_only_ffmpeg_and_our_own_python_were_run(ingested: Ingested) -> None:
    run = [one for one in ingested.trace.calls if one.name == "execve" and one.answer == 0]
    programs = {one.arguments.split('"')[1] for one in run}
    assert {os.path.realpath(program) for program in programs} <= {
        os.path.realpath(sys.executable), os.path.realpath(WHEEL),
    }  # fmt: skip
    assert {one.name for one in ingested.trace.of_sandboxed()} <= {
        "openat", "open", "clone", "clone3", "exit", "exit_group",
    }  # fmt: skip


def test_no_scratch_file_is_left(ingested: Ingested) -> None:
    scratch = ingested.home / "data" / "scratch"
    assert [path for path in scratch.rglob("*") if path.is_file()] == []
