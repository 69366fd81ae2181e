"""What is measured does not depend on how the samples come, and memory not on how many."""

import hashlib
import tracemalloc
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from legato.ingest.gate.bit_depth import FloatBits, IntegerBits
from legato.ingest.gate.facts import SoundFacts
from legato.ingest.gate.flac_md5 import FlacMd5
from legato.ingest.gate.runs import MOST_SPANS, PlacesHeard, Runs
from legato.ingest.gate.sound_examiner import SoundExaminer
from legato.transcode.probe import Probe

RATE_HZ = 8000


def examiner(
    channels: int = 2, rate_hz: int = RATE_HZ, sample_format: str = "s16"
) -> SoundExaminer:
    probed = Probe(
        container="caf", codec="pcm_s16le" if sample_format == "s16" else "pcm_f32le",
        sample_rate_hz=rate_hz, channels=channels, layout="any", sample_format=sample_format,
        duration_s=None,
    )  # fmt: skip
    return SoundExaminer(probed, lossless=True)


def heard(pcm: bytes, cuts: Iterable[int] = (), **form: Any) -> SoundFacts:
    ear = examiner(**form)
    edges = [0, *sorted(cut % (len(pcm) + 1) for cut in cuts), len(pcm)]
    for start, end in zip(edges, edges[1:], strict=False):  # noqa: RUF007 - edges may repeat
        ear.update(pcm[start:end])
    return ear.facts()


def troubled(channels: int) -> NDArray[np.int32]:
    """Eight seconds with silence, holes, overs and noise."""
    noise = np.random.default_rng(1).normal(0, 2**28, (8 * RATE_HZ, channels))
    samples = np.clip(noise, -(2**31), 2**31 - 1).astype("<i4")
    samples[: RATE_HZ // 2] = 0
    samples[RATE_HZ : RATE_HZ + 80] = 0
    samples[2 * RATE_HZ + 3 : 2 * RATE_HZ + 9] = 2**31 - 1
    samples[3 * RATE_HZ : 3 * RATE_HZ + 4, 0] = -(2**31)
    samples[-700:] = 0
    return samples


def nearly(one: SoundFacts, other: SoundFacts) -> bool:
    """Alike but for the order in which floats were added, and how blocks tell a peak's time."""
    loose = {"levels_dbfs", "offsets", "correlation", "true_peak_at_s", "wall"}
    exact, others = (
        {name: value for name, value in facts.to_json().items() if name not in loose}
        for facts in (one, other)
    )
    return exact == others and one.levels_dbfs == pytest.approx(other.levels_dbfs, abs=0.02)


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_odd_blocks_measure_the_same(channels: int) -> None:
    pcm = troubled(channels).tobytes()
    whole = heard(pcm, channels=channels)
    assert whole.leading_silence_s == 0.5
    assert (whole.dropouts.count, whole.clipping.count) == (1, channels + 1)
    for seed in range(3):
        cuts = np.random.default_rng(seed).integers(0, len(pcm), 200).tolist()
        assert nearly(heard(pcm, cuts, channels=channels), whole)


def test_a_master_cut_within_a_frame_ends_before_it() -> None:
    pcm = troubled(2).tobytes()
    assert heard(pcm[:-3]).samples == heard(pcm).samples - 1


def test_floats_measure_as_the_integers_that_they_are() -> None:
    samples = (troubled(2) >> 16 << 16).astype("<i4")
    integers = heard(samples.tobytes())
    floats = heard((samples / 2**31).astype("<f4").tobytes(), sample_format="flt")
    assert nearly(integers, floats)
    assert integers.effective_bits == 16


def test_what_is_no_sound_is_told_and_leaves_the_rest_measured() -> None:
    samples = (troubled(2) / 2**31).astype("<f4")
    clean = heard(samples.tobytes(), sample_format="flt")
    for at, odd in enumerate([np.nan, np.inf, -np.inf, 3e38, 1001.0]):
        samples[5 * RATE_HZ + at, at % 2] = odd
    found = heard(samples.tobytes(), sample_format="flt")
    assert (found.impossible.count, found.impossible.spans) == (5, ((5.0, 5.001),))
    assert found.levels_dbfs == pytest.approx(clean.levels_dbfs, abs=0.1)


def test_memory_and_what_is_stored_are_bounded_whatever_comes() -> None:
    """Full scale and nothing in turn, every 5 ms, in eight channels: a second is 1.5 MB."""
    second = np.zeros((48_000, 8), "<i4")
    second[(np.arange(48_000) // 240) % 2 == 0] = 2**31 - 1
    block = second.tobytes()
    ear = examiner(8, 48_000)

    def hear(seconds: int) -> int:
        tracemalloc.reset_peak()
        for _ in range(seconds):
            for start in range(0, len(block), 1 << 18):
                ear.update(block[start : start + (1 << 18)])
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        first = hear(2)
        later = hear(5)
    finally:
        tracemalloc.stop()
    stored = str(ear.facts().to_json())
    assert later < first + 100_000
    assert first < 30_000_000
    assert len(stored) < 5000


@given(st.lists(st.lists(st.booleans(), max_size=12), max_size=12))
def test_runs_are_those_of_the_whole(parts: list[list[bool]]) -> None:
    runs = Runs()
    ended = [tuple(run) for part in parts for run in runs.update(np.array(part, bool)).tolist()]
    whole = [one for part in parts for one in part]
    starts = [i for i, one in enumerate(whole) if one and not (i and whole[i - 1])]
    ends = [i + 1 for i, one in enumerate(whole[:-1]) if one and not whole[i + 1]]
    assert ended == list(zip(starts, ends, strict=False))
    assert runs.open_since == (starts[-1] if len(starts) > len(ends) else None)
    assert runs.position == len(whole)


@given(st.lists(st.lists(st.integers(1, 50), max_size=30), max_size=5), st.sampled_from([0, 10]))
def test_places_are_counted_all_and_told_the_first(parts: list[list[int]], apart: int) -> None:
    places, position, total = PlacesHeard(rate_hz=1, apart_s=apart), 0, 0
    for part in parts:
        rows = []
        for gap in part:
            rows.append((position + gap, position + gap + 2))
            position += gap + 2
        places.add(np.array(rows, np.int64).reshape(-1, 2))
        total += len(rows)
    found = places.found()
    assert (found.count, found.total_s) == (total, 2 * total)
    assert len(found.spans) <= MOST_SPANS
    assert all(b[0] - a[1] >= apart for a, b in zip(found.spans, found.spans[1:], strict=False))


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1), st.integers(1, 32))
def test_the_bits_in_use_are_those_above_the_zeros(values: list[int], width: int) -> None:
    samples = np.array(values, np.int32) >> (32 - width) << (32 - width)
    meter = IntegerBits()
    for sample in samples:
        meter.update(np.array([sample]))
    lowest = min(
        (32 - (int(one) & -int(one)).bit_length() + 1 for one in samples if one), default=0
    )
    highest = max(
        (32 - (int(one) & -int(one)).bit_length() + 1 for one in samples if one), default=0
    )
    assert lowest <= meter.bits() == highest <= width


@pytest.mark.parametrize(
    ("step", "bits"), [(2.0**-15, 16), (2.0**-20, 24), (2.0**-23, 24), (1e-9, 32)]
)
def test_floats_use_the_bits_of_the_integers_that_hold_them(step: float, bits: int) -> None:
    meter = FloatBits()
    for _ in range(2):
        meter.update(np.array([0.5, -step, step], np.float32))
    assert meter.bits() == bits


@pytest.mark.parametrize("bits", [8, 12, 16, 20, 24, 32])
def test_a_flacs_md5_is_of_samples_in_whole_little_endian_bytes(bits: int) -> None:
    values = [0, 1, -1, 2 ** (bits - 1) - 1, -(2 ** (bits - 1))]
    plain = b"".join(one.to_bytes(-(-bits // 8), "little", signed=True) for one in values)
    meter = FlacMd5(bits=bits)
    meter.update(np.array(values, np.int64).astype(np.int32) << (32 - bits))
    assert meter.digest() == hashlib.md5(plain, usedforsecurity=False).digest()
