"""Silence: before, after and inside the music, and the holes of dropouts, from its envelope."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from legato.ingest.gate.runs import Places, PlacesHeard, RunRows, Runs

# The highest absolute value of all channels in each step.
Envelope = NDArray[np.float32]
# What music is not heard below: the usual level of checks like EBU QC 0078B.
AUDIBLE: Final = np.float32(10 ** (-60 / 20))
SHORTEST_SILENCE_S: Final = 5.0
# A hole: nothing at all between two loud places.
LOUD: Final = np.float32(10 ** (-40 / 20))
SHORTEST_DROPOUT_S: Final = 0.004
LONGEST_DROPOUT_S: Final = 1.0


class Silence:
    """Where nothing is heard, to a step."""

    def __init__(self, *, rate_hz: int, step_frames: int) -> None:
        self._step_s = step_frames / rate_hz
        self._step_frames = step_frames
        self._quiet = Runs()
        self._leading_steps = 0
        self._inside = PlacesHeard(rate_hz=rate_hz)

    def update(self, envelope: Envelope) -> None:
        runs = self._quiet.update(envelope <= AUDIBLE)
        if len(runs) and runs[0, 0] == 0:
            self._leading_steps = int(runs[0, 1])
            runs = runs[1:]
        self._inside.add(_lasting(runs, SHORTEST_SILENCE_S / self._step_s) * self._step_frames)

    def leading_s(self) -> float:
        """Silence before the music; all of it where there is none."""
        steps = self._quiet.position if self._quiet.open_since == 0 else self._leading_steps
        return round(steps * self._step_s, 3)

    def trailing_s(self) -> float:
        """Silence after the music; all of it where there is none."""
        since = self._quiet.open_since
        steps = self._quiet.position - since if since is not None else 0
        return round(steps * self._step_s, 3)

    def inside(self) -> Places:
        return self._inside.found()


class Dropouts:
    """Digital silence between two loud places: cables, buffers and bad edits sound so."""

    def __init__(self, *, rate_hz: int, step_frames: int) -> None:
        self._step_s = step_frames / rate_hz
        self._step_frames = step_frames
        self._nothing = Runs()
        self._last = np.zeros(1, np.float32)
        self._before_open = np.float32(0)
        self._found = PlacesHeard(rate_hz=rate_hz)

    def update(self, envelope: Envelope) -> None:
        start = self._nothing.position
        opened, before_opened = self._nothing.open_since, self._before_open
        runs = self._nothing.update(envelope == 0)
        around = np.concatenate((self._last, envelope))
        if len(runs):
            before = around[np.maximum(runs[:, 0] - start, 0)]
            if opened is not None:
                before[0] = before_opened
            after = envelope[runs[:, 1] - start]
            self._keep(runs[(before > LOUD) & (after > LOUD)])
        self._remember(around, start)

    def found(self) -> Places:
        return self._found.found()

    def _keep(self, runs: RunRows) -> None:
        holes = _lasting(runs, SHORTEST_DROPOUT_S / self._step_s)
        holes = holes[holes[:, 1] - holes[:, 0] <= LONGEST_DROPOUT_S / self._step_s]
        self._found.add(holes * self._step_frames)

    def _remember(self, around: Envelope, start: int) -> None:
        """How loud it was before the hole that is open, for the part in which it ends."""
        since = self._nothing.open_since
        if since is not None and since >= start:
            self._before_open = around[since - start]
        self._last = around[-1:]


def _lasting(runs: RunRows, steps: float) -> RunRows:
    return runs[runs[:, 1] - runs[:, 0] >= steps]
