"""Files of the data folder that only their owner reads, replaced whole or not at all."""

import os
import secrets
from pathlib import Path
from typing import Final

_OWNERS_ALONE: Final = 0o600


def replace_private_file(path: Path, text: str) -> None:
    """Let a file hold this text: who reads it meanwhile has all of the old or all of the new.

    Its owner and mode stay, whoever writes: root does not lock the server out. The text is on
    disk when this returns; the file's name is once its folder is synced. Raises OSError.
    """
    candidate = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fd = os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNERS_ALONE)
        with os.fdopen(fd, "w") as file:
            file.write(text)
            file.flush()
            _take_after(path, fd)
            os.fsync(fd)
        candidate.replace(path)
    finally:
        candidate.unlink(missing_ok=True)


def _take_after(path: Path, fd: int) -> None:
    try:
        before, made = path.stat(), os.fstat(fd)
    except FileNotFoundError:
        return
    if (before.st_uid, before.st_gid) != (made.st_uid, made.st_gid):
        os.fchown(fd, before.st_uid, before.st_gid)
    os.fchmod(fd, before.st_mode & 0o777)
