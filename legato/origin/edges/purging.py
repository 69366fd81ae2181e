"""Asking edges to forget what was taken down, until each has said that it has."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Final

import structlog

from legato.catalog import purges
from legato.catalog.database import Database
from legato.catalog.purges import Purge
from legato.errors import LegatoError, Unavailable
from legato.origin.edges.purge import TIMEOUT_S, PurgingEdge

# An edge that hangs holds a thread for seconds, and must hold up no other.
_AT_A_TIME: Final = 16
# Longer than asking takes: whoever asked and is silent now has died.
_LEASE_S: Final = 6 * TIMEOUT_S
_LONGEST_DELAY_S: Final = 300.0

log = structlog.get_logger()


class Purging:
    """Asks what is due. Several processes may: one claims a purge, and the others leave it."""

    def __init__(self, database: Database, edges: Sequence[PurgingEdge]) -> None:
        self._database = database
        self._edges = {edge.name: edge for edge in edges}
        self._executor = ThreadPoolExecutor(_AT_A_TIME, "purge")
        self._asking = 0
        self._lock = Lock()

    def ask_due(self) -> list["Future[None]"]:
        """Begin to ask every edge that is due, all at once; raises Unavailable.

        The futures end when an edge has confirmed, or is to be asked again later.
        """
        free = _AT_A_TIME - self._asking
        if not self._edges or free <= 0:
            return []
        with self._database.read() as session:
            if not purges.any_due(session, list(self._edges)):
                return []
        with self._database.write() as session:
            claimed = purges.claim_due(session, list(self._edges), lease_s=_LEASE_S, limit=free)
        return [self._begin(purge) for purge in claimed]

    def stop(self) -> None:
        """Begin nothing more; what is under way ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _begin(self, purge: Purge) -> "Future[None]":
        with self._lock:
            self._asking += 1
        future = self._executor.submit(self._ask, purge)
        future.add_done_callback(self._ended)
        return future

    def _ended(self, _future: "Future[None]") -> None:
        with self._lock:
            self._asking -= 1

    def _ask(self, purge: Purge) -> None:
        """Ask, and record what came of it; where that fails, the claim ends and it is due again."""
        try:
            failure = self._failure(purge)
            if failure is None:
                self._confirm(purge)
            else:
                self._put_off(purge, failure)
        except Exception:  # nobody waits for the future, so nobody else would tell
            log.exception(
                "purge_not_recorded", asset=purge.asset_id, edge=purge.edge, again_in_s=_LEASE_S
            )

    def _failure(self, purge: Purge) -> LegatoError | None:
        """Why the edge has not confirmed; None: it has."""
        try:
            self._edges[purge.edge].purge(purge.asset_id, purge.requested_at_ms)
        except LegatoError as error:
            return error
        except Exception as error:  # ours to mend, and no reason not to ask again
            log.exception("purge_failed", asset=purge.asset_id, edge=purge.edge)
            return Unavailable("purge_failed", f"{purge.edge}: {type(error).__name__}")
        return None

    def _confirm(self, purge: Purge) -> None:
        with self._database.write() as session:
            confirmed = purges.confirm(session, purge)
        if confirmed is not None:
            log.info(
                "edge_purged",
                asset=purge.asset_id,
                edge=purge.edge,
                after_s=confirmed.after_s,
                attempts=purge.attempts,
            )

    def _put_off(self, purge: Purge, error: LegatoError) -> None:
        delay_s = delay_after(purge.attempts)
        with self._database.write() as session:
            purges.put_off(session, purge, error.message, delay_s=delay_s)
        log.warning(
            "edge_not_purged",
            asset=purge.asset_id,
            edge=purge.edge,
            code=error.code,
            error=error.message,
            attempts=purge.attempts,
            again_in_s=delay_s,
        )


def delay_after(attempts: int) -> float:
    """How long an edge is left alone after so many attempts: 1, 2, 4 … up to 300 seconds."""
    return min(2.0 ** min(attempts - 1, 16), _LONGEST_DELAY_S)
