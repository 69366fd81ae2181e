"""The longer proofs, and how they went.

python -m bench.soak [PATH…]    runs all, or those below the paths; writes docs/figures/soak.md

A row is of the last time its test was run; those that were not run keep theirs. A test of many
cases is one row, and held if all did.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

import pytest

from bench.figures import FIGURES, table, write_figures

HEADER: Final = ["test", "what it proves", "outcome", "took", "on"]
HELD: Final = "held"
MANY_CASES: Final = 10


@dataclass(eq=False, slots=True)
class Outcomes:
    """A pytest plugin: what each test proves, whether it held, how long it took."""

    proves: dict[str, str] = field(default_factory=dict)
    reports: list[pytest.TestReport] = field(default_factory=list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            described = getattr(item, "function", None)
            self.proves[item.nodeid] = (getattr(described, "__doc__", None) or "").split("\n")[0]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            self.reports.append(report)

    def rows(self) -> list[list[str]]:
        rows = []
        for _, of_test in groupby(self.reports, lambda report: report.nodeid.partition("[")[0]):
            cases = list(of_test)
            each = [cases] if len(cases) > MANY_CASES else [[case] for case in cases]
            rows += [self._row(some) for some in each]
        return rows

    def _row(self, cases: Sequence[pytest.TestReport]) -> list[str]:
        name = cases[0].nodeid.rpartition("::")[2]
        if len(cases) > 1:
            name = f"{name.partition('[')[0]}[{len(cases)} cases]"
        wrong = [f"**{case.outcome}** ({case.when})" for case in cases if not case.passed]
        took_s = sum(case.duration for case in cases)
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        proves = self.proves[cases[0].nodeid]
        return [f"`{name}`", proves, wrong[0] if wrong else HELD, f"{took_s:.0f} s", today]


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
    rows = outcomes.rows()
    run = {cells[0] for cells in rows}
    kept = [cells for cells in rows_before() if cells[0] not in run]
    write_figures(
        "soak",
        title="The longer proofs",
        command="make soak",
        paragraphs=[table(HEADER, kept + rows)],
    )
    sys.exit(status)


if __name__ == "__main__":
    main()
