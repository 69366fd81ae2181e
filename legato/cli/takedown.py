"""`legato takedown`: take a track down, ask every edge, and tell when each has confirmed."""

import json
import logging
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Event
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from legato.catalog import purges
from legato.catalog.purges import Purge
from legato.cli.logs import log_to_stderr
from legato.deployment import Deployment
from legato.origin.edges.configured import configured_edges
from legato.origin.edges.purging import Purging
from legato.origin.edges.takedown import Takedown, restore, take_down

_LOOK_EVERY_S: Final = 0.2
_NEVER: Final = Event()


def take_track_down(track_id: str, *, reason: str, wait_s: float, as_json: bool) -> int:
    """Take a track down and wait for its edges; answers 1 while one has not confirmed."""
    log_to_stderr(logging.ERROR if sys.stderr.isatty() else logging.INFO)  # told below
    deployment = Deployment()
    done = take_down(deployment, track_id, reason)
    if not as_json:
        _tell_track(done)
    confirmed: list[Purge] = []
    for purge in _confirmations(deployment, done.purged_asset, wait_s):
        confirmed.append(purge)
        if not as_json:
            _print(f"[green]✓[/green] {escape(purge.edge)} confirmed after {purge.after_s:.1f} s")
    missing = [purge for purge in _purges(deployment, done.purged_asset) if purge.after_s is None]
    if as_json:
        sys.stdout.write(json.dumps(_to_json(done, [*confirmed, *missing])) + "\n")
    else:
        for purge in missing:
            why = escape(purge.error_message or "it has not been asked yet")
            _print(f"[red]✗[/red] {escape(purge.edge)} has not confirmed: {why}")
            _print("    a running server asks it again until it does")
    return 1 if missing else 0


def restore_track(track_id: str) -> str:
    """Undo a takedown; answers what that means."""
    restore(Deployment(), track_id)
    return f"track {track_id} may be played again; grants from before stay denied"


def _confirmations(deployment: Deployment, asset_id: str | None, wait_s: float) -> Iterator[Purge]:
    """Each edge's confirmation as it comes, until all have or the time is up."""
    if asset_id is None:
        return
    purging = Purging(deployment.database, configured_edges(deployment.settings))
    told: set[str] = set()
    deadline = time.monotonic() + wait_s
    try:
        while True:
            known = _purges(deployment, asset_id)
            news = [one for one in known if one.after_s is not None and one.edge not in told]
            yield from news
            told.update(one.edge for one in news)
            if len(told) == len(known) or time.monotonic() > deadline:
                return
            purging.ask_due()
            _NEVER.wait(_LOOK_EVERY_S)
    finally:
        purging.stop()


def _purges(deployment: Deployment, asset_id: str | None) -> list[Purge]:
    if asset_id is None:
        return []
    with deployment.database.read() as session:
        return purges.of_asset(session, asset_id)


def _tell_track(done: Takedown) -> None:
    track = done.track
    _print(f"[green]✓[/green] track {track.track_id} is down: no new grants, its old ones denied")
    if track.asset_id is not None and done.purged_asset is None:
        _print("    another track plays the same audio: edges keep it")


def _to_json(done: Takedown, edges: list[Purge]) -> dict[str, Any]:
    at_s = (done.track.taken_down_at_ms or 0) / 1000
    return {
        "track_id": done.track.track_id,
        "asset_id": done.track.asset_id,
        "taken_down_at": datetime.fromtimestamp(at_s, UTC).isoformat(),
        "reason": done.track.takedown_reason,
        "purged": done.purged_asset is not None,
        "edges": [
            {"edge": one.edge, "confirmed_after_s": one.after_s, "error": one.error_message}
            for one in edges
        ],
    }


def _print(line: str) -> None:
    Console().print(line, highlight=False, soft_wrap=True)
