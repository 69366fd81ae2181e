"""What `legato ingest` shows: bars and lines for people, one JSON object a line for programs."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from legato.cli.logs import log_to_stderr
from legato.errors import LegatoError


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What has become of one file."""

    path: str
    state: str
    error: LegatoError | None = None
    track_id: str | None = None
    asset_id: str | None = None
    audio_id: str | None = None
    duplicate_of: str | None = None
    duration_s: float | None = None
    findings: Sequence[dict[str, Any]] = ()

    def to_json(self) -> dict[str, Any]:
        error = self.error
        return {
            "path": self.path,
            "track_id": self.track_id,
            "asset_id": self.asset_id,
            "audio_id": self.audio_id,
            "state": self.state,
            "duplicate_of": self.duplicate_of,
            "error": {"code": error.code, "message": error.message} if error else None,
            "findings": list(self.findings),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A file that is in work now, and how far its job is."""

    name: str
    progress: dict[str, Any] | None


class Display(Protocol):
    """Hears of every file once when it has ended, and now and then of what is in work."""

    def ended(self, outcome: Outcome) -> None: ...

    def working(self, work: Sequence[Work]) -> None: ...


@contextmanager
def open_display(files: int, *, as_json: bool) -> Iterator[Display]:
    """The display that was asked for, for so many files."""
    log_to_stderr(level=40)
    if as_json:
        yield _JsonLines()
        return
    console = Console()
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
        console=console,
        refresh_per_second=4,
        transient=True,
        disable=not console.is_terminal,
    )
    with progress:
        yield _People(progress, files)


class _JsonLines:
    def ended(self, outcome: Outcome) -> None:
        sys.stdout.write(json.dumps(outcome.to_json(), ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def working(self, work: Sequence[Work]) -> None:
        """Programs ask for results only."""


class _People:
    """A line a file that has ended; below them a bar for what is in work, and one for all."""

    def __init__(self, progress: Progress, files: int) -> None:
        self._progress = progress
        self._files = files
        self._ended = 0
        self._all = progress.add_task("all files", total=files, told=f"0 of {files}")
        self._tasks: dict[str, TaskID] = {}

    def ended(self, outcome: Outcome) -> None:
        self._ended += 1
        for line in (self._line(outcome), *map(_warning, _warnings(outcome))):
            self._progress.console.print(line, highlight=False, soft_wrap=True)
        told = f"{self._ended} of {self._files}"
        self._progress.update(self._all, completed=self._ended, told=told)

    def working(self, work: Sequence[Work]) -> None:
        for name in self._tasks.keys() - {one.name for one in work}:
            self._progress.remove_task(self._tasks.pop(name))
        for one in work:
            if one.name not in self._tasks:
                self._tasks[one.name] = self._progress.add_task(
                    escape(one.name), total=1.0, told="queued"
                )
            if one.progress is not None:
                self._progress.update(
                    self._tasks[one.name], completed=one.progress["fraction"], told=_told(one)
                )

    @staticmethod
    def _line(outcome: Outcome) -> str:
        if outcome.error is not None:
            message, code = escape(outcome.error.message), outcome.error.code
            return f"[red]✗[/red] {escape(outcome.path)}: {message} [dim]({code})[/dim]"
        length = f"{int((outcome.duration_s or 0) // 60)}:{(outcome.duration_s or 0) % 60:04.1f}"
        same = (
            f", the same recording as track {outcome.duplicate_of}" if outcome.duplicate_of else ""
        )
        return (
            f"[green]✓[/green] {escape(outcome.path)}  [dim]{length}[/dim]  "
            f"{outcome.state}, track [bold]{outcome.track_id}[/bold]{same}"
        )


def _warnings(outcome: Outcome) -> list[dict[str, Any]]:
    """What the artist should know of a track that is taken all the same."""
    return [one for one in outcome.findings if one["severity"] == "warn"]


def _warning(finding: dict[str, Any]) -> str:
    return f"  [yellow]![/yellow] {escape(finding['message'])} [dim]({finding['code']})[/dim]"


def _told(work: Work) -> str:
    progress = work.progress or {}
    speed, left = progress["times_real_time"], progress["seconds_left"]
    told = str(progress["stage"])
    if speed:
        told += f" {speed:.0f}× real time"
    if left:
        told += f", {left:.0f} s left"
    return told
