"""What a duplicate costs beside the first ingest of the same recording.

    python -m bench.duplicates      writes docs/figures/duplicates.md

Whole `legato ingest` processes, Python's start included, on one data folder.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.figures import table, write_figures
from bench.measured import Measured, measure
from fixtures.edge_cases import write_edge_cases
from legato.transcode.ffmpeg_binary import find_ffmpeg

LIMIT: Final = 0.05
ROUNDS: Final = 3
EXPLANATION: Final = (
    "Twelve minutes, FLAC 16/44.1, ingested once; then the same recording again, as other "
    f"files. Whole processes; of each duplicate the least of {ROUNDS} runs, each with a title of "
    "its own, so that its bytes are new and all of it is heard."
)
# The same recording in other files: what ffmpeg makes of the first.
COPIES: Final[Mapping[str, list[str]]] = {
    "other tags.flac": ["-c:a", "copy"],
    "24 bits, padded.flac": ["-c:a", "flac", "-sample_fmt", "s32"],
    "WAV.wav": ["-c:a", "pcm_s16le"],
    "AIFF.aiff": ["-c:a", "pcm_s16be"],
    "ALAC.m4a": ["-c:a", "alac"],
}


def main() -> None:
    """Exit 1 where a duplicate costs more than the limit."""
    with TemporaryDirectory() as folder:
        first = write_edge_cases(Path(folder), ["twelve-minutes.flac"])["twelve-minutes.flac"]
        masters = {"the same bytes": [first] * ROUNDS}
        masters |= {name: copies(first, Path(folder) / name) for name in COPIES}
        data = f"{folder}/data"
        whole = ingest(first, data)
        found = {name: least_of(paths, data) for name, paths in masters.items()}
    shares = {name: one.cpu_s / whole.cpu_s for name, one in found.items()}
    rows = [["the first", f"{whole.cpu_s:.1f} s", "", f"{whole.wall_s:.1f} s"]]
    rows += [
        [name, f"{one.cpu_s:.2f} s", f"**{shares[name]:.1%}**", f"{one.wall_s:.2f} s"]
        for name, one in found.items()
    ]
    write_figures(
        "duplicates",
        title="What a duplicate costs",
        command="make bench",
        paragraphs=[
            EXPLANATION,
            table(["what", "CPU", "of the first", "wall"], rows),
            f"Limit: {LIMIT:.0%} of the first's CPU.",
        ],
    )
    over = [name for name, share in shares.items() if share > LIMIT]
    sys.exit(f"over the limit: {', '.join(over)}" if over else 0)


def copies(first: Path, path: Path) -> list[Path]:
    """The recording in one form, each time under another title."""
    made = [path.with_stem(f"{path.stem} {number}") for number in range(ROUNDS)]
    for number, one in enumerate(made):
        how = [*COPIES[path.name], "-metadata", f"title=Take {number}"]
        command = [find_ffmpeg().path, "-v", "error", "-y", "-i", str(first), *how, str(one)]
        subprocess.run(command, check=True)
    return made


def least_of(masters: Sequence[Path], data: str) -> Measured:
    return min((ingest(master, data) for master in masters), key=lambda one: one.cpu_s)


def ingest(master: Path, data: str) -> Measured:
    print(f"ingesting: {master.name}", file=sys.stderr)
    command = [sys.executable, "-m", "legato", "ingest", str(master)]
    return measure(command, {"LEGATO_DATA": data})


if __name__ == "__main__":
    main()
