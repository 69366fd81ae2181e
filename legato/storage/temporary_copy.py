"""Files for as long as somebody is at them, and gone even where that somebody was killed."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final

from legato.errors import Unavailable
from legato.storage.durable import FOLDER_MODE

_PREFIX: Final = "legato-copy-"
_YOUNG_S: Final = 60.0


@contextmanager
def temporary_copy(folder: Path) -> Iterator[IO[bytes]]:
    """An empty file with a name in `folder`; what killed processes left there is gone first.

    Raises Unavailable `store_unavailable` where none can be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        remove_abandoned(folder, f"{_PREFIX}*")
        made = NamedTemporaryFile(dir=folder, prefix=_PREFIX)  # noqa: SIM115 - closed below
    except OSError as error:
        raise Unavailable("store_unavailable", f"{folder}: {error.strerror}") from error
    with made as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def remove_abandoned(folder: Path, pattern: str) -> None:
    """Remove the files in `folder` that nobody has locked: whoever made them was killed."""
    for path in folder.glob(pattern):
        if is_abandoned(path):
            with suppress(OSError):
                path.unlink()


def is_abandoned(path: Path) -> bool:
    """Whether nobody has locked a file that is there; one so young may be about to be."""
    with suppress(OSError), path.open("rb") as file:
        if time.time() - path.stat().st_mtime >= _YOUNG_S:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    return False
