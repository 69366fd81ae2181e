"""A folder as object store."""

import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from legato.errors import Corrupt, NotFound, Unavailable
from legato.storage.object_key import INCOMING, key_parts

_COMPARE_SIZE: Final = 1 << 20


class LocalStore:
    """Objects are files; each is written aside, synced, and given its name in one step."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, body: bytes, *, media_type: str) -> None:
        try:
            incoming = self._incoming()
            try:
                incoming.write_bytes(body)
                self.put_file(key, incoming, media_type=media_type)
            finally:
                incoming.unlink(missing_ok=True)
        except OSError as error:
            raise _unavailable(key, error) from error

    def put_file(self, key: str, path: Path, *, media_type: str) -> None:
        del media_type  # the address alone says it: a folder keeps no such thing
        target = self._path(key)
        try:
            _make_folders(target.parent)
            with self._on_this_filesystem(path) as incoming:
                _sync(incoming)
                self._link(incoming, target, key)
            path.unlink()
            _sync(target.parent)
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
        except OSError as error:
            raise _unavailable(key, error) from error
        with suppress(OSError):  # a folder that is not empty stays
            path.parent.rmdir()

    def _path(self, key: str) -> Path:
        return self._root.joinpath(*key_parts(key))

    def _incoming(self) -> Path:
        folder = self._root / INCOMING
        folder.mkdir(parents=True, exist_ok=True)
        return folder / secrets.token_hex(8)

    @contextmanager
    def _on_this_filesystem(self, path: Path) -> Iterator[Path]:
        """`path` itself, or a copy of it where a hard link could not reach it."""
        incoming = self._incoming()
        if path.stat().st_dev == incoming.parent.stat().st_dev:
            yield path
            return
        try:
            shutil.copyfile(path, incoming)
            yield incoming
        finally:
            incoming.unlink(missing_ok=True)

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


def _make_folders(folder: Path) -> None:
    """Make `folder` and what is missing above it, each name durable in its parent."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        _sync(made.parent)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _not_found(key: str) -> NotFound:
    return NotFound("no_object", f"object {key!r}: not in the store")


def _unavailable(key: str, error: OSError) -> Unavailable:
    return Unavailable("store_unavailable", f"object {key!r}: {error.strerror}")
