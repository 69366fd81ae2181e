"""The file that an upload arrives in: one writer at a time, and no byte of it is taken back."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from legato.errors import Unavailable

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_BLOCK_SIZE: Final = 1 << 20
# The same bytes under another name, for whoever stores them and takes the file away with that.
_WHOLE: Final = ".whole"
# Bytes whose checksum is not known yet.
_UNCHECKED: Final = ".unchecked"


class UploadFolder:
    """Where uploads arrive, a file each; how long the file is, is how much has arrived."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def size(self, upload_id: str) -> int:
        """How many bytes have arrived."""
        try:
            return self._path(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def hold(self, upload_id: str) -> "UploadFile | None":
        """The file, for one writer; None while another has it, in this process or any."""
        path = self._path(upload_id)
        with disk_errors():
            self._root.mkdir(parents=True, exist_ok=True)
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _locked(fd) or os.fstat(fd).st_nlink == 0:  # removed before it was ours
            os.close(fd)
            return None
        return UploadFile(path, fd)

    def upload_ids(self) -> list[str]:
        """The uploads that have a file."""
        with suppress(FileNotFoundError):
            return sorted({path.name.partition(".")[0] for path in self._root.iterdir()})
        return []

    def _path(self, upload_id: str) -> Path:
        return self._root / upload_id


class UploadFile:
    """An upload's file while one writer has it; a context manager.

    Errors of the disk are Unavailable: `no_space`, `scratch_unavailable`. What had been written
    before one stays.
    """

    def __init__(self, path: Path, fd: int) -> None:
        self._path = path
        self._fd = fd
        self.size = os.fstat(fd).st_size

    def append(self, data: bytes | memoryview) -> None:
        """Write behind what is there; the disk begins with it at once."""
        start, rest = self.size, memoryview(data)
        with disk_errors():
            while rest:
                written = os.pwrite(self._fd, rest, self.size)
                self.size += written
                rest = rest[written:]
            # As a side effect this starts the write-back, so that `sync` has little left to do.
            os.posix_fadvise(self._fd, start, self.size - start, os.POSIX_FADV_DONTNEED)

    def read(self, offset: int, size: int) -> bytes:
        with disk_errors():
            return os.pread(self._fd, size, offset)

    def sync(self) -> None:
        """What has been written, and the file's name, survive a power cut."""
        with disk_errors():
            os.fdatasync(self._fd)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def beside(self) -> "UploadFile":
        """An empty file for bytes that are to be judged before they are appended."""
        path = self._named(_UNCHECKED)
        with disk_errors():
            return UploadFile(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))

    def append_all_of(self, other: "UploadFile") -> None:
        for offset in range(0, other.size, _BLOCK_SIZE):
            self.append(other.read(offset, _BLOCK_SIZE))

    def whole(self) -> Path:
        """Another name for the file, which may be taken away; this one stays."""
        path = self._named(_WHOLE)
        with disk_errors():
            path.unlink(missing_ok=True)
            os.link(self._path, path)
        return path

    def remove(self) -> None:
        """Remove every name of it."""
        with disk_errors():
            for path in (self._named(_WHOLE), self._named(_UNCHECKED), self._path):
                path.unlink(missing_ok=True)

    def let_go(self) -> None:
        """Let the next writer have it. A file in which nothing is, is not left behind."""
        try:
            if self.size == 0:
                self.remove()
        finally:
            os.close(self._fd)

    def drop(self) -> None:
        """Remove it, and let go of it."""
        try:
            self.remove()
        finally:
            os.close(self._fd)

    def _named(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.let_go()


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def disk_errors() -> Iterator[None]:
    """What the disk says where uploads arrive is no fault of theirs."""
    try:
        yield
    except OSError as error:
        code = "no_space" if error.errno in _NO_ROOM else "scratch_unavailable"
        raise Unavailable(code, f"scratch folder: {error.strerror}") from error
