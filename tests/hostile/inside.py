"""A program of our own in ffmpeg's place, that tries what it must not."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from typing import Final

from legato.transcode.sandbox import start as sandbox
from legato.transcode.sandbox.limits import HEARING, Limits

# One whose library lies where the sandbox lets it be read.
PYTHON: Final = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
_TIMEOUT_S: Final = 30
_ATTEMPT: Final = """
import ctypes, mmap, os, socket, sys, threading
try:
    print("did", {attempt})
except BaseException as error:
    print(type(error).__name__, getattr(error, "strerror", None) or error)
"""


def python(attempt: str) -> list[str]:
    """A command that evaluates an expression and tells what came of it."""
    return [PYTHON, "-I", "-S", "-c", _ATTEMPT.format(attempt=attempt)]


def inside(
    attempt: str, *, layers: Sequence[str] = sandbox.LAYERS, limits: Limits = HEARING
) -> tuple[str, int]:
    """What an expression comes to behind some of the sandbox's walls, and how its process ends."""
    command = python(attempt)
    with closing(sandbox._open_program(command[0])) as program:
        orders = sandbox._orders(program, limits) | {"layers": layers}
        process = sandbox._launch(
            orders, command, (program.fileno(),), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    told, _ = process.communicate(timeout=_TIMEOUT_S)
    return told.decode().strip(), process.returncode
