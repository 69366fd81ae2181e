"""What was checked of an asset, and what was found against it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: what of it is well, and every finding against it."""

    name: str
    well: str
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All checks of one asset."""

    asset_id: str
    checks: Sequence[Check]

    @property
    def well(self) -> bool:
        return not any(check.findings for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        return {
            "asset_id": self.asset_id,
            "well": self.well,
            "checks": [asdict(check) for check in self.checks],
        }


def check(name: str, well: str, findings: Iterable[str]) -> Check:
    """A check of which `findings` are against it."""
    return Check(name=name, well=well, findings=tuple(findings))
