"""From what was measured to what is said of it."""

from collections.abc import Callable
from typing import Any, Final

from legato.ingest.gate.checks import CHECKS, Bound, Check
from legato.ingest.gate.facts import FileFacts, SoundFacts
from legato.ingest.gate.finding import Finding, Severity
from legato.ingest.gate.looks import Master, Seen
from legato.ingest.gate.profiles import Profile

_GRAVEST_FIRST: Final = list(Severity)
_IS: Final[dict[Bound, Callable[[float, float], bool]]] = {
    "at least": lambda found, limit: found >= limit,
    "above": lambda found, limit: found > limit,
    "below": lambda found, limit: found < limit,
    "at most": lambda found, limit: found <= limit,
}


def judge(
    file: FileFacts, sound: SoundFacts, profile: Profile, *, file_name: str = ""
) -> tuple[Finding, ...]:
    """What is to be said of a master to whoever sent it, the gravest first.

    A pure function: the same facts give the same findings, so nothing is decoded to judge by
    another profile, or by other limits.
    """
    master = Master(file=file, sound=sound, file_name=file_name)
    findings = [one for check in CHECKS if (one := _finding(check, master, profile)) is not None]
    return tuple(sorted(findings, key=lambda one: _GRAVEST_FIRST.index(one.severity)))


def _finding(check: Check, master: Master, profile: Profile) -> Finding | None:
    limit = profile.limits.get(check.code, check.limit)
    seen = check.look(master)
    if seen is None or (limit is not None and not _IS[check.bound](seen.number, limit)):
        return None
    return Finding(
        code=check.code,
        severity=profile.severities[check.code],
        message=check.sentence.format(found=seen.number, limit=limit, **seen.words),
        spans=seen.spans,
        details=_details(seen, limit),
    )


def _details(seen: Seen, limit: float | None) -> dict[str, Any]:
    return (
        dict(seen.words) if limit is None else {"found": seen.number, "limit": limit} | seen.words
    )
