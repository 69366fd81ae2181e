"""Whole processes, measured: CPU of them and all they started, wall time, memory of Python."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """CPU and wall time in seconds; the peak memory of the process itself, its children apart."""

    cpu_s: float
    wall_s: float
    peak_bytes: int

    def __add__(self, other: "Measured") -> "Measured":
        return Measured(
            cpu_s=self.cpu_s + other.cpu_s,
            wall_s=self.wall_s + other.wall_s,
            peak_bytes=max(self.peak_bytes, other.peak_bytes),
        )


def least(measured: Sequence[Measured]) -> Measured:
    """The least CPU and wall time of several runs; the most memory."""
    return Measured(
        cpu_s=min(one.cpu_s for one in measured),
        wall_s=min(one.wall_s for one in measured),
        peak_bytes=max(one.peak_bytes for one in measured),
    )


NOTHING = Measured(cpu_s=0.0, wall_s=0.0, peak_bytes=0)


def measure(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Measured:
    """Run a command to its end; raises CalledProcessError if it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    peak = 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, _high_water_mark(process.pid))
        time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Measured(
        cpu_s=usage.ru_utime + usage.ru_stime,
        wall_s=time.perf_counter() - started,
        peak_bytes=peak,
    )


def _high_water_mark(pid: int) -> int:
    """VmHWM of proc(5), in bytes."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
