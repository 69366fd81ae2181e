"""Good files with something changed are accepted or refused with a code, each in its time."""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

import pytest

from fixtures.hostile import ACCEPTED
from fixtures.hostile_mutants import good_files, mutants
from legato.ingest.identity import Listening
from tests.hostile.judged import Judged, judge
from tests.transcode.test_ffmpeg_binary import SYSTEM, WHEEL

AT_ONCE = 2
LONG_S = 90


@dataclass(slots=True)
class Tally:
    """How many had which code; and those that did what no file may."""

    codes: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, Judged]] = field(default_factory=list)
    slowest_s: float = 0


@pytest.fixture(scope="session")
def good() -> Mapping[str, bytes]:
    return good_files()


def judged(files: Iterator[tuple[str, bytes]], folder: Path, listening: Listening) -> Tally:
    """Judge them all, two at a time; each is gone afterwards unless it did something wrong."""
    tally, counting = Tally(), Lock()

    def send(file: tuple[str, bytes]) -> None:
        name, body = file
        master = folder / name
        master.write_bytes(body)
        found = judge(master, listening)
        well = found.code is not None and found.took_s < LONG_S
        with counting:
            tally.codes[found.code or "crash"] += 1
            tally.slowest_s = max(tally.slowest_s, found.took_s)
            if not well:
                tally.wrong.append((name, found))
        if well:
            master.unlink()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(send, files):
            pass
    return tally


def test_the_good_files_are_good(
    good: Mapping[str, bytes], tmp_path: Path, listening: Listening
) -> None:
    found = judged(iter(good.items()), tmp_path, replace(listening, binary=WHEEL))
    assert found.codes == {ACCEPTED: len(good)}, found.wrong


def test_of_30_mutated_files_each_gets_an_answer(
    good: Mapping[str, bytes], tmp_path: Path, listening: Listening
) -> None:
    found = judged(mutants(good, 1, 30), tmp_path, replace(listening, binary=WHEEL))
    assert found.wrong == []
    assert list(tmp_path.iterdir()) == []
    assert len(found.codes) >= 4, "they differ in what becomes of them"


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("binary", [WHEEL, SYSTEM], ids=["wheel", "system"])
def test_of_5000_mutated_files_each_gets_an_answer(
    binary: str, good: Mapping[str, bytes], tmp_path: Path, listening: Listening
) -> None:
    """5,000 of 17 kinds (seeded), for each of two ffmpegs: a code for each, in time."""
    seed = 2 if binary == WHEEL else 3
    found = judged(mutants(good, seed, 5_000), tmp_path, replace(listening, binary=binary))
    print(found.codes, found.slowest_s)  # noqa: T201 - what `pytest -s` shows
    assert found.wrong == []
    assert list(tmp_path.iterdir()) == []
