"""What ffmpeg asks of the system while a track is probed, decoded and encoded."""

import sys
from pathlib import Path

import pytest

from tests.hostile.traced import Trace, trace
from tests.transcode.signals import write_master
from tests.transcode.test_ffmpeg_binary import SYSTEM, WHEEL

# The C library looks who it is on; it is told so little that it does not matter.
ROOT = Path(__file__).parent.parent.parent
LIBRARIES = ("/usr/lib/", "/lib/", "/usr/local/lib/", "/etc/ld.so.cache")
DEVICES = ("/dev/null", "/dev/urandom")
TRACK = """
import sys
from pathlib import Path
from legato.transcode import commands
from legato.transcode.encode import Encoding, encode
from legato.transcode.ladder import LADDER
from legato.transcode.probe import probe
from legato.transcode.process import run
binary, master, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
run(commands.decode_pcm(binary, master, "s32le", strict=True), timeout_s=60)
encoding = Encoding(ladder=LADDER, binary=binary, cores=2, stall_s=60)
encode(master, probe(binary, master), folder, encoding, lambda samples: None)
"""


@pytest.fixture(scope="module", params=[SYSTEM, WHEEL], ids=["system", "wheel"])
def traced(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Trace, Path]:
    folder = tmp_path_factory.mktemp("traced")
    master = write_master(folder / "master.wav", 44_100, 44_100)
    (folder / "job").mkdir()
    arguments = [request.param, str(master), str(folder / "job")]
    traced = trace([sys.executable, "-c", TRACK, *arguments], folder / "log")
    assert traced.status == 0, traced.said
    return traced, folder


def test_five_ffmpegs_run_and_nothing_else(traced: tuple[Trace, Path]) -> None:
    """One hears it, one says what it is, one decodes for two that encode."""
    calls, _ = traced
    begun = [one for one in calls.calls if one.name == "execveat" and one.answer == 0]
    assert len(begun) == 5
    assert not [one for one in calls.of_sandboxed() if one.name.startswith("exec")]


def test_no_socket_is_opened_and_no_process_started(traced: tuple[Trace, Path]) -> None:
    calls, _ = traced
    harmless = {"exit", "exit_group", "clone", "clone3"}
    asked = {one.name for one in calls.of_sandboxed()} - harmless
    assert asked <= {"openat", "open"}
    started = [one for one in calls.of_sandboxed() if one.name == "clone" and one.answer > 0]
    assert started
    assert all("CLONE_THREAD" in one.arguments for one in started)


def test_no_file_is_opened_but_the_master_the_renditions_and_libraries(
    traced: tuple[Trace, Path],
) -> None:
    calls, folder = traced
    opened = {one.opened for one in calls.of_sandboxed() if one.opened is not None}
    ours = {path for path in opened if path.startswith(str(folder))}
    assert ours == {str(folder / "master.wav"), *map(str, (folder / "job").iterdir())}
    assert len(ours) == 7
    others = opened - ours
    assert all(path.startswith(LIBRARIES) or path in DEVICES for path in others), others


def test_what_the_walls_refuse_is_seen_too(tmp_path: Path) -> None:
    """So that nothing is refused in the tests above: it is not even asked for."""
    script = "from tests.hostile.inside import inside; inside('socket.socket()')"
    seen = trace([sys.executable, "-c", script], tmp_path / "log", cwd=ROOT).of_sandboxed()
    assert [one.answer for one in seen if one.name == "socket"] == [-1]
