"""`legato verify`: a table for people, one JSON object a line for programs."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from sqlalchemy.orm import Session

from legato.catalog import tracks
from legato.catalog.objects import recordings
from legato.deployment import Deployment
from legato.ingest.master_key import master_key
from legato.verify.asset import AssetVerifier, Subject
from legato.verify.report import Report
from legato.verify.seams import Decoding


def verify_tracks(track_ids: Sequence[str], *, as_json: bool) -> int:
    """Verify the assets of these tracks, or all there are; answers 1 on any finding."""
    deployment = Deployment()
    subjects = _subjects(deployment, track_ids)
    well = True
    with _scratch(deployment) as scratch, _progress(as_json) as progress:
        decoding = Decoding(
            binary=deployment.ffmpeg.path,
            stall_s=deployment.settings.stall_s,
            cores=deployment.settings.cores,
            scratch=scratch,
        )
        task = progress.add_task("", total=None)
        for number, subject in enumerate(subjects, start=1):
            name = f"asset {number} of {len(subjects)}: {subject.asset_id[:12]}"
            show = partial(_show, progress, task, name)
            verifier = AssetVerifier(deployment.store, decoding, show)
            report = verifier.verify(subject)
            well = well and report.well
            _tell(report, progress.console, as_json=as_json)
        if not subjects and not as_json:
            progress.console.print("nothing to verify: there is no asset yet")
    return 0 if well else 1


def _subjects(deployment: Deployment, track_ids: Sequence[str]) -> list[Subject]:
    """The assets that are meant, each once; raises NotFound for a track that is not there."""
    with deployment.database.read() as session:
        assets = recordings.all_assets(session)
        if track_ids:
            wanted = {tracks.asset_of_track(session, track_id) for track_id in track_ids}
            assets = [(asset_id, audio_id) for asset_id, audio_id in assets if asset_id in wanted]
        return [_subject(session, asset_id, audio_id) for asset_id, audio_id in assets]


def _subject(session: Session, asset_id: str, audio_id: str) -> Subject:
    masters = recordings.masters_of(session, audio_id)
    return Subject(asset_id=asset_id, master_keys=tuple(map(master_key, masters)))


@contextmanager
def _scratch(deployment: Deployment) -> Iterator[Path]:
    deployment.settings.scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="verify-", dir=deployment.settings.scratch) as folder:
        yield Path(folder)


def _show(progress: Progress, task: TaskID, name: str, what: str) -> None:
    progress.update(task, description=f"{name}, {what}")


@contextmanager
def _progress(as_json: bool) -> Iterator[Progress]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(file=sys.stderr if as_json else sys.stdout)
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        yield progress


def _tell(report: Report, console: Console, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(report.to_json()) + "\n")
        sys.stdout.flush()
        return
    console.print(f"asset [bold]{report.asset_id}[/bold]", soft_wrap=True)
    for check in report.checks:
        mark = "[red]✗[/red]" if check.findings else "[green]✓[/green]"
        console.print(f"  {mark} {check.name:<11} {escape(check.well)}", soft_wrap=True)
        for finding in check.findings:
            console.print(f"      [red]{escape(finding)}[/red]", soft_wrap=True)
