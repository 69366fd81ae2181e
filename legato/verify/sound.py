"""What renditions sound like beside their master: in step with it, and as loud."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from legato.manifests.manifest import Manifest, RenditionEntry
from legato.packaging.loudness import Loudness
from legato.transcode.whole_decode import Frames

# Less than this is too little to tell music from other music by.
SHORTEST_SAMPLES: Final = 4096
# White noise at 96 kbit/s is the least like its master of all that was tried; other music is 0.
LEAST_LIKENESS: Final = 0.25
# Three seconds: long enough that music is like itself at one lag only.
WINDOW_SAMPLES: Final = 1 << 17
# Encoders overshoot; this much is more than any of them does on music that does not clip.
OVERSHOOT_LIMIT_DB: Final = 6.0
# At 96 kbit/s an encoder leaves out what is above 15 kHz: noise is softer by 1.7 LU for that.
LOUDNESS_LIMIT_LU: Final = 3.0
# Two builds of ffmpeg resample and measure a master a little differently.
TOLERANCE_DB: Final = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of a master, shape (samples, channels), from `start` on."""

    start: int
    samples: Frames


class LoudestWindow:
    """Keeps the stretch of the most energy of what passes by."""

    def __init__(self) -> None:
        self.window: Window | None = None
        self.length = 0
        self._energy = 0.0

    def update(self, block: Frames) -> None:
        energy = float(np.square(block, dtype=np.float64).sum())
        if energy > self._energy:
            self._energy, self.window = energy, Window(start=self.length, samples=block)
        self.length += len(block)


class Stretch:
    """Cuts the stretch of a window out of what passes by."""

    def __init__(self, window: Window | None) -> None:
        self._start = window.start if window else 0
        self._end = self._start + (len(window.samples) if window else 0)
        self._parts: list[Frames] = []
        self.length = 0

    def update(self, heard: Frames) -> None:
        first, end = self._start - self.length, self._end - self.length
        self._parts.append(heard[max(first, 0) : max(end, 0)])
        self.length += len(heard)

    @property
    def samples(self) -> Frames:
        return np.concatenate(self._parts) if self._parts else np.zeros((0, 2), np.float32)


def alignment_findings(entry: RenditionEntry, window: Window, heard: Frames) -> Iterator[str]:
    """In step with the master, and each channel like the master's own."""
    if len(window.samples) < SHORTEST_SAMPLES or len(heard) != len(window.samples):
        return
    if late := lag(window.samples, heard):
        yield f"{entry.name}: {late} samples late against the master"
        return
    for number, likeness in enumerate(likenesses(window.samples, heard), start=1):
        if likeness < LEAST_LIKENESS:
            yield f"{entry.name}: channel {number} is not the master's (correlation {likeness:.2f})"


def lag(master: Frames, heard: Frames) -> int:
    """By how many samples `heard` is late, from the peak of the channels' cross-correlation."""
    size = 1 << (len(master) + len(heard) - 1).bit_length()
    spectra = np.fft.rfft(heard, size, axis=0) * np.conj(np.fft.rfft(master, size, axis=0))
    correlations = np.abs(np.fft.irfft(spectra, size, axis=0))  # also of a channel turned over
    at = int(np.argmax(correlations.sum(axis=1)))
    return at - size if at > size // 2 else at


def likenesses(master: Frames, heard: Frames) -> list[float]:
    """The correlation coefficient of each channel in which the master has any sound."""
    found = []
    for ours, theirs in zip(master.T.astype(np.float64), heard.T.astype(np.float64), strict=True):
        if ours.any():
            scale = float(np.linalg.norm(ours) * np.linalg.norm(theirs))
            found.append(float(ours @ theirs) / scale if scale else 0.0)
    return found


def in_words(loudness: Loudness) -> str:
    """A line's worth; what is not defined is told as such."""
    integrated, loudness_range, peak = (
        "undefined" if value is None else f"{value:.1f} {unit}"
        for value, unit in (
            (loudness.integrated_lufs, "LUFS"),
            (loudness.range_lu, "LU"),
            (loudness.true_peak_dbtp, "dBTP"),
        )
    )
    return f"loudness {integrated}, range {loudness_range}, true peak {peak}"


def remeasured_findings(manifest: Manifest, loudness: Loudness) -> Iterator[str]:
    """What is published, and what is measured of the master now."""
    published = manifest.loudness
    for name, said, found in (
        ("integrated loudness", published.integrated_lufs, loudness.integrated_lufs),
        ("loudness range", published.range_lu, loudness.range_lu),
        ("true peak", published.true_peak_dbtp, loudness.true_peak_dbtp),
    ):
        if said != found and (said is None or found is None or abs(said - found) > TOLERANCE_DB):
            yield f"{name}: published as {said}, the master's is {found}"


def loudness_findings(
    manifest: Manifest, entry: RenditionEntry, loudness: Loudness
) -> Iterator[str]:
    """A rendition as loud as its master; a true peak far above it is an encoder gone wrong."""
    master, found = manifest.loudness, loudness
    if master.true_peak_dbtp is not None and found.true_peak_dbtp is not None:
        overshoot = found.true_peak_dbtp - master.true_peak_dbtp
        if overshoot > OVERSHOOT_LIMIT_DB:
            yield (
                f"{entry.name}: true peak {found.true_peak_dbtp} dBTP, "
                f"the master's is {master.true_peak_dbtp}"
            )
    if master.integrated_lufs is not None and found.integrated_lufs is not None:
        change = found.integrated_lufs - master.integrated_lufs
        if abs(change) > LOUDNESS_LIMIT_LU:
            yield (
                f"{entry.name}: {found.integrated_lufs} LUFS, "
                f"the master's is {master.integrated_lufs}"
            )
