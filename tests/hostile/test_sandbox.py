"""Each wall of the sandbox holds alone, and all of them together leave nothing but the task."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from legato.errors import BadInput, Unavailable
from legato.storage.local import LocalStore
from legato.transcode.process import Running, run
from legato.transcode.sandbox.limits import HEARING
from legato.transcode.sandbox.start import LAYERS, NOT_STARTED, Layer, layers
from legato.transcode.sandbox.tier import Tier, tier_of
from tests.hostile.inside import PYTHON, inside, python
from tests.running import is_alive, wait_until

LONG_S = 20
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has a user to drop to")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def connecting_to(server: socket.socket) -> str:
    return f"socket.create_connection({server.getsockname()!r}, 5)"


def test_every_wall_stands_where_the_tests_run() -> None:
    found = {one.name: one for one in layers()}
    assert tuple(found) == LAYERS
    assert {name for name, one in found.items() if not one.on} <= {"user"}, found
    assert tier_of(found.values()) is Tier.FULL


@pytest.mark.parametrize(
    ("standing", "tier"),
    [
        ({"limits", "process"}, Tier.BASIC),
        ({"limits", "process", "calls"}, Tier.BASIC),
        ({"limits", "process", "user", "calls"}, Tier.USER),
        (set(LAYERS) - {"user"}, Tier.FULL),
    ],
)
def test_a_tier_is_named_by_the_walls_that_stand(standing: set[str], tier: Tier) -> None:
    assert tier_of(Layer(name=one, on=one in standing, found="") for one in LAYERS) is tier


@as_root
@pytest.mark.parametrize("needed", ["limits", "process"])
def test_without_limits_and_a_session_of_its_own_nothing_is_started(needed: str) -> None:
    """The calls are shut first: then neither setrlimit(2) nor prctl(2) is there."""
    told, status = inside("'was started'", layers=("calls", needed))

    assert status == -NOT_STARTED
    assert needed in told
    assert "was started" not in told


def test_without_walls_all_that_is_tried_here_succeeds(
    listener: socket.socket, tmp_path: Path
) -> None:
    """So the attempts below fail for the wall, and for nothing else."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for attempt in (
        connecting_to(listener), f"open({str(secret)!r}).read()", f"open({str(secret)!r}, 'a')",
        "len(bytes(4 << 30))", "os.fork()", "[open('/dev/null') for _ in range(100)]",
    ):  # fmt: skip
        assert "did" in inside(attempt, layers=())[0], attempt


@pytest.mark.parametrize("attempt", ["len(bytearray(8 << 30))", "len(mmap.mmap(-1, 8 << 30))"])
def test_memory_is_limited(attempt: str) -> None:
    told, _ = inside(attempt, layers=("limits",))
    assert told.startswith(("MemoryError", "OSError Cannot allocate memory"))


def test_cpu_time_is_limited() -> None:
    _, status = inside("sum(iter(int, 1))", layers=("limits",), limits=replace(HEARING, cpu_s=1))
    assert status == -signal.SIGXCPU


def test_what_is_written_is_limited(tmp_path: Path) -> None:
    told, _ = inside(f"open({str(tmp_path / 'x')!r}, 'wb', 0).write(b'x')", layers=("limits",))
    assert told == "OSError File too large"


def test_open_files_are_limited() -> None:
    told, _ = inside("[open('/dev/null') for _ in range(100)]", layers=("limits",))
    assert told == "OSError Too many open files"


def test_no_network_can_be_reached(listener: socket.socket) -> None:
    told, _ = inside(connecting_to(listener), layers=("network",))
    assert told == "OSError Network is unreachable"


@as_root
def test_another_user_reads_nothing_that_is_ours(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for file in (secret, Path("/etc/shadow")):
        assert inside(f"open({str(file)!r})", layers=("user",))[0].startswith("PermissionError")


def test_files_of_others_cannot_be_opened_even_by_their_owner(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    walls = ("process", "files")
    for attempt in (
        f"open({str(secret)!r})", f"open({str(secret)!r}, 'a')", "open('/etc/passwd')",
        f"open({str(tmp_path / 'new')!r}, 'w')", f"os.unlink({str(secret)!r})",
        f"os.listdir({str(tmp_path)!r})", f"open('/proc/{os.getpid()}/environ')",
    ):  # fmt: skip
        assert inside(attempt, layers=walls)[0].startswith("PermissionError"), attempt
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket()", "socket.socket(socket.AF_UNIX)", "os.fork()", "os.memfd_create('x')",
        "os.execv('/bin/true', ['true'])", "os.kill(os.getppid(), 0)", "os.pipe()", "os.setsid()",
        "os.mkdir('/tmp/x')", "os.chroot('/')", "os.chmod('/dev/null', 0o666)",
        "1 / (1 + ctypes.CDLL(None).ptrace(0, 0, 0, 0))", "1 / (1 + ctypes.CDLL(None).unshare(0))",
    ],
)  # fmt: skip
def test_system_calls_that_audio_does_not_need_are_not_there(attempt: str) -> None:
    told, status = inside(attempt, layers=("process", "calls"))
    assert not told.startswith("did"), told
    assert status == 0


def test_threads_are_its_own_affair() -> None:
    assert inside("threading.Thread(target=print).start()")[0].endswith("did None")


def test_it_has_no_file_and_no_word_of_ours_but_its_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEGATO_SIGNING_KEYS", "k1:secret")
    with Path("/etc/passwd").open("rb") as ours:
        os.set_inheritable(ours.fileno(), True)  # noqa: FBT003 - os's own
        attempt = "[n for n in range(999) if os.path.exists(f'/proc/self/fd/{n}')]"
        told = run(python(attempt), timeout_s=LONG_S).stdout.decode()
    assert told == "did [0, 1, 2]\n"
    environment = run(python("sorted(os.environ)"), timeout_s=LONG_S).stdout.decode()
    assert "LEGATO" not in environment
    assert "PATH" not in environment


def test_it_ends_with_whoever_started_it() -> None:
    """As it must when the kernel kills legato: nobody is left to tell it."""
    script = (
        "import sys; from legato.transcode.process import Running\n"
        "with Running(['sleep', '1000']) as process:\n"
        "    print(process._process.pid, flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        cmdline = Path(f"/proc/{child}/cmdline")
        wait_until(lambda: cmdline.read_bytes() == b"sleep\0001000\0", LONG_S)
        parent.kill()
    wait_until(lambda: not is_alive(child), LONG_S)


def test_a_process_that_computes_and_says_nothing_is_its_inputs_fault() -> None:
    with pytest.raises(BadInput, match="far more computing") as caught:
        run(["/bin/sh", "-c", "while :; do :; done"], timeout_s=1)
    assert caught.value.code == "too_costly"


def test_a_script_is_refused_with_the_words_that_mend_it(tmp_path: Path) -> None:
    wrapper = tmp_path / "ffmpeg"
    wrapper.write_text('#!/bin/sh\nexec /usr/bin/ffmpeg "$@"\n')
    wrapper.chmod(0o755)
    with pytest.raises(Unavailable, match="found a script, expected ffmpeg itself"):
        Running([str(wrapper)])


@as_root
def test_without_root_all_walls_stand_but_the_other_user() -> None:
    """In a folder that nobody may enter otherwise, with a Python that nobody may run."""
    root = Path(__file__).parent.parent.parent
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        shutil.copytree(root / "legato", f"{folder}/legato", ignore=shutil.ignore_patterns("web"))
        script = (
            "from legato.transcode.sandbox.start import layers\n"
            "print(*(one.name for one in layers() if one.on))"
        )
        done = subprocess.run(
            [PYTHON, "-c", script], cwd=folder, user="nobody", group="nogroup", extra_groups=[],
            capture_output=True, text=True, check=False, env={"PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    assert done.stderr == ""
    assert set(done.stdout.split()) == set(LAYERS) - {"user"}


@as_root
def test_a_stored_master_is_heard_by_the_dropped_user_and_read_by_no_other() -> None:
    """In a folder that everybody may enter, and from a file that was its owner's alone."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        sent, key = Path(folder, "sent"), "masters/ab/master"
        sent.touch(0o600)
        sent.write_text("secret")
        LocalStore(Path(folder)).put_file(key, sent, media_type="audio/wav")
        master = Path(folder, key)
        named = ["-i", f"file:{master}"]

        heard = run([*python("open(sys.argv[-1][5:]).read()"), *named], timeout_s=LONG_S)
        taken = subprocess.run(
            ["cat", master], user="nobody", group="nogroup", extra_groups=[],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert heard.stdout == b"did secret\n"
        assert master.stat().st_mode & 0o004
        assert "Permission denied" in taken.stderr
