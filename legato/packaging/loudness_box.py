"""The `ludt` box: a track's loudness in MP4 (ISO/IEC 14496-12 §12.2.7, ISO/IEC 23003-4 §7.3)."""

import struct
from typing import Final

from legato.packaging.loudness import Loudness
from legato.packaging.mp4_box import box, full_box

_BS_1770_4: Final = 2
_MEASURED_AND_ACCURATE: Final = 3
_PROGRAM_LOUDNESS: Final = 1
# A true peak is stored as (20 dB - peak) in steps of 1/32 dB, 0 meaning unknown; 12 bits, signed.
_PEAK_TOP_DB, _PEAK_STEPS_A_DB, _PEAK_MAX = 20.0, 32, 0x7FF
# A loudness is stored as steps of 1/4 dB above -57.75 LUFS; 8 bits.
_LOUDNESS_BOTTOM, _LOUDNESS_STEPS_A_DB, _LOUDNESS_MAX = -57.75, 4, 0xFF


def loudness_box(loudness: Loudness) -> bytes:
    """`ludt` with one `tlou` for the track as it is; what is undefined is left out."""
    peak = _peak_code(loudness.true_peak_dbtp)
    source = (_BS_1770_4 << 4 | _MEASURED_AND_ACCURATE) if peak else 0
    measurements = _measurement(loudness.integrated_lufs)
    fields = struct.pack(">HIB", 0, peak << 8 | source, len(measurements))
    return box(b"ludt", full_box(b"tlou", 0, 0, fields, *measurements))


def _peak_code(peak_dbtp: float | None) -> int:
    if peak_dbtp is None:
        return 0
    code = max(round((_PEAK_TOP_DB - peak_dbtp) * _PEAK_STEPS_A_DB), 1)
    return code if code <= _PEAK_MAX else 0


def _measurement(integrated_lufs: float | None) -> list[bytes]:
    if integrated_lufs is None:
        return []
    steps = round((integrated_lufs - _LOUDNESS_BOTTOM) * _LOUDNESS_STEPS_A_DB)
    value = min(max(steps, 0), _LOUDNESS_MAX)
    source = _BS_1770_4 << 4 | _MEASURED_AND_ACCURATE
    return [struct.pack("BBB", _PROGRAM_LOUDNESS, value, source)]
