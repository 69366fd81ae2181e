"""The end of what a process writes to stderr: a file with a warning a packet fills no disk."""

import os
import re
import threading
from typing import IO, Final

# Before it names the streams, ffmpeg repeats every tag; one of FLAC may have 16 MB.
KEPT_BYTES: Final = 1 << 25
_BLOCK_SIZE: Final = 1 << 16


class LastWords:
    """Reads a pipe in a thread, so that its writer never waits, and keeps the end.

    Of more than `KEPT_BYTES` that many are kept, and no more than twice as many.
    """

    def __init__(self, pipe: IO[bytes] | None) -> None:
        assert pipe is not None, "the process has no pipe for stderr"  # noqa: S101 - for mypy
        self._pipe = pipe
        self._heard = bytearray()
        self._changing = threading.Lock()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self, size_bytes: int | None = None) -> str:
        """The last `size_bytes`, or all that is kept."""
        with self._changing:
            words = self._heard[-size_bytes:] if size_bytes else self._heard[-KEPT_BYTES:]
        return words.decode(errors="replace")

    def wait(self, timeout_s: float) -> None:
        """Until the last word has been heard."""
        self._thread.join(timeout_s)

    def close(self) -> None:
        """Once the writer has ended."""
        self._thread.join()
        self._pipe.close()

    def _read(self) -> None:
        while block := os.read(self._pipe.fileno(), _BLOCK_SIZE):
            with self._changing:
                self._heard += block
                if len(self._heard) > 2 * KEPT_BYTES:
                    del self._heard[:-KEPT_BYTES]


def last_line(said: str) -> str:
    """The last words of ffmpeg, without the address in memory of what said them."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return re.sub(r"^\[(\S+) @ 0x[0-9a-f]+\]", r"\1:", lines[-1]) if lines else "no word of it"
