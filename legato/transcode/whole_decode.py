"""A file's whole decode, in passing: its samples, its loudness, its true peak."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from legato.packaging.loudness import Loudness
from legato.transcode import commands
from legato.transcode.commands import DELIVERED_CHANNELS, FRAME_BYTES
from legato.transcode.ladder import Codec
from legato.transcode.loudness import parse_loudness
from legato.transcode.process import BLOCK_SIZE, Running, StallWatch
from legato.transcode.true_peak import TruePeak

# Rows of left and right, 32-bit float.
Frames = NDArray[np.float32]


class WholeDecode:
    """A command's decode as a stream of samples, and its loudness; a context manager.

    The command is one of those that tell loudness on stderr.
    """

    def __init__(self, command: Sequence[str], stall_s: float) -> None:
        self._true_peak = TruePeak(channels=DELIVERED_CHANNELS)
        self._stack = ExitStack()
        self._process = self._stack.enter_context(Running(command))
        self._watch = self._stack.enter_context(StallWatch(stall_s, [self._process]))
        self._blocks = self._process.blocks()
        self._rest = b""

    def read(self, samples: int) -> Frames:
        """The next so many samples; fewer at the end."""
        wanted = samples * FRAME_BYTES
        parts, size = [self._rest], len(self._rest)
        while size < wanted and (block := next(self._blocks, b"")):
            self._watch.moved()
            self._true_peak.update(block)
            parts.append(block)
            size += len(block)
        data = b"".join(parts)
        self._rest = data[wanted:]
        return frames_of(data[:wanted])

    def loudness(self, duration_s: float) -> Loudness:
        """How loud it was; what has not been read is passed over."""
        while len(self.read(BLOCK_SIZE)):
            pass
        self._process.finish()
        return parse_loudness(self._process.said(), duration_s, self._true_peak.dbtp())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()


def measure_rendition(
    binary: str, file: Path, codec: Codec, *, duration_s: float, stall_s: float
) -> Loudness:
    """How loud a packaged rendition is when it is decoded."""
    command = commands.decode_rendition(binary, file, codec, measured=True)
    with WholeDecode(command, stall_s) as whole:
        return whole.loudness(duration_s)


def frames_of(pcm: bytes) -> Frames:
    """What 32-bit float PCM holds, as rows; a rest of a row is left out."""
    return np.frombuffer(pcm[: len(pcm) - len(pcm) % FRAME_BYTES], "<f4").reshape(-1, 2)
