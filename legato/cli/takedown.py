"""`legato takedown`: take a track down, ask every edge, and tell when each has confirmed."""

import json
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from threading import Event
from typing import Any, Final

import structlog
from rich.console import Console
from rich.markup import escape

from legato.catalog import purges
from legato.catalog.purges import Purge
from legato.catalog.tracks import Track
from legato.cli.logs import log_to_stderr
from legato.deployment import Deployment
from legato.errors import LegatoError
from legato.origin.edges.configured import configured_edges
from legato.origin.edges.purge import PurgingEdge
from legato.origin.edges.purging import Purging
from legato.origin.edges.takedown import Takedown, restore, take_down

log = structlog.get_logger()

# 1 is for what went wrong, and 2 for a command that cannot be.
_UNCONFIRMED: Final = 3
_LOOK_EVERY_S: Final = 0.2
_NEVER: Final = Event()


def take_track_down(track_id: str, *, reason: str, wait_s: float, as_json: bool) -> int:
    """Take a track down and wait for its edges; answers 3 while one has not confirmed."""
    _log()
    deployment = Deployment()
    edges = configured_edges(deployment.settings)
    done = take_down(deployment, track_id, reason)
    if not as_json:
        _tell_track(done, edges)
    try:
        for purge in _confirmations(deployment, done.purged_asset, edges, wait_s):
            if not as_json:
                took = f"confirmed after {purge.after_s:.1f} s"
                _print(f"[green]✓[/green] {escape(purge.edge)} {took}")
        known = _purges(deployment, done.purged_asset, edges)
    except LegatoError as error:  # the track is down whatever becomes of the edges
        log.warning("purges_unknown", code=error.code, error=error.message)
        return _UNCONFIRMED
    missing = [purge for purge in known if purge.after_s is None]
    if as_json:
        sys.stdout.write(json.dumps(_to_json(done, known)) + "\n")
    else:
        for purge in missing:
            _tell_missing(purge)
    return _UNCONFIRMED if missing else 0


def restore_track(track_id: str, *, as_json: bool) -> str:
    """Undo a takedown; answers what that means."""
    _log()
    track = restore(Deployment(), track_id)
    if as_json:
        return json.dumps(_track_to_json(track))
    return f"track {track_id} may be played again; grants from before stay denied"


def _log() -> None:
    """At a terminal, what is printed says it all."""
    log_to_stderr(logging.ERROR if sys.stderr.isatty() else logging.INFO)


def _confirmations(
    deployment: Deployment, asset_id: str | None, edges: Sequence[PurgingEdge], wait_s: float
) -> Iterator[Purge]:
    """Each edge's confirmation as it comes, until all have or the time is up."""
    purging = Purging(deployment.database, edges)
    told: set[str] = set()
    deadline = time.monotonic() + wait_s
    try:
        while True:
            known = _purges(deployment, asset_id, edges)
            news = [one for one in known if one.after_s is not None and one.edge not in told]
            yield from news
            told.update(one.edge for one in news)
            if len(told) == len(known) or time.monotonic() > deadline:
                return
            purging.ask_due()
            _NEVER.wait(_LOOK_EVERY_S)
    finally:
        purging.stop()


def _purges(
    deployment: Deployment, asset_id: str | None, edges: Sequence[PurgingEdge]
) -> list[Purge]:
    """What is known of the asset at the edges that are set now; of others nobody asks any more."""
    if asset_id is None:
        return []
    names = {edge.name for edge in edges}
    with deployment.database.read() as session:
        return [one for one in purges.of_asset(session, asset_id) if one.edge in names]


def _tell_track(done: Takedown, edges: Sequence[PurgingEdge]) -> None:
    track = done.track
    _print(f"[green]✓[/green] track {track.track_id} is down: no new grants, its old ones denied")
    if track.asset_id is not None and done.purged_asset is None:
        _print("    another track plays the same audio: edges keep it")
    elif done.purged_asset is not None and not edges:
        _print("    no edge is asked to forget the audio: LEGATO_EDGES names none")


def _tell_missing(purge: Purge) -> None:
    unknown = f"asked {purge.attempts} times, no answer yet" if purge.attempts else "not asked yet"
    why = escape(purge.error_message or unknown)
    _print(f"[red]✗[/red] {escape(purge.edge)} has not confirmed: {why}")
    _print("    a running server asks it again until it does")


def _to_json(done: Takedown, known: Sequence[Purge]) -> dict[str, Any]:
    """`purged`: every edge that is set has confirmed, and there is one."""
    return {
        **_track_to_json(done.track),
        "shared": done.track.asset_id is not None and done.purged_asset is None,
        "purged": bool(known) and all(one.after_s is not None for one in known),
        "edges": [
            {"edge": one.edge, "confirmed_after_s": one.after_s, "error": one.error_message}
            for one in known
        ],
    }


def _track_to_json(track: Track) -> dict[str, Any]:
    at_ms = track.taken_down_at_ms
    return {
        "track_id": track.track_id,
        "asset_id": track.asset_id,
        "taken_down_at": datetime.fromtimestamp(at_ms / 1000, UTC).isoformat() if at_ms else None,
        "reason": track.takedown_reason,
    }


def _print(line: str) -> None:
    Console().print(line, highlight=False, soft_wrap=True)
