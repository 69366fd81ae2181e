"""Running ffmpeg: in the sandbox, for a bounded time, and its last words when it fails."""

import errno
import fcntl
import math
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from legato.errors import BadInput, Unavailable
from legato.transcode.last_words import LastWords
from legato.transcode.sandbox.limits import ENCODING, HEARING
from legato.transcode.sandbox.named_files import without_names
from legato.transcode.sandbox.start import NOT_STARTED, start

BLOCK_SIZE: Final = 1 << 18
# Three seconds of audio between two processes even out that encoders do not work evenly.
PIPE_SIZE: Final = 1 << 20
_LAST_WORDS_BYTES: Final = 4096
_EXIT_TIMEOUT_S: Final = 30
# Who waits uses no processor; who computes beside many others may get little of one.
_COMPUTING: Final = 0.1
_LOOKS: Final = 4
# From outside. A decoder that crashes on its input dies of other signals.
_KILLED: Final = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)
_NO_SPACE: Final = "No space left on device"


class FfmpegFailedError(Exception):
    """An ffmpeg ended badly. `said` is the end of what it wrote to stderr."""

    def __init__(self, command: Sequence[str], status: int, said: str) -> None:
        super().__init__(f"{command[0]} ended with {status}: {said.strip() or 'no word'}")
        self.status = status
        self.said = said


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """All that a command wrote; of stderr at least the last 32 MiB."""

    stdout: bytes
    stderr: str


def run(command: Sequence[str], *, timeout_s: float) -> Finished:
    """Run a short command to its end; raises what `Running.finish` does."""
    with Running(command) as process, StallWatch(timeout_s, [process]):
        stdout = b"".join(process.blocks())
        process.finish()
        return Finished(stdout=stdout, stderr=process.said(None))


class Running:
    """One running ffmpeg; leaving the context ends it and everything it started.

    What is fed is our own sound; all else hears what somebody sent, and is limited for that.
    """

    def __init__(self, command: Sequence[str], *, feed: bool = False) -> None:
        self._command = command
        self._too_costly = False
        try:
            self._process = start(
                command,
                ENCODING if feed else HEARING,
                stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
                stdout=subprocess.PIPE if not feed else subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise _unavailable(error) from error
        self._words = LastWords(self._process.stderr)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                _enlarge(pipe.fileno())

    def blocks(self) -> Iterator[bytes]:
        """What it writes to stdout, in blocks, to its end."""
        stdout = self._process.stdout
        assert stdout is not None, "this process was started to be fed"  # noqa: S101 - for mypy
        while block := os.read(stdout.fileno(), BLOCK_SIZE):
            yield block

    def write(self, block: bytes) -> None:
        """Feed it; raises FfmpegFailedError if it is gone."""
        stdin = self._process.stdin
        assert stdin is not None, "this process was not started to be fed"  # noqa: S101 - for mypy
        view = memoryview(block)
        try:
            while view:
                view = view[os.write(stdin.fileno(), view) :]
        except BrokenPipeError:
            self.finish()
            raise FfmpegFailedError(self._command, 0, "it stopped reading") from None

    def close_input(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()

    def finish(self) -> None:
        """Wait for its end; raises FfmpegFailedError if it was not a good one.

        Raises BadInput `too_costly` where it computed and computed and nothing came of it, and
        Unavailable where its end says nothing of the input: somebody killed it (a stall watch,
        the system out of memory), it was not there to start, or the disk is full.
        """
        status = self._process.wait()
        self._words.wait(_EXIT_TIMEOUT_S)
        if status == -NOT_STARTED:
            raise Unavailable("no_ffmpeg", f"{self._command[0]}: does not start: {self.said()}")
        if self._too_costly or status == -signal.SIGXCPU:
            raise BadInput(
                "too_costly",
                "found a file that takes far more computing than its length explains, "
                "expected an ordinary one; it is probably damaged",
            )
        if status in _KILLED:
            raise Unavailable(
                "ffmpeg_killed", f"ffmpeg was ended by {signal.Signals(-status).name} in its work"
            )
        if status != 0 and _NO_SPACE in self.said():
            raise _no_space()
        if status != 0:
            raise FfmpegFailedError(self._command, status, self.said())

    def said(self, size_bytes: int | None = _LAST_WORDS_BYTES) -> str:
        """The end of what it wrote to stderr, or all that has been kept of it."""
        return without_names(self._words.text(size_bytes))

    def cpu_s(self) -> float:
        """CPU seconds of all its threads, from proc(5)'s `stat`; 0 where there is none."""
        try:
            after = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0
        return (int(after[11]) + int(after[12])) / os.sysconf("SC_CLK_TCK")

    def give_up(self) -> None:
        """End it because it computes too long."""
        self._too_costly = True
        self.kill()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._process.poll() is None:
            self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait(_EXIT_TIMEOUT_S)
        self._words.close()


class StallWatch:
    """Ends processes that have moved nothing for `stall_s` seconds, each time `moved` is late.

    A blocked read or write then ends by itself, and `finish` tells whether the process waited
    for something, which is nobody's fault, or computed, which is its input's.
    """

    def __init__(self, stall_s: float, processes: Sequence[Running]) -> None:
        self._stall_s = stall_s
        self._processes = processes
        self._last_move = time.monotonic()
        self._last_look = time.monotonic()
        self._used_s = dict.fromkeys(processes, 0.0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def moved(self) -> None:
        self._last_move = time.monotonic()

    def pause(self) -> None:
        """Until something has moved again, nobody waits for these processes."""
        self._last_move = math.inf

    def _watch(self) -> None:
        while not self._over.wait(self._next_look_s()):
            stalled = time.monotonic() - self._last_move >= self._stall_s
            for process, computes in self._look().items():
                if stalled and computes:
                    process.give_up()
                elif stalled:
                    process.kill()
            if stalled:
                return

    def _look(self) -> dict[Running, bool]:
        """Which processes have computed since the last look."""
        now, used_s = time.monotonic(), {one: one.cpu_s() for one in self._processes}
        least_s = _COMPUTING * (now - self._last_look)
        found = {one: used_s[one] - self._used_s[one] > least_s for one in self._processes}
        self._last_look, self._used_s = now, used_s
        return found

    def _next_look_s(self) -> float:
        left_s = self._last_move + self._stall_s - time.monotonic()
        return min(max(left_s, 0.01), self._stall_s / _LOOKS)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()


def _unavailable(error: OSError) -> Unavailable:
    """A file that a command names and we cannot open says nothing of what is in it."""
    if error.errno == errno.ENOSPC:
        return _no_space()
    return Unavailable("file_unavailable", f"a file for ffmpeg cannot be opened: {error.strerror}")


def _no_space() -> Unavailable:
    return Unavailable("no_space", "there is no space left for what ffmpeg writes")


def _enlarge(fd: int) -> None:
    """Give a pipe a larger buffer where the system knows how (fcntl(2), Linux)."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # the user's limit on pipe memory: slower, not wrong
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
