"""Every hostile file is accepted or refused with the right code, in bounded time and memory."""

import resource
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.hostile import HOSTILE, SLOW, Bait, HostileFile
from legato.ingest.identity import Listening
from tests.hostile.conftest import Listener
from tests.hostile.judged import Judged, judge
from tests.transcode.test_ffmpeg_binary import SYSTEM, WHEEL

AT_ONCE = 2
LONG_S = 60
MUCH_BYTES = 512 << 20


def sent(files: tuple[HostileFile, ...], folder: Path, bait: Bait, listening: Listening) -> Mapping[
    str, Judged
]:  # fmt: skip
    """How each file is judged; made, judged and removed in a folder of its own."""

    def send(file: HostileFile) -> Judged:
        own = folder / file.name
        own.mkdir(exist_ok=True)
        master = own / "upload-0123456789abcdef"
        file.write(master, bait)
        try:
            return judge(master, listening)
        finally:
            master.unlink()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip((file.name for file in files), pool.map(send, files), strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def largest_before() -> int:
    return largest_child_bytes()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(WHEEL, id="wheel"),
        pytest.param(SYSTEM, id="system", marks=pytest.mark.soak),  # slow to start
    ],
)
def judged(
    request: pytest.FixtureRequest,
    folder: Path,
    bait: Bait,
    listening: Listening,
    largest_before: int,
) -> Mapping[str, Judged]:
    assert largest_before >= 0, "measured before any of them is judged"
    return sent(HOSTILE, folder, bait, replace(listening, binary=request.param))


def test_there_are_fifty_and_more_of_them() -> None:
    assert len({file.name for file in HOSTILE}) == len(HOSTILE) >= 50


@pytest.mark.parametrize("file", HOSTILE, ids=lambda file: file.name)
def test_a_hostile_file_gets_the_right_answer_in_time(
    file: HostileFile, judged: Mapping[str, Judged]
) -> None:
    """Hand-made ones, by the system's ffmpeg too: the code that is right, and no crash."""
    found = judged[file.name]
    assert found.crash is None
    assert found.code in file.right, f"hopes for: {file.hopes}"
    assert found.took_s < LONG_S


def test_none_of_them_left_anything(judged: Mapping[str, Judged], folder: Path) -> None:
    """No file of scratch stays."""
    assert len(judged) == len(HOSTILE)
    assert [path for path in folder.rglob("*") if not path.is_dir()] == []


def test_none_of_them_called_anybody(judged: Mapping[str, Judged], listener: Listener) -> None:
    """Nobody connects to what they name."""
    assert judged
    assert listener.calls == 0


def test_none_of_them_made_a_program_large(
    judged: Mapping[str, Judged], largest_before: int
) -> None:
    """No program takes more memory than it may."""
    assert judged
    assert largest_child_bytes() < max(MUCH_BYTES, largest_before + 1)


def largest_child_bytes() -> int:
    """The most memory that any program took which has been waited for."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


@pytest.mark.soak
@pytest.mark.parametrize("file", SLOW, ids=lambda file: file.name)
@pytest.mark.timeout(900)
def test_what_takes_hours_to_hear_is_refused_in_minutes(
    file: HostileFile, tmp_path: Path, bait: Bait, listening: Listening
) -> None:
    """Ten hours that no header declares, a second 100,000 times, and a quadratic list."""
    found = sent((file,), tmp_path, bait, listening)[file.name]
    assert found.crash is None
    assert found.code in file.right
    assert found.took_s < 15 * LONG_S
