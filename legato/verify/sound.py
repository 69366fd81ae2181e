"""What renditions sound like beside their master: in step with it, and no louder at the peak."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from legato.manifests.manifest import Manifest, RenditionEntry
from legato.transcode import commands
from legato.transcode.loudness import parse_loudness
from legato.transcode.process import Running, StallWatch
from legato.verify.seams import Decoding, Samples

# Three seconds: long enough that music is like itself at one lag only.
WINDOW_SAMPLES: Final = 1 << 17
# Encoders overshoot; this much is more than any of them does on music that does not clip.
OVERSHOOT_LIMIT_DB: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of a master, channels mixed, from `start` on."""

    start: int
    samples: NDArray[np.float64]


class LoudestWindow:
    """Keeps the stretch of the most energy of what passes by."""

    def __init__(self) -> None:
        self.window: Window | None = None
        self.length = 0
        self._energy = 0.0

    def update(self, block: Samples) -> None:
        mixed = block.astype(np.float64).mean(axis=1)
        energy = float(np.square(mixed).sum())
        if energy > self._energy:
            self._energy, self.window = energy, Window(start=self.length, samples=mixed)
        self.length += len(block)


def lag(window: Window, heard: NDArray[np.float64]) -> int:
    """By how many samples `heard` is late, from the peak of the cross-correlation."""
    size = 1 << (len(window.samples) + len(heard) - 1).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(window.samples, size))
    at = int(np.argmax(np.fft.irfft(spectrum, size)))
    return at - size if at > size // 2 else at


def true_peak_dbtp(decoding: Decoding, file: Path, entry: RenditionEntry) -> float | None:
    """The true peak of a rendition's decode (BS.1770-4)."""
    command = commands.measure_rendition(decoding.binary, file, entry.codec)
    with Running(command) as process, StallWatch(decoding.stall_s, [process]) as watch:
        for _ in process.blocks():
            watch.moved()
        process.finish()
        return parse_loudness(process.said(), 0).true_peak_dbtp


def overshoot_findings(
    manifest: Manifest, entry: RenditionEntry, peak_dbtp: float | None
) -> Iterator[str]:
    """A rendition's true peak far above its master's is an encoder gone wrong."""
    master = manifest.loudness.true_peak_dbtp
    if master is not None and peak_dbtp is not None and peak_dbtp - master > OVERSHOOT_LIMIT_DB:
        yield f"{entry.name}: true peak {peak_dbtp} dBTP, the master's is {master}"
