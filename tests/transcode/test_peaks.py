"""Waveform peaks: what players draw is what is heard."""

import json
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from legato.transcode.peaks import MOST_POINTS, STEP_SAMPLES, Peaks

RATE_HZ = 44_100
Signal = NDArray[np.float32]


def peaks_of(signal: Signal, block_bytes: int = 1 << 16) -> dict[str, Any]:
    peaks, pcm = Peaks(sample_rate_hz=RATE_HZ, channels=2), signal.astype("<f4").tobytes()
    for start in range(0, len(pcm), block_bytes):
        peaks.update(pcm[start : start + block_bytes])
    document: dict[str, Any] = json.loads(peaks.to_json())
    return document


def noise(samples: int) -> Signal:
    return np.random.default_rng(samples).uniform(-1, 1, (samples, 2)).astype("<f4")


def test_each_point_is_the_lowest_and_highest_of_its_samples() -> None:
    signal = noise(10 * STEP_SAMPLES + 17)

    document = peaks_of(signal)

    per_point = document["samples_per_pixel"]
    parts = [signal[start : start + per_point] for start in range(0, len(signal), per_point)]
    expected = [round(float(value) * 127) for part in parts for value in (part.min(), part.max())]
    assert document["data"] == expected
    assert document["length"] == len(parts) == 11


def test_it_is_audiowaveforms_version_2() -> None:
    document = peaks_of(noise(5000))
    assert {key: document[key] for key in ("version", "channels", "sample_rate", "bits")} == {
        "version": 2, "channels": 1, "sample_rate": RATE_HZ, "bits": 8,
    }  # fmt: skip


def test_a_long_recording_has_no_more_points_than_a_screen() -> None:
    document = peaks_of(np.zeros((30 * 60 * 1000, 2), np.float32))
    assert MOST_POINTS / 2 < document["length"] <= MOST_POINTS


def test_values_beyond_full_scale_stay_in_eight_bits() -> None:
    loud = np.array([[1.5, -1.5]] * STEP_SAMPLES, np.float32)
    assert peaks_of(loud)["data"] == [-128, 127]


def test_nothing_heard_is_no_point() -> None:
    assert peaks_of(np.zeros((0, 2), np.float32))["data"] == []


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3 * STEP_SAMPLES), st.integers(1, 5000))
def test_blocks_may_end_anywhere(samples: int, block_bytes: int) -> None:
    assert peaks_of(noise(samples), block_bytes) == peaks_of(noise(samples))
