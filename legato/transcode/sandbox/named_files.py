"""The files that a command names, opened by us and handed over open.

So ffmpeg needs no way to where they lie, and hears nothing of their names.
"""

import os
import re
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

_SCHEME: Final = "file:"
# Linux opens this as the file itself, from its start, whatever folder it lies in.
_OPEN_FILES: Final = Path("/proc/self/fd")
_NAME_INSIDE: Final = re.compile(rf"{_SCHEME}{_OPEN_FILES}/\d+")


class NamedFiles:
    """A context manager: `-i file:X` is read, any other word `file:X` is written.

    Raises OSError where one cannot be opened.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._stack = ExitStack()
        self.read: list[int] = []
        self.written: list[int] = []
        self.words: list[str] = []
        """The command's words, with what its files are called in the sandbox."""

    def __enter__(self) -> Self:
        before = ""
        with self._stack:
            for word in self._words:
                self.words.append(self._open(word, to_read=before == "-i"))
                before = word
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def _open(self, word: str, *, to_read: bool) -> str:
        if not word.startswith(_SCHEME):
            return word
        path = Path(word.removeprefix(_SCHEME))
        fd = os.open(path, os.O_RDONLY if to_read else os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        self._stack.callback(os.close, fd)
        (self.read if to_read else self.written).append(fd)
        name = _OPEN_FILES / str(fd) if _OPEN_FILES.is_dir() else path.absolute()
        return f"{_SCHEME}{name}"


def without_names(said: str) -> str:
    """What a program said, without what its files are called in the sandbox."""
    return _NAME_INSIDE.sub("the file", said)
