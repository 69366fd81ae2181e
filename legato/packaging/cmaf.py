"""CMAF boxes for one AAC track: the init segment and the fragments.

ISO/IEC 14496-12 §8 has the boxes, ISO/IEC 23000-19 §7 what CMAF asks of them.
"""

import struct
from collections.abc import Sequence
from typing import Final

from legato.packaging.grid import AAC_FRAME_SAMPLES
from legato.packaging.loudness import Loudness
from legato.packaging.loudness_box import loudness_box
from legato.packaging.mp4_box import box, full_box

TRACK_ID: Final = 1
_UNITY_MATRIX: Final = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED_LANGUAGE: Final = 0x55C4  # "und" (§8.4.2.3)
_EVERY_FRAME_A_SYNC_SAMPLE: Final = 0x02000000  # sample_depends_on = 2 (§8.8.3.1)
_TRACK_ENABLED_IN_MOVIE: Final = 0x000003
_DEFAULT_BASE_IS_MOOF: Final = 0x020000
_TRUN_DATA_OFFSET: Final = 0x000001
_TRUN_DURATIONS: Final = 0x000100
_TRUN_SIZES: Final = 0x000200


def init_segment(
    *,
    sample_entry: bytes,
    sample_rate_hz: int,
    priming_samples: int,
    samples: int,
    loudness: Loudness,
) -> bytes:
    """`ftyp` and `moov`: one track that starts `priming_samples` into its media."""
    return _ftyp() + box(
        b"moov",
        _mvhd(sample_rate_hz),
        box(
            b"trak",
            _tkhd(),
            box(b"edts", _elst(priming_samples)),
            _mdia(sample_entry, sample_rate_hz),
            box(b"udta", loudness_box(loudness)),
        ),
        box(b"mvex", full_box(b"mehd", 0, 0, struct.pack(">I", samples)), _trex()),
    )


def fragment(
    *, sequence: int, decode_time: int, frame_sizes: Sequence[int], last_samples: int, frames: bytes
) -> bytes:
    """`moof` and `mdat`: frames of 1024 samples each, but the last of `last_samples`.

    `decode_time` is the media time of the first, in samples (`tfdt`, §8.8.12).
    """
    moof = _moof(sequence, decode_time, frame_sizes, last_samples, data_offset=0)
    data_offset = len(moof) + 8
    moof = _moof(sequence, decode_time, frame_sizes, last_samples, data_offset)
    return moof + box(b"mdat", frames)


def _ftyp() -> bytes:
    return box(b"ftyp", b"cmfc", struct.pack(">I", 0), b"cmfc", b"iso6", b"mp41")


def _mvhd(timescale: int) -> bytes:
    """No times, no duration: the fragments hold the media (§8.2.2)."""
    times = struct.pack(">IIII", 0, 0, timescale, 0)
    rate_and_volume = struct.pack(">IHHII", 0x10000, 0x0100, 0, 0, 0)
    return full_box(
        b"mvhd", 0, 0, times, rate_and_volume, _UNITY_MATRIX, bytes(24),
        struct.pack(">I", TRACK_ID + 1),
    )  # fmt: skip


def _tkhd() -> bytes:
    ids = struct.pack(">IIIII", 0, 0, TRACK_ID, 0, 0)
    layout = struct.pack(">IIHHHH", 0, 0, 0, 0, 0x0100, 0)
    size = struct.pack(">II", 0, 0)
    return full_box(b"tkhd", 0, _TRACK_ENABLED_IN_MOVIE, ids, layout, _UNITY_MATRIX, size)


def _elst(priming_samples: int) -> bytes:
    """One edit: from `priming_samples` on, to the end, at normal speed (§8.6.6)."""
    return full_box(b"elst", 0, 0, struct.pack(">IIiHH", 1, 0, priming_samples, 1, 0))


def _mdia(sample_entry: bytes, timescale: int) -> bytes:
    mdhd = struct.pack(">IIIIHH", 0, 0, timescale, 0, _UNDETERMINED_LANGUAGE, 0)
    handler = struct.pack(">I4sIII", 0, b"soun", 0, 0, 0) + b"\0"
    here = full_box(b"url ", 0, 1)
    return box(
        b"mdia",
        full_box(b"mdhd", 0, 0, mdhd),
        full_box(b"hdlr", 0, 0, handler),
        box(
            b"minf",
            full_box(b"smhd", 0, 0, bytes(4)),
            box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), here)),
            _stbl(sample_entry),
        ),
    )


def _stbl(sample_entry: bytes) -> bytes:
    """The sample table: what the frames are, and none of them (§8.5)."""
    none = struct.pack(">I", 0)
    return box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", 1), sample_entry),
        full_box(b"stts", 0, 0, none),
        full_box(b"stsc", 0, 0, none),
        full_box(b"stsz", 0, 0, none, none),
        full_box(b"stco", 0, 0, none),
    )


def _trex() -> bytes:
    defaults = (TRACK_ID, 1, AAC_FRAME_SAMPLES, 0, _EVERY_FRAME_A_SYNC_SAMPLE)
    return full_box(b"trex", 0, 0, struct.pack(">5I", *defaults))


def _moof(
    sequence: int, decode_time: int, frame_sizes: Sequence[int], last_samples: int, data_offset: int
) -> bytes:
    tfhd = full_box(b"tfhd", 0, _DEFAULT_BASE_IS_MOOF, struct.pack(">I", TRACK_ID))
    tfdt = full_box(b"tfdt", 1, 0, struct.pack(">Q", decode_time))
    trun = _trun(frame_sizes, last_samples, data_offset)
    return box(
        b"moof",
        full_box(b"mfhd", 0, 0, struct.pack(">I", sequence)),
        box(b"traf", tfhd, tfdt, trun),
    )


def _trun(frame_sizes: Sequence[int], last_samples: int, data_offset: int) -> bytes:
    """Sizes, and durations only where the last frame is not presented whole (§8.8.8)."""
    count = len(frame_sizes)
    flags = _TRUN_DATA_OFFSET | _TRUN_SIZES
    rows: Sequence[int] = frame_sizes
    if last_samples != AAC_FRAME_SAMPLES:
        flags |= _TRUN_DURATIONS
        durations = [AAC_FRAME_SAMPLES] * (count - 1) + [last_samples]
        rows = [field for row in zip(durations, frame_sizes, strict=True) for field in row]
    table = struct.pack(f">{len(rows)}I", *rows)
    return full_box(b"trun", 0, flags, struct.pack(">Ii", count, data_offset), table)
