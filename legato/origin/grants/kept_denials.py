"""The denials as they were last known, in a file: what a process begins with."""

from collections.abc import Iterable
from pathlib import Path

import structlog

from legato.catalog.denials import Denial, DenialKind
from legato.errors import Unavailable
from legato.origin.grants.private_file import replace_private_file

log = structlog.get_logger()


class KeptDenials:
    """A line a denial: kind, subject, denied at, until; times in Unix seconds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text = ""

    def read(self) -> list[Denial]:
        """What was kept last; nothing where there is no file, or none that can be read."""
        try:
            self._text = self._path.read_text()
            return [_denial(line) for line in self._text.splitlines()]
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            self._text = ""
            log.error("kept_denials_unreadable", path=str(self._path), error=str(error))  # noqa: TRY400 - the line says it all
            return []

    def keep(self, denials: Iterable[Denial]) -> None:
        """Replace what was kept, if it is something else; raises Unavailable."""
        text = "".join(denial.line for denial in denials)
        if text == self._text:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_private_file(self._path, text)
        except OSError as error:
            raise Unavailable("denials_file", f"{self._path}: {error.strerror}") from error
        self._text = text


def _denial(line: str) -> Denial:
    kind, subject, denied_at_s, until_s = line.split()
    return Denial(
        kind=DenialKind(kind),
        subject=subject,
        denied_at_s=int(denied_at_s),
        until_s=int(until_s),
    )
