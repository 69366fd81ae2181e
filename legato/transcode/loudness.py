"""Loudness, as ffmpeg's `ebur128` filter reports it (EBU R 128, BS.1770-4)."""

import re
from typing import Final

from legato.packaging.loudness import Loudness

# What the filter prints where no block of 400 ms passes its gate: not a measurement.
_FLOOR_LUFS: Final = -70.0
# The range is made of windows of 3 s (EBU Tech 3342 §3).
SHORTEST_RANGE_S: Final = 3.0
_SUMMARY = re.compile(
    r"Integrated loudness:\s+I:\s+(?P<integrated>\S+) LUFS.*?"
    r"Loudness range:\s+LRA:\s+(?P<range>\S+) LU",
    re.DOTALL,
)


def parse_loudness(said: str, duration_s: float, true_peak_dbtp: float | None) -> Loudness:
    """Read the filter's last summary; without one, loudness is not defined.

    ffmpeg 5 sets a filter graph up once in vain, and the filter then sums up nothing.
    """
    found = _SUMMARY.search(said.rpartition("Summary:")[2])
    integrated = float(found["integrated"]) if found else _FLOOR_LUFS
    defined = integrated > _FLOOR_LUFS
    ranged = defined and duration_s > SHORTEST_RANGE_S
    return Loudness(
        integrated_lufs=integrated if defined else None,
        range_lu=float(found["range"]) if found and ranged else None,
        true_peak_dbtp=true_peak_dbtp,
    )
