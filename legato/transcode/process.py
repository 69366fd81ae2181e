"""Running ffmpeg: its own process group, bounded time, and its last words when it fails."""

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
from tempfile import TemporaryFile
from typing import Any, Final, Self

from legato.errors import Unavailable

BLOCK_SIZE: Final = 1 << 18
# Three seconds of audio between two processes even out that encoders do not work evenly.
PIPE_SIZE: Final = 1 << 20
_LAST_WORDS_BYTES: Final = 4096
# Before it names the streams, ffmpeg repeats every tag; one of FLAC may have 16 MB.
_ALL_WORDS_BYTES: Final = 1 << 25
_EXIT_TIMEOUT_S: Final = 30
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
    """All that a command wrote; of stderr the last 32 MiB."""

    stdout: bytes
    stderr: str


def run(command: Sequence[str], *, timeout_s: float) -> Finished:
    """Run a short command to its end; raises FfmpegFailedError, or Unavailable when time is up."""
    with Running(command) as process, StallWatch(timeout_s, [process]):
        stdout = b"".join(process.blocks())
        process.finish()
        return Finished(stdout=stdout, stderr=process.said(_ALL_WORDS_BYTES))


class Running:
    """One running ffmpeg; leaving the context ends it and everything it started."""

    def __init__(self, command: Sequence[str], *, feed: bool = False) -> None:
        self._command = command
        self._stderr = TemporaryFile()  # noqa: SIM115 - closed with the process
        try:
            self._process = _start(
                command,
                stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
                stdout=subprocess.PIPE if not feed else subprocess.DEVNULL,
                stderr=self._stderr,
            )
        except Unavailable:
            self._stderr.close()
            raise
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

        Raises Unavailable where that says nothing of the input: somebody killed it (a stall
        watch, the system out of memory), or the disk is full.
        """
        status = self._process.wait()
        if status in _KILLED:
            raise Unavailable(
                "ffmpeg_killed", f"ffmpeg was ended by {signal.Signals(-status).name} in its work"
            )
        if status != 0 and _NO_SPACE in self.said():
            raise Unavailable("no_space", "there is no space left for what ffmpeg writes")
        if status != 0:
            raise FfmpegFailedError(self._command, status, self.said())

    def said(self, size_bytes: int = _LAST_WORDS_BYTES) -> str:
        """The end of what it wrote to stderr."""
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(size - size_bytes, 0))
        return self._stderr.read().decode(errors="replace")

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
        self._stderr.close()


class StallWatch:
    """Kills processes that have moved nothing for `stall_s` seconds, each time `moved` is late.

    A blocked read or write then ends by itself, and `finish` tells how the process died.
    """

    def __init__(self, stall_s: float, processes: Sequence[Running]) -> None:
        self._stall_s = stall_s
        self._processes = processes
        self._last_move = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def moved(self) -> None:
        self._last_move = time.monotonic()

    def pause(self) -> None:
        """Until something has moved again, nobody waits for these processes."""
        self._last_move = math.inf

    def _watch(self) -> None:
        while not self._over.wait(self._next_look_s()):
            if time.monotonic() - self._last_move >= self._stall_s:
                for process in self._processes:
                    process.kill()
                return

    def _next_look_s(self) -> float:
        left_s = self._last_move + self._stall_s - time.monotonic()
        return min(max(left_s, 0.01), self._stall_s)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()


def _start(command: Sequence[str], **pipes: Any) -> "subprocess.Popen[bytes]":
    """Start a process in a group of its own; raises Unavailable if it is not there to start."""
    try:
        return subprocess.Popen(
            command,
            bufsize=0,
            process_group=0,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"},
            **pipes,
        )
    except OSError as error:
        raise Unavailable("no_ffmpeg", f"{command[0]}: does not start: {error}") from error


def _enlarge(fd: int) -> None:
    """Give a pipe a larger buffer where the system knows how (fcntl(2), Linux)."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # the user's limit on pipe memory: slower, not wrong
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
