"""What stands in CMAF init segments and fragments, read as a stranger would.

ISO/IEC 14496-12 §8.8 (fragments), §12.2.7 (loudness); ISO/IEC 14496-1 §7.2.6 (descriptors).
"""

from dataclasses import dataclass
from typing import Final

from legato.errors import Corrupt
from legato.packaging.mp4_box import children, find, unpack

AAC_LC: Final = 2
_TFHD_OPTIONAL: Final = ((0x1, 8), (0x2, 4), (0x8, 4), (0x10, 4), (0x20, 4))
_TFHD_DEFAULT_DURATION: Final = 0x8
_TRUN_DATA_OFFSET: Final = 0x1
_TRUN_FIRST_FLAGS: Final = 0x4
_TRUN_DURATIONS: Final = 0x100
_TRUN_COLUMNS: Final = (0x100, 0x200, 0x400, 0x800)
_SAMPLE_ENTRY_FIELDS: Final = 28
# Descriptor tags on the way to the decoder's configuration (ISO/IEC 14496-1 §7.2.2.1).
_ES, _DECODER_CONFIG, _DECODER_SPECIFIC = 0x03, 0x04, 0x05
_FIELDS_BEFORE_NEXT: Final = {_ES: 3, _DECODER_CONFIG: 13, _DECODER_SPECIFIC: 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class InitSegment:
    """What an init segment declares of its one audio track."""

    sample_rate_hz: int
    ticks_per_sample: int
    priming_samples: int
    object_type: int
    channels: int
    default_frame_ticks: int
    declares_loudness: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """Where a fragment's frames begin in decode time, how long each is, and their bytes.

    Times are samples; of a last frame that lasts a part of a sample more, whole ones.
    """

    decode_time: int
    durations: tuple[int, ...]
    size_bytes: int

    @property
    def samples(self) -> int:
        return sum(self.durations)


def read_init_segment(data: bytes) -> InitSegment:
    """Read `ftyp` and `moov`; raises Corrupt where they do not describe one AAC track."""
    moov = find(data, "moov")
    trak = find(moov, "trak")
    entry = find(find(trak, "mdia/minf/stbl/stsd")[8:], "mp4a")
    (channels,) = unpack("H", entry, "mp4a", 16)
    (sample_rate_hz,) = unpack("H", entry, "mp4a", 24)  # the upper half of a 16.16
    ticks_per_sample = _ticks_per_sample(_timescale(trak), sample_rate_hz)
    esds = find(entry[_SAMPLE_ENTRY_FIELDS:], "esds")
    return InitSegment(
        sample_rate_hz=sample_rate_hz,
        ticks_per_sample=ticks_per_sample,
        priming_samples=_samples(_media_time(trak), ticks_per_sample, "elst"),
        object_type=_object_type(esds[4:]),
        channels=channels,
        default_frame_ticks=unpack("I", find(moov, "mvex/trex"), "trex", 12)[0],
        declares_loudness=_has(trak, "udta/ludt/tlou"),
    )


def read_fragment(data: bytes, init: InitSegment) -> Fragment:
    """Read one `moof` and its `mdat`; raises Corrupt where they do not fit each other."""
    _check_alone(data, "moof", "mdat")
    traf = find(data, "moof/traf")
    _check_alone(find(data, "moof"), "traf")
    _check_alone(traf, "trun")
    tfdt = find(traf, "tfdt")
    (version,) = unpack("B", tfdt, "tfdt")
    (decode_time,) = unpack("Q" if version else "I", tfdt, "tfdt", 4)
    durations, sizes = _runs(find(traf, "trun"), _default_duration(traf, init))
    held = len(find(data, "mdat"))
    if sum(sizes) != held:
        raise Corrupt("mp4_sizes", f"mp4 trun: frames of {sum(sizes)} bytes, {held} in the mdat")
    if not durations:
        raise Corrupt("mp4_run", "mp4 trun: no frames, expected one or more")
    *whole, last = durations
    ticks = init.ticks_per_sample
    return Fragment(
        decode_time=_samples(decode_time, ticks, "tfdt"),
        durations=(*(_samples(one, ticks, "trun") for one in whole), last // ticks),
        size_bytes=len(data),
    )


def _timescale(trak: bytes) -> int:
    mdhd = find(trak, "mdia/mdhd")
    (version,) = unpack("B", mdhd, "mdhd")
    return unpack("I", mdhd, "mdhd", 20 if version else 12)[0]


def _check_alone(data: bytes, *kinds: str) -> None:
    """Boxes that may be there once."""
    found = [header.kind for header in children(data)]
    for kind in kinds:
        if found.count(kind.encode()) > 1:
            raise Corrupt("mp4_box_twice", f"mp4: {found.count(kind.encode())} boxes {kind!r}")


def _media_time(trak: bytes) -> int:
    """Where the one edit starts (§8.6.6)."""
    elst = find(trak, "edts/elst")
    version, _, _, count = unpack("BBHI", elst, "elst")
    if version != 0 or count != 1:
        raise Corrupt("mp4_edits", f"mp4 elst: version {version}, {count} edits, expected 0 and 1")
    return unpack("i", elst, "elst", 12)[0]


def _ticks_per_sample(timescale: int, sample_rate_hz: int) -> int:
    if sample_rate_hz == 0 or timescale == 0 or timescale % sample_rate_hz:
        raise Corrupt(
            "mp4_timescale",
            f"mp4 mdhd: timescale {timescale}, expected a multiple of {sample_rate_hz} Hz",
        )
    return timescale // sample_rate_hz


def _samples(ticks: int, ticks_per_sample: int, where: str) -> int:
    """A time that lies on a sample."""
    if ticks % ticks_per_sample:
        raise Corrupt(
            "mp4_time", f"mp4 {where}: {ticks} ticks are no whole samples of {ticks_per_sample}"
        )
    return ticks // ticks_per_sample


def _default_duration(traf: bytes, init: InitSegment) -> int:
    """The duration of frames that state none: `tfhd`'s, else `trex`'s (§8.8.7)."""
    tfhd = find(traf, "tfhd")
    flags = unpack("I", tfhd, "tfhd")[0] & 0xFFFFFF
    offset = 8
    for flag, size in _TFHD_OPTIONAL:
        if flag == _TFHD_DEFAULT_DURATION and flags & flag:
            return unpack("I", tfhd, "tfhd", offset)[0]
        offset += size if flags & flag else 0
    return init.default_frame_ticks


def _runs(trun: bytes, default: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Each frame's duration and size (§8.8.8)."""
    flags, count = unpack("II", trun, "trun")
    flags &= 0xFFFFFF
    offset = 8 + 4 * bool(flags & _TRUN_DATA_OFFSET) + 4 * bool(flags & _TRUN_FIRST_FLAGS)
    columns = [flag for flag in _TRUN_COLUMNS if flags & flag]
    if not flags & 0x200 or len(trun) != offset + 4 * count * len(columns):
        raise Corrupt("mp4_run", f"mp4 trun: {len(trun)} bytes do not hold {count} frames' sizes")
    table = unpack(f"{count * len(columns)}I", trun, "trun", offset)
    sizes = table[columns.index(0x200) :: len(columns)]
    if _TRUN_DURATIONS not in columns:
        return (default,) * count, sizes
    return table[columns.index(_TRUN_DURATIONS) :: len(columns)], sizes


def _object_type(descriptor: bytes) -> int:
    """The AAC object type, from the first bits of AudioSpecificConfig."""
    for expected in (_ES, _DECODER_CONFIG, _DECODER_SPECIFIC):
        (tag,) = unpack("B", descriptor, "esds")
        if tag != expected:
            raise Corrupt("mp4_descriptor", f"mp4 esds: tag {tag:#04x}, expected {expected:#04x}")
        end = 1
        while unpack("B", descriptor, "esds", end)[0] & 0x80:
            end += 1
        descriptor = descriptor[end + 1 + _FIELDS_BEFORE_NEXT[expected] :]
    return unpack("B", descriptor, "esds")[0] >> 3


def _has(data: bytes, path: str) -> bool:
    for kind in path.split("/"):
        found = next((box for box in children(data) if box.kind == kind.encode()), None)
        if found is None:
            return False
        data = data[found.content : found.end]
    return True
