"""A folder as object store."""

import fcntl
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from legato.errors import Corrupt, NotFound, Unavailable
from legato.storage.durable import make_folders, sync
from legato.storage.folder_listing import objects_below
from legato.storage.object_key import INCOMING, key_parts
from legato.storage.object_store import StoredObject
from legato.storage.temporary_copy import remove_abandoned

_COMPARE_SIZE: Final = 1 << 20
_COPY_SIZE: Final = 1 << 20
_ATTEMPTS: Final = 16


class LocalStore:
    """Objects are files; each is written aside, synced, and given its name in one step."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, body: bytes, *, media_type: str) -> None:
        del media_type  # the address alone says it: a folder keeps no such thing
        target = self._path(key)
        try:
            with self._aside() as file:
                file.write(body)
                file.flush()
                self._give_name(Path(file.name), target, key)
        except OSError as error:
            raise _unavailable(key, error) from error

    def put_file(self, key: str, path: Path, *, media_type: str) -> None:
        del media_type
        target = self._path(key)
        try:
            with self._on_this_filesystem(path) as here:
                os.utime(here)  # listed with the time at which it was put
                self._give_name(here, target, key)
            path.unlink()
        except OSError as error:
            raise _unavailable(key, error) from error

    def read(self, key: str, offset: int = 0, size: int | None = None) -> bytes:
        with self._open(key) as fd:
            try:
                there = max(os.fstat(fd).st_size - offset, 0)
                return os.pread(fd, there if size is None else min(size, there), offset)
            except OSError as error:
                raise _unavailable(key, error) from error

    def size(self, key: str) -> int:
        with self._open(key) as fd:
            return os.fstat(fd).st_size

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        path = self._path(key)
        if not path.is_file():
            raise _not_found(key)
        yield path

    def delete(self, key: str) -> None:
        path = self._path(key)
        if not path.is_file():
            return
        try:
            path.unlink(missing_ok=True)
            with suppress(FileNotFoundError):  # who deletes the last of a folder takes it away
                sync(path.parent)
        except OSError as error:
            raise _unavailable(key, error) from error
        with suppress(OSError):  # a folder that is not empty stays
            path.parent.rmdir()

    def list(self, prefix: str, after: str = "") -> Iterator[StoredObject]:
        try:
            yield from objects_below(self._root, prefix, after)
        except OSError as error:
            raise _unavailable(prefix, error) from error

    def _path(self, key: str) -> Path:
        return self._root.joinpath(*key_parts(key))

    @contextmanager
    def _aside(self) -> Iterator[BinaryIO]:
        """A file in the making; what killed processes left of theirs is gone first."""
        folder = self._root / INCOMING
        make_folders(folder, self._root)
        remove_abandoned(folder, "*")
        path = folder / secrets.token_hex(8)
        try:
            with path.open("wb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def _on_this_filesystem(self, path: Path) -> Iterator[Path]:
        """`path` itself, or a copy of it where a hard link could not reach it."""
        make_folders(self._root, self._root)
        if path.stat().st_dev == self._root.stat().st_dev:
            yield path
            return
        with self._aside() as file, path.open("rb") as source:
            shutil.copyfileobj(source, file, _COPY_SIZE)
            file.flush()
            yield Path(file.name)

    @contextmanager
    def _open(self, key: str) -> Iterator[int]:
        try:
            fd = os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise _not_found(key) from error
        except OSError as error:
            raise _unavailable(key, error) from error
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):  # what several keys begin with
                raise _not_found(key)
            yield fd
        finally:
            os.close(fd)

    def _give_name(self, path: Path, target: Path, key: str) -> None:
        """Let the file stand at `target`, durably."""
        sync(path)
        for left in reversed(range(_ATTEMPTS)):
            try:
                make_folders(target.parent, self._root)
                self._link(path, target, key)
                sync(target.parent)
            except FileNotFoundError:  # who deleted the last of a folder took it away
                if not left:
                    raise
            else:
                return

    def _link(self, path: Path, target: Path, key: str) -> None:
        """Give the file its name; a hard link fails where a rename would overwrite."""
        try:
            os.link(path, target)
        except FileExistsError as error:
            if not _same_bytes(path, target):
                raise Corrupt(
                    "key_taken", f"object {key!r}: other bytes stand there already"
                ) from error


def _same_bytes(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        while block := left.read(_COMPARE_SIZE):
            if block != right.read(_COMPARE_SIZE):
                return False
    return True


def _not_found(key: str) -> NotFound:
    return NotFound("no_object", f"object {key!r}: not in the store")


def _unavailable(key: str, error: OSError) -> Unavailable:
    return Unavailable("store_unavailable", f"object {key!r}: {error.strerror}")
