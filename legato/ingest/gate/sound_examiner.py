"""Measures a master's samples as they pass, for the gate; memory is bounded."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from legato.ingest.gate.bit_depth import FloatBits, IntegerBits
from legato.ingest.gate.channels import Channels
from legato.ingest.gate.clipping import Clipping
from legato.ingest.gate.facts import SoundFacts
from legato.ingest.gate.runs import PlacesHeard
from legato.ingest.gate.silence import Dropouts, Envelope, Silence
from legato.ingest.gate.spectrum import Spectrum
from legato.transcode.commands import PCM_BYTES
from legato.transcode.probe import Probe
from legato.transcode.true_peak import TruePeak

# Two milliseconds: fine enough to say where, coarse enough to cost nothing.
_STEPS_PER_S: Final = 500
# Sixty dB above full scale: no master means that.
_HIGHEST: Final = np.float32(1000)
_INTEGER_SCALE: Final = np.float32(2**-31)


class SoundExaminer:
    """Hears the blocks that the identity is made of; then tells what the sound is like."""

    def __init__(self, probed: Probe, *, lossless: bool) -> None:
        self._probed = probed
        self._lossless = lossless
        rate_hz, channels = probed.sample_rate_hz, probed.channels
        self._step_frames = max(rate_hz // _STEPS_PER_S, 1)
        self._rest = b""
        self._frames = 0
        steps = {"rate_hz": rate_hz, "step_frames": self._step_frames}
        self._silence, self._dropouts = Silence(**steps), Dropouts(**steps)
        self._impossible = PlacesHeard(rate_hz=rate_hz, apart_s=1.0)
        self._clipping = Clipping(rate_hz=rate_hz, channels=channels)
        self._channels = Channels(channels)
        self._spectrum = Spectrum(rate_hz=rate_hz) if lossless else None
        self._integer_bits, self._float_bits = IntegerBits(), FloatBits()
        self._true_peak = TruePeak(channels=channels)
        self._highest, self._highest_at = 0.0, 0

    def update(self, block: bytes) -> None:
        """Hear more, in the form that the digest hears; a block may end anywhere."""
        pcm = self._rest + block if self._rest else block
        step_bytes = self._step_frames * self._probed.channels * PCM_BYTES
        whole = len(pcm) - len(pcm) % step_bytes
        self._rest = pcm[whole:]
        with np.errstate(invalid="ignore", over="ignore"):  # NaN is looked for, and no surprise
            self._hear(pcm, whole, self._step_frames)

    def facts(self) -> SoundFacts:
        """What has been measured; nothing can be heard afterwards."""
        with np.errstate(invalid="ignore", over="ignore"):
            self._finish()
        return SoundFacts(
            sample_rate_hz=self._probed.sample_rate_hz,
            channels=self._probed.channels,
            samples=self._frames,
            true_peak_dbtp=self._true_peak.dbtp(),
            true_peak_at_s=round(self._highest_at / self._probed.sample_rate_hz, 3),
            levels_dbfs=self._channels.levels_dbfs(),
            offsets=self._channels.offsets(),
            correlation=self._channels.correlation(),
            alike=self._channels.alike(),
            leading_silence_s=self._silence.leading_s(),
            trailing_silence_s=self._silence.trailing_s(),
            silences=self._silence.inside(),
            dropouts=self._dropouts.found(),
            clipping=self._clipping.found(),
            impossible=self._impossible.found(),
            effective_bits=self._effective_bits(),
            wall=self._spectrum.wall() if self._spectrum else None,
        )

    def _finish(self) -> None:
        """What is left is less than a step, and is one; an unfinished frame is nothing."""
        frames = len(self._rest) // (self._probed.channels * PCM_BYTES)
        rest, self._rest = self._rest, b""
        if frames:
            self._hear(rest, frames * self._probed.channels * PCM_BYTES, frames)

    def _hear(self, pcm: bytes, size: int, step_frames: int) -> None:
        if not size:
            return
        if self._probed.floating:
            frames = self._frames_of_floats(pcm, size)
        else:
            frames = self._frames_of_integers(pcm, size)
        envelope = _envelope(frames, step_frames)
        if not envelope.max() <= _HIGHEST:
            frames, envelope = self._without_impossible(frames, step_frames)
        self._measure(frames, envelope)
        self._frames += len(frames)

    def _measure(self, frames: NDArray[np.float32], envelope: Envelope) -> None:
        self._silence.update(envelope)
        self._dropouts.update(envelope)
        self._clipping.update(frames, float(envelope.max()))
        self._channels.update(frames)
        if self._spectrum:
            self._spectrum.update(frames)
        self._true_peak.update(frames.tobytes())
        if self._true_peak.highest > self._highest:
            self._highest = self._true_peak.highest
            self._highest_at = self._frames + int(envelope.argmax()) * self._step_frames

    def _frames_of_floats(self, pcm: bytes, size: int) -> NDArray[np.float32]:
        samples = np.frombuffer(pcm, "<f4", size // PCM_BYTES)
        if self._lossless:
            self._float_bits.update(samples)
        return samples.reshape(-1, self._probed.channels)

    def _frames_of_integers(self, pcm: bytes, size: int) -> NDArray[np.float32]:
        samples = np.frombuffer(pcm, "<i4", size // PCM_BYTES)
        self._integer_bits.update(samples)
        frames = samples.astype(np.float32)
        frames *= _INTEGER_SCALE
        return frames.reshape(-1, self._probed.channels)

    def _without_impossible(
        self, frames: NDArray[np.float32], step_frames: int
    ) -> tuple[NDArray[np.float32], Envelope]:
        """Note which frames are no sound, and hear silence instead."""
        impossible = ~(np.abs(frames) <= _HIGHEST)
        at = np.flatnonzero(impossible.any(axis=1)) + self._frames
        self._impossible.add(np.stack((at, at + 1), axis=1))
        frames = np.where(impossible, np.float32(0), frames)
        return frames, _envelope(frames, step_frames)

    def _effective_bits(self) -> int | None:
        if not self._lossless:
            return None
        meter = self._float_bits if self._probed.floating else self._integer_bits
        return meter.bits()


def _envelope(frames: NDArray[np.float32], step_frames: int) -> Envelope:
    """The highest absolute value of all channels in each step; NaN where one is in it."""
    steps = np.abs(frames).reshape(-1, step_frames * frames.shape[1])
    highest: Envelope = steps.max(axis=1)
    return highest
