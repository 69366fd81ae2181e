"""How much a program in the sandbox may use; what it needs was measured (docs/sandbox.md)."""

from dataclasses import dataclass
from typing import Final

_MIB: Final = 1 << 20
_HOUR_S: Final = 3600
# What an ffmpeg that links 200 libraries maps of them, and room for the heaps of many threads.
_MAPPED_BYTES: Final = 4096 * _MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """CPU seconds of all threads together; memory of its own; the size of a file it writes."""

    cpu_s: int
    memory_bytes: int
    file_bytes: int

    def of_system(self) -> dict[str, int]:
        """As setrlimit(2) names them.

        More files than OPEN_FILES it cannot open, so the one that it was started from, which
        lies beyond, can never be there a second time (launcher.py).
        """
        return {
            "RLIMIT_CPU": self.cpu_s,
            "RLIMIT_DATA": self.memory_bytes,
            "RLIMIT_AS": self.memory_bytes + _MAPPED_BYTES,
            "RLIMIT_STACK": 4 * _MIB,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": OPEN_FILES,
            "RLIMIT_CORE": 0,
            "RLIMIT_MEMLOCK": _MIB,
        }


OPEN_FILES: Final = 64
# Six hours of 7.1 at 192 kHz are decoded in less than an hour; all goes to pipes.
HEARING: Final = Limits(cpu_s=2 * _HOUR_S, memory_bytes=1024 * _MIB, file_bytes=0)
# A day of audio, all six renditions in one process; of them the largest takes 3.5 GB.
ENCODING: Final = Limits(cpu_s=24 * _HOUR_S, memory_bytes=2048 * _MIB, file_bytes=8192 * _MIB)
