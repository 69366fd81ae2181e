"""How loud a recording is, as it is declared in files."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """EBU R 128 loudness and BS.1770-4 true peak; None where one is not defined."""

    integrated_lufs: float | None
    range_lu: float | None
    true_peak_dbtp: float | None


UNDEFINED = Loudness(integrated_lufs=None, range_lu=None, true_peak_dbtp=None)
