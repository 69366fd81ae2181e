"""Which ffmpeg is found, and which is refused: real programs and small scripts."""

import os
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import pytest

from legato.deployment import Deployment
from legato.errors import BadInput
from legato.settings import Settings
from legato.transcode.ffmpeg_binary import find_ffmpeg, inspect

SYSTEM = "/usr/bin/ffmpeg"
WHEEL = str(imageio_ffmpeg.get_ffmpeg_exe())


def script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def only_on_path(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PATH", str(folder))


def without(what: str) -> str:
    """An ffmpeg built without something: the system's, with a line of its answers left out."""
    return f'{SYSTEM} "$@" | /bin/sed "s/{what}/left-out/g"'


def test_the_systems_ffmpeg_is_taken_where_it_has_all() -> None:
    found = find_ffmpeg()
    assert (found.path, found.origin, found.missing) == (SYSTEM, "system", ())
    assert found.version.startswith("5.1")


def test_the_wheels_ffmpeg_is_taken_where_the_path_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_on_path(monkeypatch, tmp_path)
    found = find_ffmpeg()
    assert (found.path, found.origin, found.missing) == (WHEEL, "imageio-ffmpeg wheel", ())


@pytest.mark.parametrize("what", ["libvorbis", "enable-libsoxr", " channelmap "])
def test_the_wheels_ffmpeg_is_taken_where_the_systems_lacks_something(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path / "ffmpeg", without(what))
    only_on_path(monkeypatch, tmp_path)
    assert find_ffmpeg().path == WHEEL


@pytest.mark.parametrize(
    "body", ["echo hello", "exit 1", "echo ffmpeg version 5 >&2", "kill -9 $$", "echo; echo ffmpeg"]
)
def test_what_does_not_answer_as_an_ffmpeg_is_passed_over(
    body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = script(tmp_path / "ffmpeg", body)
    assert inspect(str(fake), "system") is None
    only_on_path(monkeypatch, tmp_path)
    assert find_ffmpeg().path == WHEEL


def test_the_wanted_ffmpeg_is_taken_by_path_or_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "my-ffmpeg"
    mine.symlink_to(SYSTEM)
    by_path = find_ffmpeg(str(mine))
    assert (by_path.path, by_path.origin) == (str(mine), "LEGATO_FFMPEG")
    only_on_path(monkeypatch, tmp_path)
    assert find_ffmpeg("my-ffmpeg") == by_path


def test_a_script_that_calls_ffmpeg_is_none_that_the_sandbox_can_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapper = script(tmp_path / "ffmpeg", f'exec {SYSTEM} "$@"')
    with pytest.raises(BadInput, match="lacks a program of its own: it is a script"):
        find_ffmpeg(str(wrapper))
    only_on_path(monkeypatch, tmp_path)
    assert find_ffmpeg().path == WHEEL


@pytest.mark.parametrize(
    "wanted", ["", "no-such-program", "/no/such/ffmpeg", "/etc/passwd", "/bin/ls", "/tmp"]  # noqa: S108 - a folder, not written to
)  # fmt: skip
def test_a_wanted_ffmpeg_that_is_none_is_refused_by_name(wanted: str) -> None:
    with pytest.raises(BadInput, match="does not run as an ffmpeg") as caught:
        find_ffmpeg(wanted)
    assert caught.value.code == "bad_setting"
    assert caught.value.message.startswith(f"LEGATO_FFMPEG: {wanted!r}")


def test_a_wanted_ffmpeg_that_lacks_something_is_refused_with_what(tmp_path: Path) -> None:
    poor = script(tmp_path / "ffmpeg", without("libvorbis"))
    with pytest.raises(BadInput, match="lacks encoder libvorbis"):
        find_ffmpeg(str(poor))
    poor = script(tmp_path / "ffmpeg", without("enable-libsoxr"))
    with pytest.raises(BadInput, match="lacks libsoxr"):
        find_ffmpeg(str(poor))


def test_the_setting_is_what_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEGATO_FFMPEG", str(script(tmp_path / "fake", "echo no")))
    deployment = Deployment(Settings(data=tmp_path, _env_file=None))
    with pytest.raises(BadInput, match="LEGATO_FFMPEG"):
        _ = deployment.ffmpeg
    monkeypatch.setenv("LEGATO_FFMPEG", WHEEL)
    assert Deployment(Settings(data=tmp_path, _env_file=None)).ffmpeg.path == WHEEL


def test_where_there_is_none_at_all_the_words_say_what_to_install(tmp_path: Path) -> None:
    # In a process of its own, since imageio-ffmpeg remembers what it found.
    asked = "from legato.transcode.ffmpeg_binary import find_ffmpeg; find_ffmpeg()"
    environment = {"PATH": str(tmp_path), "IMAGEIO_FFMPEG_EXE": str(tmp_path / "none")}
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", asked], env={**environment, "PYTHONPATH": os.fspath(root)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Unavailable: no ffmpeg with libvorbis found: apt-get install ffmpeg" in done.stderr
