"""Which files the arguments of `legato ingest` mean."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from glob import glob, has_magic
from pathlib import Path
from typing import Final

# In a folder, what is not called like audio is passed over; a file that is named is tried.
SUFFIXES: Final = {
    ".aac", ".aif", ".aifc", ".aiff", ".caf", ".flac", ".m4a", ".mp3", ".mp4", ".oga",
    ".ogg", ".opus", ".w64", ".wav", ".wave", ".wv",
}  # fmt: skip


def shown(path: str | Path) -> str:
    """A path as text; bytes of it that are none, as from an old archive, are replaced."""
    return os.fsencode(path).decode(errors="replace")


def audio_files(arguments: Iterable[str]) -> Iterator[Path]:
    """Every file that is meant, once, in order; an argument that names nothing stays as it is."""
    seen: set[str] = set()
    for argument in arguments:
        for path in _expand(argument) or [Path(argument)]:
            real = os.path.realpath(path)
            if real not in seen:
                seen.add(real)
                yield path


def _expand(argument: str) -> list[Path]:
    """What an argument stands for; nothing where the system does not take it for a path."""
    with suppress(OSError, ValueError):
        if os.path.isdir(argument):  # noqa: PTH112 - no error for a path that cannot be
            return list(_in_folder(Path(argument)))
        if os.path.lexists(argument) or not has_magic(argument):
            return [Path(argument)]
        matches = sorted(glob(argument, recursive=True))  # noqa: PTH207 - takes absolute ones
        return [path for match in matches for path in _expand(match)]
    return []


def _in_folder(folder: Path) -> Iterator[Path]:
    """The audio below a folder, in the order of names; hidden files are left out."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in SUFFIXES and path.is_file() and not hidden:
            yield path
