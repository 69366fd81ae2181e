"""Receiving a gigabyte beside `dd conv=fsync` of the same file, and the memory of four at once.

python -m bench.uploads      writes docs/figures/uploads.md
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.figures import table, write_figures
from tests.running import RunningServer
from tests.uploads.tus import TusClient

SIZE_BYTES: Final = 1_000_000_000
ROUNDS: Final = 5
AT_ONCE: Final = 4
RATIO_LIMIT, MEMORY_LIMIT_MB = 0.4, 150
EXPLANATION: Final = (
    "One PATCH of a 1 GB file that nobody has sent before, by curl on the same machine, from its "
    "first byte to its answer: received, hashed (SHA-256), written, synced, stored, its tags read "
    "in a process apart, entered in the catalogue. Beside it `dd conv=fsync bs=1M` of the same "
    "file, from memory, to the same disk. A shared machine's speed drifts, and what disturbs a "
    f"process only ever slows it: both run in turn, {ROUNDS} times each; the ratio is that of "
    "the fastest of each, and the median round's stands beside it."
)
MEMORY_EXPLANATION: Final = (
    f"Then {AT_ONCE} such uploads at once. Memory is the web process's peak (VmHWM) from its "
    "start on; the clients and the worker are processes of their own."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The same file, copied and uploaded, in seconds."""

    copy_s: float
    upload_s: float

    @property
    def ratio(self) -> float:
        """The upload's rate as a part of the copy's."""
        return self.copy_s / self.upload_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    rounds: Sequence[Round]
    idle_bytes: int
    one_bytes: int
    all_bytes: int
    all_s: float

    @property
    def copy_s(self) -> float:
        return min(one.copy_s for one in self.rounds)

    @property
    def upload_s(self) -> float:
        return min(one.upload_s for one in self.rounds)

    @property
    def ratio(self) -> float:
        return self.copy_s / self.upload_s

    @property
    def median_ratio(self) -> float:
        return sorted(one.ratio for one in self.rounds)[len(self.rounds) // 2]


def main() -> None:
    """Measure; exit 1 over a limit."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with RunningServer(folder / "data") as server:
            figures = measure(server, folder)
    report(figures)
    over = figures.ratio < RATIO_LIMIT or figures.all_bytes > MEMORY_LIMIT_MB * 1e6
    sys.exit("over a limit" if over else 0)


def measure(server: RunningServer, folder: Path) -> Figures:
    idle_bytes = peak_bytes(server)
    rounds = [measure_round(server, folder / f"{number}.bin") for number in range(ROUNDS)]
    one_bytes = peak_bytes(server)
    files = [noise(folder / f"at-once-{number}.bin") for number in range(AT_ONCE)]
    started = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as clients:
        list(clients.map(lambda file: upload(server, file), files))
    return Figures(
        rounds=rounds, idle_bytes=idle_bytes, one_bytes=one_bytes,
        all_bytes=peak_bytes(server), all_s=time.monotonic() - started,
    )  # fmt: skip


def measure_round(server: RunningServer, file: Path) -> Round:
    noise(file)
    measured = Round(copy_s=copy(file), upload_s=upload(server, file))
    file.unlink()
    print(
        f"  {measured.copy_s:.2f} s, {measured.upload_s:.2f} s: {measured.ratio:.2f}",
        file=sys.stderr,
    )
    return measured


def noise(path: Path) -> Path:
    """A file of bytes like no others, in memory and on the disk."""
    with path.open("wb") as file:
        for _ in range(0, SIZE_BYTES, 1_000_000):
            file.write(os.urandom(1_000_000))
    os.sync()
    return path


def copy(file: Path) -> float:
    target = file.with_suffix(".copy")
    started = time.monotonic()
    command = ["dd", f"if={file}", f"of={target}", "conv=fsync", "bs=1M", "status=none"]
    subprocess.run(command, check=True)
    taken_s = time.monotonic() - started
    target.unlink()
    os.sync()
    return taken_s


def upload(server: RunningServer, file: Path) -> float:
    """One PATCH of all of it."""
    place = TusClient(http=server.api).begun(SIZE_BYTES)
    headers = {
        "Authorization": f"Bearer {server.api_key}", "Tus-Resumable": "1.0.0", "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream", "Expect": "",
    }  # fmt: skip
    fields = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [
        "curl", "--silent", "--fail", "--request", "PATCH", "--upload-file", str(file), *fields,
        "--write-out", "%{time_total}", f"{server.url}{place}",
    ]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    os.sync()
    return float(done.stdout)


def peak_bytes(server: RunningServer) -> int:
    """The most memory that the web process has had (proc(5), VmHWM)."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None, "no VmHWM: this is measured on Linux"
    return int(found[1]) * 1024


def report(figures: Figures) -> None:
    rate = {
        name: SIZE_BYTES / seconds / 1e6
        for name, seconds in (("dd", figures.copy_s), ("upload", figures.upload_s))
    }
    speed = table(
        ["`dd conv=fsync`", "one upload", "ratio", "ratio, median round"],
        [[
            f"{rate['dd']:.0f} MB/s", f"{rate['upload']:.0f} MB/s", f"**{figures.ratio:.2f}**",
            f"{figures.median_ratio:.2f}",
        ]],
    )  # fmt: skip
    memory = table(
        ["web process at rest", "after one at a time", f"with {AT_ONCE} at once", "all of them"],
        [[
            f"{figures.idle_bytes / 1e6:.0f} MB", f"{figures.one_bytes / 1e6:.0f} MB",
            f"**{figures.all_bytes / 1e6:.0f} MB**",
            f"{AT_ONCE * SIZE_BYTES / figures.all_s / 1e6:.0f} MB/s",
        ]],
    )  # fmt: skip
    limits = f"Limits: {RATIO_LIMIT} × the rate of `dd`, {MEMORY_LIMIT_MB} MB."
    write_figures(
        "uploads",
        title="What receiving an upload costs",
        command="make bench",
        paragraphs=[EXPLANATION, speed, MEMORY_EXPLANATION, memory, limits],
    )


if __name__ == "__main__":
    main()
