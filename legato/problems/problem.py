"""What a code stands for (RFC 9457 §3.1: a problem type)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Problem:
    """An HTTP status, a title that never changes, and what whoever meets it can do.

    Over HTTP, what no request can cause has a status too: it may come out of a running server.
    `heals`: the same request may be right later, though its status does not say so. `after_s`:
    how long to wait until then, where that is not what its status says.
    """

    status: int
    title: str
    then: str
    heals: bool = False
    after_s: int | None = None

    @property
    def retry_after_s(self) -> int | None:
        """When to come again (RFC 9110 §10.2.3); None: to wait is of no use."""
        return 1 if self.after_s is None and self.status in _WAIT else self.after_s


_WAIT: Final = (429, 503)
PLAY: Final = "ask for `play` again"
LATER: Final = "come again: `Retry-After` says when"
OPERATOR: Final = "the operator has to look: the log says more"
VERIFY: Final = "the operator has to look; `legato verify` says more"
SETTING: Final = "mend the setting that `detail` names"
MASTER: Final = "send the master again, or another: `detail` says where it is broken"
