"""The file that an upload arrives in: one writer at a time, and no safe byte is taken back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final, Self

from legato.errors import Unavailable
from legato.ingest.scratch_errors import scratch_errors
from legato.storage.durable import sync

_BLOCK_SIZE: Final = 1 << 20
# The same bytes under another name, for whoever stores them and takes the file away with that.
_WHOLE: Final = ".whole"
# Bytes whose checksum is not known yet.
_UNCHECKED: Final = ".unchecked"
_LET_GO: Final = -1


class UploadFile:
    """An upload's file while one writer has it; a context manager, for any number of threads.

    Errors of the disk are Unavailable: `no_space`, `scratch_unavailable`; so is whatever is asked
    after it was let go. What had been written before one stays.
    """

    def __init__(self, path: Path, fd: int) -> None:
        self._path = path
        self._fd = fd
        # Held over each call to the system: a number that was let go may be another file's.
        self._lock = Lock()
        self.size = os.fstat(fd).st_size
        # So much is left where a sync fails; and whether all of it is safe is not known yet.
        self._safe_size = self.size
        self._synced = False

    def append(self, data: bytes | memoryview) -> None:
        """Write behind what is there; the disk begins with it at once."""
        start, rest = self.size, memoryview(data)
        self._synced = False
        while rest:
            with self._open() as fd:
                written = os.pwrite(fd, rest, self.size)
            self.size += written
            rest = rest[written:]
        with self._open() as fd:
            # As a side effect this starts the write-back, so that `sync` has little left to do.
            os.posix_fadvise(fd, start, self.size - start, os.POSIX_FADV_DONTNEED)

    def read(self, offset: int, size: int) -> bytes:
        with self._open() as fd:
            return os.pread(fd, size, offset)

    def sync(self) -> None:
        """What has been written, and the file's name, survive a power cut.

        Where it fails, what has been written since the last time is gone: the system holds those
        bytes to be on the disk from then on, and another try would find nothing wrong (fsync(2)).
        """
        if self._synced:
            return
        with self._open() as fd:
            try:
                os.fdatasync(fd)
                sync(self._path.parent)
            except OSError:
                os.ftruncate(fd, self._safe_size)
                self.size = self._safe_size
                raise
        self._safe_size, self._synced = self.size, True

    def beside(self) -> "UploadFile":
        """An empty file for bytes that are to be judged before they are appended."""
        path = self._named(_UNCHECKED)
        with scratch_errors():
            return UploadFile(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))

    def append_all_of(self, other: "UploadFile") -> None:
        """All of it or nothing; killed in the middle, a beginning of it."""
        start = self.size
        try:
            for offset in range(0, other.size, _BLOCK_SIZE):
                self.append(other.read(offset, _BLOCK_SIZE))
        except Unavailable:
            with self._open() as fd:
                os.ftruncate(fd, start)
                self.size = start
            raise

    def whole(self) -> Path:
        """Another name for the file, which may be taken away; this one stays."""
        path = self._named(_WHOLE)
        with scratch_errors():
            path.unlink(missing_ok=True)
            os.link(self._path, path)
        return path

    def remove(self) -> None:
        """Remove every name of it."""
        with scratch_errors():
            for path in (self._named(_WHOLE), self._named(_UNCHECKED), self._path):
                path.unlink(missing_ok=True)

    def let_go(self) -> None:
        """Let the next writer have it. A file in which nothing is, is not left behind."""
        try:
            if self.size == 0:
                self.remove()
        finally:
            self._close()

    def drop(self) -> None:
        """Remove it, and let go of it."""
        try:
            self.remove()
        finally:
            self._close()

    @contextmanager
    def _open(self) -> Iterator[int]:
        with self._lock, scratch_errors():
            if self._fd == _LET_GO:
                raise Unavailable("scratch_unavailable", f"{self._path.name}: was let go already")
            yield self._fd

    def _close(self) -> None:
        with self._lock:
            fd, self._fd = self._fd, _LET_GO
            os.close(fd)

    def _named(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.let_go()
