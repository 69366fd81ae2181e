"""What an encoder's ordinary MP4 file says of its one AAC track (ISO/IEC 14496-12 §8)."""

import sys
from array import array
from dataclasses import dataclass
from typing import BinaryIO, Final

from legato.errors import Corrupt
from legato.packaging.grid import AAC_FRAME_SAMPLES
from legato.packaging.mp4_box import BoxHeader, find, read_top_level, unpack

HIGHEST_RATE_HZ: Final = 96_000  # ISO/IEC 14496-3 §1.6.3.4


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedAac:
    """An AAC track: its frames' sizes, where they begin, and what of them is presented.

    `media_samples` counts the `priming_samples` before the first presented sample and ends
    with the last one; `sample_entry` is the whole `mp4a` box with the decoder's configuration.
    """

    sample_entry: bytes
    sample_rate_hz: int
    priming_samples: int
    media_samples: int
    frame_sizes: "array[int]"
    frames_offset: int


def read_encoded_aac(source: BinaryIO) -> EncodedAac:
    """Read the tables of the file at `source`; raises Corrupt where they do not agree."""
    size = source.seek(0, 2)
    top = {header.kind: header for header in read_top_level(source, size)}
    trak = find(_content(source, top, b"moov"), "trak")
    stbl = find(trak, "mdia/minf/stbl")
    _, _, timescale, media_samples = _mdhd(trak)
    if not 0 < timescale <= HIGHEST_RATE_HZ:
        raise Corrupt(
            "mp4_timescale",
            f"mp4 mdhd: timescale {timescale}, expected a sample rate up to {HIGHEST_RATE_HZ} Hz",
        )
    frame_sizes = _frame_sizes(find(stbl, "stsz"), size)
    frames_offset = unpack("I", find(stbl, "stco"), "stco", 8)[0]
    mdat = top.get(b"mdat")
    if mdat is None or not mdat.content <= frames_offset <= mdat.end - sum(frame_sizes):
        raise Corrupt("mp4_frames_outside", "mp4 stco: the frames are not inside the mdat box")
    encoded = EncodedAac(
        sample_entry=find_sample_entry(stbl),
        sample_rate_hz=timescale,
        priming_samples=_priming(trak),
        media_samples=media_samples,
        frame_sizes=frame_sizes,
        frames_offset=frames_offset,
    )
    _check_frame_count(encoded)
    return encoded


def find_sample_entry(stbl: bytes) -> bytes:
    """The one sample entry of a sample table, as a whole box (§8.5.2)."""
    return find(stbl, "stsd")[8:]


def _content(source: BinaryIO, top: dict[bytes, BoxHeader], kind: bytes) -> bytes:
    header = top.get(kind)
    if header is None:
        raise Corrupt("mp4_box_missing", f"mp4: no box {kind.decode()!r} at the top level")
    source.seek(header.content)
    return source.read(header.end - header.content)


def _mdhd(trak: bytes) -> tuple[int, ...]:
    """Creation and modification time, timescale, duration (§8.4.2)."""
    content = find(trak, "mdia/mdhd")
    (version,) = unpack("B", content, "mdhd")
    return unpack("QQIQ" if version else "IIII", content, "mdhd", 4)


def _priming(trak: bytes) -> int:
    """The media time at which the one edit starts (§8.6.6)."""
    content = find(trak, "edts/elst")
    version, _, _, count = unpack("BBHI", content, "elst")
    if count != 1:
        raise Corrupt("mp4_edit_list", f"mp4 elst: {count} entries, expected 1")
    return unpack("Qq" if version else "Ii", content, "elst", 8)[1]


def _frame_sizes(stsz: bytes, file_size: int) -> "array[int]":
    """Each frame's bytes (§8.7.3): a table, or one size for all, as near silence has it."""
    _, same, count = unpack("III", stsz, "stsz")
    if same * count > file_size:
        raise Corrupt(
            "mp4_sizes", f"mp4 stsz: {count} frames of {same} bytes, the file has {file_size}"
        )
    if same:
        return array("I", [same]) * count
    if len(stsz) != 12 + 4 * count:
        raise Corrupt("mp4_sizes", f"mp4 stsz: {len(stsz)} bytes, expected {12 + 4 * count}")
    sizes = array("I", stsz[12:])
    if sys.byteorder == "little":
        sizes.byteswap()
    return sizes


def _check_frame_count(encoded: EncodedAac) -> None:
    """The frames must cover the media, the last of them not in vain."""
    found = len(encoded.frame_sizes)
    expected = -(-encoded.media_samples // AAC_FRAME_SAMPLES)
    if found != expected:
        raise Corrupt("aac_frame_count", f"mp4 stsz: {found} AAC frames, expected {expected}")
    if not 0 <= encoded.priming_samples < encoded.media_samples:
        raise Corrupt(
            "mp4_edit_list",
            f"mp4 elst: media time {encoded.priming_samples}, "
            f"expected 0 to {encoded.media_samples - 1}",
        )
