"""`legato gc`: collect what nothing needs, with a table for people and JSON for programs."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from legato.cli.logs import log_to_stderr
from legato.deployment import Deployment
from legato.ingest.collector import Collected, Collector, Policy, Tally

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def collect(*, dry_run: bool, grace_s: float | None, as_json: bool) -> str:
    """Run the collector; answers what it has removed, or in a dry run would have."""
    log_to_stderr(logging.ERROR if sys.stderr.isatty() else logging.INFO)
    deployment = Deployment()
    settings = deployment.settings
    policy = Policy(
        grace_s=settings.gc_grace_s if grace_s is None else grace_s,
        grant_ttl_s=settings.grant_ttl_s,
        dry_run=dry_run,
    )
    with _progress() as (progress, task):

        def show(kind: str, tally: Tally) -> None:
            progress.update(task, description=f"{kind}: {tally.count}")

        collected = Collector(
            deployment.database, deployment.store, settings.scratch, policy, show
        ).run()
    if as_json:
        return json.dumps({"dry_run": dry_run, **collected.to_json()})
    return _table(collected, "would go" if dry_run else "gone")


@contextmanager
def _progress() -> Iterator[tuple[Progress, TaskID]]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        yield progress, progress.add_task("", total=None)


def _table(collected: Collected, happened: str) -> str:
    table = Table("what", happened, "freed", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for kind, tally in collected.by_kind.items():
        table.add_row(kind, str(tally.count), _readable(tally.size_bytes))
    table.add_row("all", "", _readable(collected.size_bytes))
    console = Console()
    with console.capture() as capture:
        console.print(table)
    return capture.get().rstrip("\n")


def _readable(size_bytes: int) -> str:
    """Three digits or so, in multiples of a thousand."""
    size, unit = float(size_bytes), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"
