"""The `audio_id` of a lossless master, from its decoded samples."""

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from legato.transcode.commands import PCM_BYTES, PcmFormat
from legato.transcode.probe import Probe

_FULL_SCALE: Final = 2.0**31


def pcm_format(probed: Probe) -> PcmFormat:
    """In which form a master's samples reach us without loss."""
    return "f32le" if probed.floating else "s32le"


class PcmDigest:
    """SHA-256 of rate, layout and samples: as 32-bit integers wherever they fit those.

    So a float file that holds what a 16-bit file holds is the same recording.
    """

    def __init__(self, probed: Probe) -> None:
        self._floating = probed.floating
        self._frame_bytes = probed.channels * PCM_BYTES
        self._integers: hashlib._Hash | None = _started("s32le", probed)
        self._floats = _started("f32le", probed)
        self._rest = b""
        self._size = 0
        self.silent = True

    @property
    def samples(self) -> int:
        """How many samples a channel have been heard."""
        return self._size // self._frame_bytes

    def update(self, block: bytes) -> None:
        """Hear more; a block may end within a sample."""
        self._size += len(block)
        whole = self._rest + block if self._rest else block
        end = len(whole) - len(whole) % PCM_BYTES
        whole, self._rest = whole[:end], whole[end:]
        if self._floating:
            self._update_floats(np.frombuffer(whole, "<f4"))
        else:
            self.silent = self.silent and not np.frombuffer(whole, "u1").any()
            self._update_integers(whole)

    def hexdigest(self) -> str:
        return (self._integers or self._floats).hexdigest()

    def _update_floats(self, samples: NDArray[np.float32]) -> None:
        with np.errstate(invalid="ignore"):  # NaN is no silence
            self.silent = self.silent and not samples.any()
        self._floats.update(samples.tobytes())
        if self._integers is not None:
            integers = _exact_integers(samples)
            if integers is None:
                self._integers = None
            else:
                self._update_integers(integers)

    def _update_integers(self, pcm: bytes) -> None:
        if self._integers is not None:
            self._integers.update(pcm)


def _started(form: PcmFormat, probed: Probe) -> "hashlib._Hash":
    header = f"legato audio 1\npcm {form} {probed.sample_rate_hz} {probed.layout}\n"
    return hashlib.sha256(header.encode())


def _exact_integers(samples: NDArray[np.float32]) -> bytes | None:
    """The samples as 32-bit integers, or None where that would change one of them."""
    with np.errstate(invalid="ignore"):  # NaN fits nothing
        scaled = samples.astype(np.float64) * _FULL_SCALE
        fits = (scaled == np.rint(scaled)) & (scaled >= -_FULL_SCALE) & (scaled < _FULL_SCALE)
    return scaled.astype("<i4").tobytes() if bool(fits.all()) else None
