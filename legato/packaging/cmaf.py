"""CMAF boxes for one AAC track: the init segment and the fragments.

ISO/IEC 14496-12 §8 has the boxes, ISO/IEC 23000-19 §7 what CMAF asks of them.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from legato.packaging.grid import AAC_FRAME_SAMPLES
from legato.packaging.loudness import Loudness
from legato.packaging.loudness_box import loudness_box
from legato.packaging.mp4_box import box, full_box
from legato.packaging.timescale import Timescale

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
    timescale: Timescale,
    priming_samples: int,
    samples: int,
    loudness: Loudness,
) -> bytes:
    """`ftyp` and `moov`: one track that starts `priming_samples` into its media."""
    ticks = timescale.ticks_per_sample
    duration = samples * ticks + timescale.extra_at_end
    return _ftyp() + box(
        b"moov",
        _mvhd(timescale.ticks_per_second),
        box(
            b"trak",
            _tkhd(),
            box(b"edts", _elst(priming_samples * ticks)),
            _mdia(sample_entry, timescale.ticks_per_second),
            box(b"udta", loudness_box(loudness)),
        ),
        box(b"mvex", full_box(b"mehd", 1, 0, struct.pack(">Q", duration)), _trex(ticks)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRun:
    """Frames that follow one another: all whole, but the track's last one may be cut.

    `first_sample` is the media time of the first.
    """

    first_sample: int
    sizes: Sequence[int]
    last_samples: int = AAC_FRAME_SAMPLES


def fragment(sequence: int, run: FrameRun, timescale: Timescale, frames: bytes) -> bytes:
    """`moof` and `mdat`: a run of frames, and when it is to be decoded (`tfdt`, §8.8.12)."""
    data_offset = len(_moof(sequence, run, timescale, data_offset=0)) + 8
    moof = _moof(sequence, run, timescale, data_offset)
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


def _elst(media_time: int) -> bytes:
    """One edit: from `media_time` on, to the end, at normal speed (§8.6.6)."""
    return full_box(b"elst", 0, 0, struct.pack(">IIiHH", 1, 0, media_time, 1, 0))


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


def _trex(ticks_per_sample: int) -> bytes:
    frame_ticks = AAC_FRAME_SAMPLES * ticks_per_sample
    defaults = (TRACK_ID, 1, frame_ticks, 0, _EVERY_FRAME_A_SYNC_SAMPLE)
    return full_box(b"trex", 0, 0, struct.pack(">5I", *defaults))


def _moof(sequence: int, run: FrameRun, timescale: Timescale, data_offset: int) -> bytes:
    decode_time = run.first_sample * timescale.ticks_per_sample
    tfhd = full_box(b"tfhd", 0, _DEFAULT_BASE_IS_MOOF, struct.pack(">I", TRACK_ID))
    tfdt = full_box(b"tfdt", 1, 0, struct.pack(">Q", decode_time))
    trun = _trun(run, timescale, data_offset)
    return box(
        b"moof",
        full_box(b"mfhd", 0, 0, struct.pack(">I", sequence)),
        box(b"traf", tfhd, tfdt, trun),
    )


def _trun(run: FrameRun, timescale: Timescale, data_offset: int) -> bytes:
    """Sizes, and durations only where the last frame is not presented whole (§8.8.8)."""
    count = len(run.sizes)
    flags = _TRUN_DATA_OFFSET | _TRUN_SIZES
    rows: Sequence[int] = run.sizes
    if run.last_samples != AAC_FRAME_SAMPLES:
        flags |= _TRUN_DURATIONS
        whole = AAC_FRAME_SAMPLES * timescale.ticks_per_sample
        last = run.last_samples * timescale.ticks_per_sample + timescale.extra_at_end
        durations = [whole] * (count - 1) + [last]
        rows = [field for row in zip(durations, run.sizes, strict=True) for field in row]
    table = struct.pack(f">{len(rows)}I", *rows)
    return full_box(b"trun", 0, flags, struct.pack(">Ii", count, data_offset), table)
