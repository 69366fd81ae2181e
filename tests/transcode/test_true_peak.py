"""True peak: EBU's test signals, a dense oversampling, and blocks of any length."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from legato.transcode.true_peak import TruePeak

RATE_HZ = 48_000
Signal = NDArray[np.float64]


def measured(signal: Signal, block_bytes: int = 1 << 16) -> float | None:
    """The true peak of (samples,) or (samples, channels)."""
    frames = signal[:, np.newaxis] if signal.ndim == 1 else signal
    meter, pcm = TruePeak(channels=frames.shape[1]), frames.astype("<f4").tobytes()
    for start in range(0, len(pcm), block_bytes):
        meter.update(pcm[start : start + block_bytes])
    return meter.dbtp()


def faded_sine(amplitude: float, hertz: float, degrees: float) -> Signal:
    t = np.arange(RATE_HZ)
    fade = np.minimum(1, np.minimum(t, t[::-1]) / (RATE_HZ / 8))  # an edge would ring
    sine: Signal = np.sin(2 * np.pi * hertz * t / RATE_HZ + np.radians(degrees))
    return fade * amplitude * sine


def band_limited_noise(samples: int, seed: int) -> Signal:
    """Nothing above 0.4 of the rate, where sample peaks and true peaks differ by much."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(0, 0.2, samples))
    spectrum[round(0.8 * len(spectrum)) :] = 0
    return np.fft.irfft(spectrum, samples)


def oversampled_peak_dbtp(signal: Signal, times: int) -> float:
    """The peak of the periodic signal's exact interpolation."""
    spectrum = np.fft.rfft(signal)
    dense = np.fft.irfft(spectrum, len(signal) * times) * times
    return float(20 * np.log10(np.abs(dense).max()))


@pytest.mark.parametrize(
    ("amplitude", "divisor", "degrees", "dbtp"),
    [
        (0.50, 4, 0, -6.0), (0.50, 4, 45, -6.0), (0.50, 6, 60, -6.0), (0.50, 8, 67.5, -6.0),
        (1.41, 4, 45, 3.0),
    ],
)  # fmt: skip
def test_a_sine_peaks_where_ebu_says(
    amplitude: float, divisor: int, degrees: float, dbtp: float
) -> None:
    """EBU Tech 3341, cases 15 to 19: +0.2 and -0.4 dB are allowed, a tenth is kept."""
    signal = faded_sine(amplitude, RATE_HZ / divisor, degrees)
    assert measured(signal) == pytest.approx(dbtp, abs=0.1)


@pytest.mark.parametrize("seed", range(8))
def test_noise_peaks_where_a_dense_oversampling_does(seed: int) -> None:
    """Four points a sample see all but a little of what 32 do, and never more."""
    signal = band_limited_noise(1 << 14, seed)
    wrapped = np.concatenate((signal[-64:], signal, signal[:64]))
    found = measured(wrapped)
    assert found is not None
    assert -0.3 < found - oversampled_peak_dbtp(signal, 32) < 0.02
    assert found == pytest.approx(oversampled_peak_dbtp(signal, 4), abs=0.02)


def test_the_louder_channel_counts() -> None:
    signal = np.stack((faded_sine(0.25, 1000, 0), faded_sine(0.5, 1000, 0)), axis=1)
    assert measured(signal) == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize("at", [0, 1, 31, 32, 33, 62, 63, 64, 98, 99])
def test_a_click_is_found_wherever_it_is(at: int) -> None:
    signal = np.zeros(100)
    signal[at] = -0.5
    assert measured(signal) == pytest.approx(-6.02, abs=0.005)


@pytest.mark.parametrize("at", [0, 15, 31, 32, 47, 63, 97])
def test_what_two_samples_make_between_them_is_found_wherever_it_is(at: int) -> None:
    """A loud stretch before it must not hide it, nor a step's edge."""
    signal = np.zeros(100)
    signal[at : at + 2] = 0.7
    expected = measured(np.concatenate((np.zeros(200), signal, np.zeros(200))))
    assert expected is not None
    assert expected > -2.0  # the samples themselves are at -3.1
    assert measured(signal) == expected


def test_silence_and_nothing_have_no_peak() -> None:
    assert measured(np.zeros(1000)) is None
    assert measured(np.zeros(0)) is None


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 2000), st.integers(1, 2000))
def test_blocks_may_end_anywhere(samples: int, block_bytes: int) -> None:
    signal = np.random.default_rng(samples).uniform(-1, 1, (samples, 2))
    assert measured(signal, block_bytes) == measured(signal)
