"""A file's whole decode, in passing: its samples, its loudness, its true peak."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Self

import numpy as np
from numpy.typing import NDArray

from legato.errors import Corrupt
from legato.packaging.loudness import Loudness
from legato.transcode.commands import DELIVERED_CHANNELS, FRAME_BYTES
from legato.transcode.loudness import parse_loudness
from legato.transcode.process import BLOCK_SIZE, FfmpegFailedError, Running, StallWatch
from legato.transcode.true_peak import TruePeak

# Rows of left and right, 32-bit float.
Frames = NDArray[np.float32]


class WholeDecode:
    """A command's decode as a stream of samples, and its loudness; a context manager.

    The command is one of those that tell loudness on stderr.
    """

    def __init__(self, command: Sequence[str], stall_s: float) -> None:
        self._command = command
        self._stall_s = stall_s
        self._true_peak = TruePeak(channels=DELIVERED_CHANNELS)
        self._stack = ExitStack()
        self._rest = b""

    def read(self, samples: int) -> Frames:
        """The next so many samples; fewer at the end."""
        self._watch.moved()
        wanted = samples * FRAME_BYTES
        parts, size = [self._rest], len(self._rest)
        while size < wanted and (block := next(self._blocks, b"")):
            self._watch.moved()
            self._true_peak.update(block)
            parts.append(block)
            size += len(block)
        self._watch.pause()  # until more is wanted of it
        data = b"".join(parts)
        self._rest = data[wanted:]
        return frames_of(data[:wanted])

    def loudness(self, duration_s: float) -> Loudness:
        """How loud it was; what has not been read is passed over."""
        while len(self.read(BLOCK_SIZE // FRAME_BYTES)):
            pass
        self._watch.moved()  # it may still hang at its very end
        self._process.finish()
        return parse_loudness(self._process.said(), duration_s, self._true_peak.dbtp())

    def __enter__(self) -> Self:
        with self._stack:
            self._process = self._stack.enter_context(Running(self._command))
            watch = StallWatch(self._stall_s, [self._process])
            self._watch = self._stack.enter_context(watch)
            self._stack = self._stack.pop_all()
        self._blocks = self._process.blocks()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()


def measure(
    command: Sequence[str],
    *,
    duration_s: float,
    stall_s: float,
    on_samples: Callable[[int], None],
) -> Loudness:
    """The loudness of what a command decodes; `on_samples` hears how many have gone.

    Raises Corrupt `decode_failed`.
    """
    heard = 0
    try:
        with WholeDecode(command, stall_s) as whole:
            while len(frames := whole.read(BLOCK_SIZE // FRAME_BYTES)):
                heard += len(frames)
                on_samples(heard)
            return whole.loudness(duration_s)
    except FfmpegFailedError as error:
        raise Corrupt("decode_failed", str(error)) from error


def frames_of(pcm: bytes) -> Frames:
    """What 32-bit float PCM holds, as rows; a rest of a row is left out."""
    return np.frombuffer(pcm[: len(pcm) - len(pcm) % FRAME_BYTES], "<f4").reshape(-1, 2)
