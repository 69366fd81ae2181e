"""What the gate has to say of a master: a code, how grave it is, a sentence, and where."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from legato.errors import BadInput

Span = tuple[float, float]


class Severity(StrEnum):
    """`reject`: it cannot be delivered. `warn`: its artist should know. `info`: good to know."""

    REJECT = "reject"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found. `spans` are seconds, [start, end): the first of them, where it has a place.

    `details` are the numbers behind the sentence.
    """

    code: str
    severity: Severity
    message: str
    spans: tuple[Span, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def at_s(self) -> float | None:
        """Where to listen first."""
        return self.spans[0][0] if self.spans else None

    def to_json(self) -> dict[str, Any]:
        """As the catalogue keeps it and the API shows it."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "spans": [list(span) for span in self.spans],
            "details": self.details,
        }


def refusal(findings: Iterable[Finding]) -> BadInput | None:
    """What refuses the master: the first finding that rejects it, if one does."""
    for finding in findings:
        if finding.severity is Severity.REJECT:
            return BadInput(finding.code, finding.message)
    return None
