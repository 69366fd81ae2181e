"""Foreign bytes are parsed in a process apart, whose memory and time are bounded.

A tag may unpack to a thousand times its size, an image to a million times: whoever sends one
that does harms a process that nobody else is in, and that ends. What is read there is our own
code over mutagen and Pillow; the caller sees text and bytes of ours, or ApartError.
"""

import resource
import subprocess
import sys
from contextlib import suppress
from threading import BoundedSemaphore
from typing import Final

# A WebP of 36 million pixels, decoded, takes 665 MB; any other image, and any tag, far less.
MEMORY_BYTES: Final = 768 << 20
CPU_S: Final = 10
# For a disk that hangs; on a busy machine, ten seconds of CPU may take a minute.
_WALL_S: Final = 120.0
# In one process of ours; whoever comes after them waits.
_AT_ONCE: Final = 4
_slots = BoundedSemaphore(_AT_ONCE)


class ApartError(Exception):
    """The process apart came to no good end: out of memory, out of time, or it crashed."""


def run_apart(module: str, *arguments: str, body: bytes = b"") -> bytes:
    """What `python -m module arguments` writes to stdout, with `body` on its stdin.

    Raises ApartError. The module calls `bound_this_process` before it reads anything.
    """
    command = [sys.executable, "-I", "-m", module, *arguments]
    with _slots:
        try:
            done = subprocess.run(
                command, input=body, capture_output=True, timeout=_WALL_S, check=False,
                env={"LC_ALL": "C.UTF-8"}, cwd="/", process_group=0,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ApartError(f"{module}: {error}") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise ApartError(f"{module} ended with {done.returncode}: {''.join(said)[:200]}")
    return done.stdout


def bound_this_process() -> None:
    """From here on: so much memory, so many seconds of CPU, no file written, no core dumped."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # macOS bounds no address space
            resource.setrlimit(limit, (most, most))
