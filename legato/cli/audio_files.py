"""Which files the arguments of `legato ingest` mean."""

from collections.abc import Iterable, Iterator
from glob import glob, has_magic
from pathlib import Path
from typing import Final

# In a folder, what is not called like audio is passed over; a file that is named is tried.
SUFFIXES: Final = {
    ".aac", ".aif", ".aifc", ".aiff", ".caf", ".flac", ".m4a", ".mp3", ".mp4", ".oga",
    ".ogg", ".opus", ".w64", ".wav", ".wave", ".wv",
}  # fmt: skip


def audio_files(arguments: Iterable[str]) -> Iterator[Path]:
    """Every file that is meant, once, in order; an argument that names nothing stays as it is."""
    seen: set[Path] = set()
    for argument in arguments:
        for path in list(_expand(argument)) or [Path(argument)]:
            if path.resolve() not in seen:
                seen.add(path.resolve())
                yield path


def _expand(argument: str) -> Iterator[Path]:
    path = Path(argument)
    if path.is_dir():
        yield from _in_folder(path)
    elif path.exists():
        yield path
    elif has_magic(argument):
        for match in sorted(glob(argument, recursive=True)):  # noqa: PTH207 - takes absolute ones
            yield from _in_folder(Path(match)) if Path(match).is_dir() else [Path(match)]


def _in_folder(folder: Path) -> Iterator[Path]:
    """The audio below a folder, in the order of names; hidden files are left out."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in SUFFIXES and path.is_file() and not hidden:
            yield path
