"""The longer proofs, and how they went.

python -m bench.soak        runs them; writes docs/figures/soak.md
"""

import sys
from dataclasses import dataclass, field

import pytest

from bench.figures import table, write_figures


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
            self.rows.append(
                [f"`{name}`", self.proves[report.nodeid], held, f"{report.duration:.0f} s"]
            )


def main() -> None:
    outcomes = Outcomes()
    status = pytest.main(["-m", "soak", *sys.argv[1:]], plugins=[outcomes])
    if not sys.argv[1:]:
        write_figures(
            "soak",
            title="The longer proofs",
            command="make soak",
            paragraphs=[table(["test", "what it proves", "outcome", "took"], outcomes.rows)],
        )
    sys.exit(status)


if __name__ == "__main__":
    main()
