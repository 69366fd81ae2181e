"""Tables in docs/figures/, each with its date, machine and command."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

FIGURES = Path(__file__).parent.parent / "docs" / "figures"


def write_figures(name: str, *, title: str, command: str, paragraphs: Sequence[str]) -> Path:
    """Write docs/figures/{name}.md and show it."""
    head = [
        f"# {title}",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}. Made by `{command}`.",
    ]
    path = FIGURES / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join([*head, *paragraphs]) + "\n")
    print(path.read_text())
    return path


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """Cores, processor and system of this machine."""
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    release = platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{os.cpu_count()} cores of {processor}, {release}, Python {platform.python_version()}"
