"""What killed processes left in the scratch folder, and nobody works with any more."""

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from legato.catalog import jobs
from legato.catalog.database import Database
from legato.catalog.jobs import JobKind
from legato.storage.temporary_copy import is_abandoned

# Nobody works in a folder for so long without touching a file there.
_QUIET_S: Final = 24 * 3600.0
# A spooled master is locked by whoever is at it.
SPOOL_PREFIX: Final = "upload-"


def left_over(scratch: Path, database: Database) -> list[Path]:
    """Folders of jobs that nobody has in hand, and of a `legato verify` that is long silent.

    And what of masters was left half received.
    """
    of_jobs = sorted(scratch.glob("job-*"))
    with database.read() as session:  # after they were found: a job is leased before its folder
        running = {job.job_id for job in jobs.running(session, JobKind.ENCODE)}
    silent = [path for path in scratch.glob("verify-*") if _newest_s(path) < time.time() - _QUIET_S]
    of_nobody = [path for path in of_jobs if path.name.split("-")[1] not in running]
    return of_nobody + sorted(silent) + half_received(scratch)


def half_received(scratch: Path) -> list[Path]:
    """The files of masters whose processes were killed while they arrived."""
    return [path for path in sorted(scratch.glob(f"{SPOOL_PREFIX}*")) if is_abandoned(path)]


def size_of(left: Path) -> int:
    """The bytes of a file, or of the files in a folder."""
    return sum(path.stat().st_size for path in _files(left))


def remove(left: Path) -> None:
    """Remove a file or a folder; what of it goes by itself meanwhile is no matter."""
    if left.is_dir():
        shutil.rmtree(left, ignore_errors=True)
    else:
        left.unlink(missing_ok=True)


def _newest_s(folder: Path) -> float:
    """When something was last written there; now, where it goes while it is looked at."""
    with suppress(OSError):
        return max([folder.stat().st_mtime, *(path.stat().st_mtime for path in _files(folder))])
    return time.time()


def _files(left: Path) -> Iterator[Path]:
    return (path for path in (left, *left.rglob("*")) if path.is_file())
