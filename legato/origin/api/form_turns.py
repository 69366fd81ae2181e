"""Turns for masters that come as forms: each has a thread, of those that all requests share."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from legato.errors import Unavailable

# In one process, of the 40 threads that anyio gives it.
AT_ONCE: Final = 8
_turns = BoundedSemaphore(AT_ONCE)


@contextmanager
def form_turn() -> Iterator[None]:
    """A turn for one form; nobody waits for it. Raises Unavailable `forms_full`."""
    if not _turns.acquire(blocking=False):
        raise Unavailable(
            "forms_full", f"found {AT_ONCE} masters being taken in, expected fewer: come again"
        )
    try:
        yield
    finally:
        _turns.release()
