"""Turns for masters that come as forms: so many are on their way at once, in one web process.

A form is spooled to the scratch folder while it is parsed, and copied there once it is whole: twice
AT_ONCE times LEGATO_MAX_UPLOAD_BYTES is the most that forms take of that disk. Each that is whole
has a thread, of the 40 that anyio gives all requests.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from legato.errors import Unavailable

AT_ONCE: Final = 16
OF_A_TENANT: Final = AT_ONCE // 2


class FormTurns:
    """Who has how many turns; for the thread of the event loop."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    @contextmanager
    def one_of(self, tenant_id: str) -> Iterator[None]:
        """A turn for a form of a tenant; nobody waits for it. Raises Unavailable `forms_full`."""
        self._check(tenant_id)
        self._taken[tenant_id] += 1
        try:
            yield
        finally:
            self._taken[tenant_id] -= 1
            self._taken = +self._taken  # who has none is forgotten

    def _check(self, tenant_id: str) -> None:
        if self._taken[tenant_id] >= OF_A_TENANT:
            raise _full(f"{OF_A_TENANT} masters of the tenant")
        if self._taken.total() >= AT_ONCE:
            raise _full(f"{AT_ONCE} masters")


def _full(found: str) -> Unavailable:
    return Unavailable(
        "forms_full", f"found {found} on their way as forms, expected fewer: come again"
    )
