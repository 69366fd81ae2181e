"""The gate's fixtures, each heard once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from fixtures.gate import write_gate
from legato.ingest.gate.facts import Examination
from legato.ingest.gate.finding import Finding
from legato.ingest.gate.judge import judge
from legato.ingest.gate.profiles import ARTIST
from legato.ingest.identity import Listening, identify
from legato.transcode.ffmpeg_binary import FfmpegBinary

Examine = Callable[[Path], Examination]
GateCase = Callable[[str], Path]


@pytest.fixture(scope="session")
def listening(ffmpeg: FfmpegBinary) -> Listening:
    return Listening(binary=ffmpeg.path, stall_s=60, shortest_s=0, longest_s=3600)


@pytest.fixture(scope="session")
def examine(listening: Listening) -> Examine:
    """Hears a master the first time that it is asked for."""
    return cache(lambda master: identify(master, listening).examination)


@pytest.fixture(scope="session")
def gate_case(tmp_path_factory: pytest.TempPathFactory, examine: Examine) -> GateCase:
    """A fixture of the gate by its name; all are heard at once, by two ears."""
    cases = write_gate(tmp_path_factory.mktemp("gate"))
    with ThreadPoolExecutor(2) as executor:
        list(executor.map(examine, cases.values()))
    return cases.__getitem__


@pytest.fixture(scope="session")
def found(examine: Examine) -> Callable[[Path], tuple[Finding, ...]]:
    """What an artist is told of a file."""

    def judged(master: Path) -> tuple[Finding, ...]:
        heard = examine(master)
        return judge(heard.file, heard.sound, ARTIST, file_name=master.name)

    return judged
