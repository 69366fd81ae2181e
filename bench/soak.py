"""The longer proofs, and how they went.

python -m bench.soak [PATH…]    runs all, or those below the paths; writes docs/figures/soak.md

A row is of the last time its test was run; those that were not run keep theirs.
"""

import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from bench.figures import FIGURES, table, write_figures

HEADER = ["test", "what it proves", "outcome", "took", "on"]


@dataclass(eq=False, slots=True)
class Outcomes:
    """A pytest plugin: what each test proves, whether it held, how long it took."""

    proves: dict[str, str] = field(default_factory=dict)
    rows: list[list[str]] = field(default_factory=list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            described = getattr(item, "function", None)
            self.proves[item.nodeid] = (getattr(described, "__doc__", None) or "").split("\n")[0]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            name = report.nodeid.rpartition("::")[2]
            held = "held" if report.passed else f"**{report.outcome}** ({report.when})"
            today = f"{datetime.now(UTC):%Y-%m-%d}"
            proves = self.proves[report.nodeid]
            self.rows.append([f"`{name}`", proves, held, f"{report.duration:.0f} s", today])


def rows_before() -> list[list[str]]:
    """The rows that stand there."""
    path = FIGURES / "soak.md"
    lines = path.read_text().splitlines() if path.exists() else []
    found = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [cells for cells in found if cells[0].startswith("`")]


def main() -> None:
    outcomes = Outcomes()
    os.environ.setdefault("REAL_MUSIC_S", "1200")
    status = pytest.main(["-m", "soak", *sys.argv[1:]], plugins=[outcomes])
    run = {cells[0] for cells in outcomes.rows}
    kept = [cells for cells in rows_before() if cells[0] not in run]
    write_figures(
        "soak",
        title="The longer proofs",
        command="make soak",
        paragraphs=[table(HEADER, kept + outcomes.rows)],
    )
    sys.exit(status)


if __name__ == "__main__":
    main()
