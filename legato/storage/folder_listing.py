"""The files of a folder as a list of objects, sorted as S3 sorts keys, a page at a time."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path
from typing import Final

from legato.storage.object_key import INCOMING
from legato.storage.object_store import StoredObject

# Names of one folder that are kept in memory at a time, about 100 bytes each.
_PAGE: Final = 50_000


def objects_below(root: Path, prefix: str, after: str, page: int = _PAGE) -> Iterator[StoredObject]:
    """The files below `root` whose relative paths begin with `prefix` and come after `after`.

    A folder that is gone, or becomes so, has none. Raises OSError.
    """
    wanted = _Wanted(prefix=prefix, after=after)

    def walk(folder: str) -> Iterator[StoredObject]:
        for name in _names(root, folder, wanted, page):
            key = folder + name
            if name.endswith("/"):
                yield from walk(key)
            elif (found := _stat(root / key)) is not None:
                yield StoredObject(key=key, size_bytes=found.st_size, modified_at_s=found.st_mtime)

    return walk("")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    prefix: str
    after: str

    def may_hold(self, key: str) -> bool:
        """Whether a file is meant, or a folder may have one below it that is."""
        if key.endswith("/"):
            within = key.startswith(self.prefix) or self.prefix.startswith(key)
            return within and (key > self.after or self.after.startswith(key))
        return key.startswith(self.prefix) and key > self.after


def _names(root: Path, folder: str, wanted: _Wanted, page: int) -> Iterator[str]:
    """The names in a folder that matter, folders with a slash behind, in the order of keys."""
    last = ""
    while names := nsmallest(page, _those_behind(root / folder, folder, wanted, last)):
        yield from names
        last = names[-1]


def _those_behind(path: Path, folder: str, wanted: _Wanted, last: str) -> Iterator[str]:
    try:
        entries = os.scandir(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    with entries:
        for entry in entries:
            name = f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
            if name > last and wanted.may_hold(folder + name) and entry.name != INCOMING:
                yield name


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
