"""The packaged AAC file: its boxes, and how they tile the file and the timeline."""

import struct
from collections.abc import Iterator

import pytest

from legato.packaging.chunks import Chunk, ChunkIndex
from tests.packaging.encoded_music import AAC, VORBIS, encoded, package, packaged

LINE_44100 = 221_184
LONG = 16 * 44_100
LENGTHS = [
    (1, 44_100), (17_640, 44_100),
    (LINE_44100 + 19_844, 44_100), (LINE_44100 + 19_845, 44_100),
    (LONG, 44_100), (6 * 48_000, 48_000),
]  # fmt: skip
every_length = pytest.mark.parametrize(("samples", "rate_hz"), LENGTHS)
every_name = pytest.mark.parametrize("name", AAC)


def boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Type and content of each box: a reader of the test's own."""
    while data:
        size = int.from_bytes(data[:4])
        yield data[4:8].decode(), data[8:size]
        data = data[size:]


def inside(data: bytes, path: str) -> bytes:
    for kind in path.split("/"):
        data = dict(boxes(data))[kind]
    return data


def fragment(body: bytes, chunk: Chunk) -> dict[str, bytes]:
    return dict(boxes(body[chunk.offset : chunk.offset + chunk.size]))


def timescale(body: bytes) -> int:
    (ticks,) = struct.unpack(">I", inside(body, "moov/trak/mdia/mdhd")[12:16])
    return int(ticks)


def decode_time(moof: bytes) -> int:
    """In ticks of the timescale."""
    version, time = struct.unpack(">B3xQ", inside(moof, "traf/tfdt"))
    assert version == 1
    return int(time)


def durations_and_sizes(moof: bytes, whole: int = 1024) -> tuple[list[int], list[int]]:
    """Of every frame of a fragment, as its `trun` and the defaults in `trex` have them."""
    trun = inside(moof, "traf/trun")
    flags, count = struct.unpack(">II", trun[:8])
    table = struct.unpack(f">{(len(trun) - 12) // 4}I", trun[12:])
    if flags & 0x100:
        return list(table[0::2]), list(table[1::2])
    assert len(table) == count
    return [whole] * count, list(table)


def moofs(body: bytes, index: ChunkIndex) -> list[bytes]:
    return [fragment(body, chunk)["moof"] for chunk in index.chunks]


@every_name
@every_length
def test_chunks_tile_the_file_and_the_timeline(name: str, samples: int, rate_hz: int) -> None:
    body, index = packaged(name, samples, rate_hz)
    offset, start = index.init_size, 0
    for chunk in index.chunks:
        assert (chunk.offset, chunk.start_sample) == (offset, start)
        assert (chunk.preroll, chunk.preroll_samples) == (0, 0)
        offset, start = offset + chunk.size, start + chunk.samples
    assert (offset, start) == (len(body), samples)
    assert (index.samples, index.sample_rate_hz, index.warmup_samples) == (samples, rate_hz, 1024)


@pytest.mark.parametrize("samples", [1, LINE_44100 + 19_844, LINE_44100 + 19_845, LONG])
def test_chunks_are_as_many_as_in_vorbis(samples: int) -> None:
    counts = {len(packaged(name, samples, 44_100)[1].chunks) for name in (AAC[1], VORBIS[1])}
    assert len(counts) == 1


@every_length
def test_boundaries_are_the_same_in_every_bitrate(samples: int, rate_hz: int) -> None:
    timelines = {
        tuple((chunk.start_sample, chunk.samples) for chunk in index.chunks)
        for _, index in (packaged(name, samples, rate_hz) for name in AAC)
    }
    assert len(timelines) == 1


def test_boundaries_lie_one_priming_before_the_grid() -> None:
    _, index = packaged("aac-160", LONG, 44_100)
    starts = [chunk.start_sample for chunk in index.chunks]
    assert starts == [0, *(LINE_44100 * i - 1024 for i in range(1, 4))]


@every_name
@every_length
def test_a_fragment_is_one_moof_and_one_mdat_that_holds_its_frames(
    name: str, samples: int, rate_hz: int
) -> None:
    body, index = packaged(name, samples, rate_hz)
    for sequence, chunk in enumerate(index.chunks, start=1):
        parts = fragment(body, chunk)
        assert list(parts) == ["moof", "mdat"]
        assert inside(parts["moof"], "mfhd") == struct.pack(">II", 0, sequence)
        _, sizes = durations_and_sizes(parts["moof"])
        assert sum(sizes) == len(parts["mdat"])
        (data_offset,) = struct.unpack(">i", inside(parts["moof"], "traf/trun")[8:12])
        assert data_offset == 8 + len(parts["moof"]) + 8


@every_name
@every_length
def test_decode_times_are_continuous_and_the_durations_sum_to_the_media(
    name: str, samples: int, rate_hz: int
) -> None:
    body, index = packaged(name, samples, rate_hz)
    time, ticks = 0, timescale(body) // rate_hz
    (default,) = struct.unpack(">I", inside(body, "moov/mvex/trex")[12:16])
    for moof in moofs(body, index):
        assert decode_time(moof) == time
        durations, _ = durations_and_sizes(moof, default)
        assert set(durations[:-1]) <= {1024 * ticks}
        time += sum(durations)
    assert timescale(body) == rate_hz * ticks
    assert time == (samples + 1024) * ticks + (ticks > 1)


@every_length
def test_only_the_last_frame_is_shorter_and_ends_where_the_master_does(
    samples: int, rate_hz: int
) -> None:
    body, index = packaged("aac-320", samples, rate_hz)
    ticks = timescale(body) // rate_hz
    *whole, last = [durations_and_sizes(moof, 1024 * ticks)[0] for moof in moofs(body, index)]
    assert all(set(durations) == {1024 * ticks} for durations in whole)
    assert last[-1] // ticks == (samples - 1) % 1024 + 1


@pytest.mark.parametrize(("samples", "ticks"), [(1024 + 4, 1), (1024 + 5, 16), (2048, 1)])
def test_a_track_counts_in_parts_of_a_sample_only_where_its_end_needs_it(
    samples: int, ticks: int
) -> None:
    body, _ = packaged("aac-160", samples, 44_100)
    assert timescale(body) == 44_100 * ticks
    (priming,) = struct.unpack(">i", inside(body, "moov/trak/edts/elst")[12:16])
    assert priming == 1024 * ticks


@every_name
def test_the_frames_are_the_encoders_own_in_their_order(name: str) -> None:
    body, index = packaged(name, LONG, 44_100)
    ours = b"".join(fragment(body, chunk)["mdat"] for chunk in index.chunks)
    assert ours == dict(boxes(encoded(name, LONG, 44_100)))["mdat"]


def test_the_init_segment_declares_the_priming_and_no_media() -> None:
    body, index = packaged("aac-160", 17_640, 44_100)
    init = dict(boxes(body[: index.init_size]))
    assert list(init) == ["ftyp", "moov"]
    assert init["ftyp"][:4] == b"cmfc"
    elst = struct.unpack(">IIIiHH", inside(init["moov"], "trak/edts/elst"))
    assert elst == (0, 1, 0, 1024, 1, 0)
    mdhd = struct.unpack(">IIIII", inside(init["moov"], "trak/mdia/mdhd")[:20])
    assert mdhd == (0, 0, 0, 44_100, 0)
    trex = struct.unpack(">IIIIII", inside(init["moov"], "mvex/trex"))
    assert trex[1:4] == (1, 1, 1024)
    for table in ("stts", "stsc", "stco"):
        assert inside(init["moov"], f"trak/mdia/minf/stbl/{table}") == bytes(8)


@every_name
def test_the_same_input_is_packaged_to_the_same_bytes(name: str) -> None:
    source = encoded(name, 17_640, 44_100)
    assert package(source, name, 17_640) == package(source, name, 17_640)
