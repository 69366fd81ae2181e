"""Loudness and true peak, as ffmpeg's `ebur128` filter reports them (EBU R 128, BS.1770-4)."""

import re
from typing import Final

from legato.packaging.loudness import UNDEFINED, Loudness

# What the filter prints where no block of 400 ms passes its gate: not a measurement.
_FLOOR_LUFS: Final = -70.0
# The range is made of windows of 3 s (EBU Tech 3342 §3).
SHORTEST_RANGE_S: Final = 3.0
_SUMMARY = re.compile(
    r"Integrated loudness:\s+I:\s+(?P<integrated>\S+) LUFS.*?"
    r"Loudness range:\s+LRA:\s+(?P<range>\S+) LU.*?"
    r"True peak:\s+Peak:\s+(?P<peak>\S+) dBFS",
    re.DOTALL,
)


def parse_loudness(said: str, duration_s: float) -> Loudness:
    """Read the filter's last summary; without one, nothing is defined.

    ffmpeg 5 sets a filter graph up once in vain, and the filter then sums up nothing.
    """
    found = _SUMMARY.search(said.rpartition("Summary:")[2])
    if found is None:
        return UNDEFINED
    integrated, peak = float(found["integrated"]), float(found["peak"])
    defined = integrated > _FLOOR_LUFS
    return Loudness(
        integrated_lufs=integrated if defined else None,
        range_lu=float(found["range"]) if defined and duration_s > SHORTEST_RANGE_S else None,
        true_peak_dbtp=peak if peak != float("-inf") else None,
    )
