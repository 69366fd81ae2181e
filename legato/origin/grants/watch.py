"""What a process looks after again and again for as long as it runs: denials, keys, purges."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Self

import structlog

from legato.catalog import denials as catalogue
from legato.catalog.database import Database
from legato.errors import LegatoError
from legato.origin.grants.denials import Denials
from legato.origin.grants.kept_denials import KeptDenials
from legato.origin.grants.signing_keys import KeyRing, SigningKeys

EVERY_S: Final = 1.0
# A denial, or a purge, that the catalogue has is with every process that lives after so long.
IN_FORCE_S: Final = 2 * EVERY_S

log = structlog.get_logger()


class Watch:
    """A daemon thread that looks every second; nothing that goes wrong there ends it.

    An error is logged when it begins and when it has passed, and not every second between.
    """

    def __init__(self, name: str, look: Callable[[], None], every_s: float = EVERY_S) -> None:
        self._name = name
        self._look = look
        self._every_s = every_s
        self._stopping = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> Self:
        """Look once before this returns, then go on in the background."""
        self._look_once()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Look no more; returns when the last look has ended."""
        self._stopping.set()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            self._look_once()

    def _look_once(self) -> None:
        """A thread that dies protects nobody, also where it dies of a log that nobody reads."""
        with suppress(Exception):
            try:
                self._look()
            except LegatoError as error:
                self._failed(code=error.code, error=error.message)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                self._failed(exc_info=error)
            else:
                self._succeeded()

    def _failed(self, **fields: object) -> None:
        if not self._failing:
            log.error("watch_failed", watch=self._name, **fields)
        self._failing = True

    def _succeeded(self) -> None:
        if self._failing:
            log.info("watch_recovered", watch=self._name)
        self._failing = False


def watch_denials(
    database: Database, denials: Denials, kept: KeptDenials, every_s: float = EVERY_S
) -> Watch:
    """Keeps `denials` as the catalogue has them; while that is away, the last known set stays.

    Until the catalogue has been asked, those hold that were `kept` by whoever asked it last.
    """
    seen: int | None = None
    denials.assume(kept.read())

    def look() -> None:
        nonlocal seen
        with database.read() as session:
            found = catalogue.changes(session)
            if found == seen:
                denials.confirm()
                return
            current = catalogue.current(session)
        denials.replace(current)
        kept.keep(current)
        seen = found

    return Watch("denials", look, every_s)


def watch_keys(keys: KeyRing, *hear: Callable[[SigningKeys], None]) -> Watch:
    """Follows the key file and lets `hear` know; a file that cannot be read changes nothing."""

    def look() -> None:
        if keys.reload():
            for listener in hear:
                listener(keys())
            log.info("signing_keys_reloaded", key_ids=list(keys().by_id))

    return Watch("signing keys", look)
