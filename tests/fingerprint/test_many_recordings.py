"""How long it takes to find what sounds alike in a large catalogue."""

import hashlib
import sqlite3
import time
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
import pytest

from legato.catalog.objects import fingerprints
from legato.deployment import Deployment
from legato.ingest.chromaprint import Words, as_stored, read_words
from legato.ingest.fingerprint import compare
from legato.ingest.likeness import MOST_TERMS, kept_terms, terms
from tests.fingerprint.masters import MASTERINGS, remaster
from tests.fingerprint.recordings import enter

RECORDINGS: Final = 100_000
MOST_S: Final = 0.05
# Two pieces of real music share 0.04 terms (docs/figures/fingerprints.md); here, four times that.
COMMON: Final = 1


@pytest.fixture
def words(deployment: Deployment, album: list[Path]) -> list[Words]:
    found = [read_words(deployment.ffmpeg.path, path) for path in album]
    return [one for one in found if one is not None]


def fill(catalogue: Path, words: list[Words]) -> None:
    """Recordings with a fingerprint of noise, found by noise and by what music has in common."""
    random = np.random.default_rng(1)
    common = np.concatenate([kept_terms(one) for one in words])
    drawn = random.integers(0, 1 << 22, (RECORDINGS, MOST_TERMS))
    drawn[:, :COMMON] = random.choice(common, (RECORDINGS, COMMON))
    ids = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(RECORDINGS)]
    print_ = as_stored(random.integers(0, 1 << 32, 948, dtype=np.uint32))
    numbers = np.arange(RECORDINGS)[:, np.newaxis]
    rows = ((int(one) >> 20, ids[one & 0xFFFFF]) for one in np.unique(drawn << 20 | numbers))
    with sqlite3.connect(catalogue) as connection:
        connection.executescript(
            "PRAGMA synchronous=OFF; PRAGMA cache_size=-400000;"
            "DROP INDEX ix_fingerprint_terms_audio_id"
        )
        known = [(id_,) for id_ in ids]
        connection.executemany("INSERT INTO recordings VALUES (?, 1, 44100, 2, 9, 0, NULL)", known)
        prints = ((id_, print_) for id_ in ids)
        connection.executemany("INSERT INTO fingerprints VALUES (?, ?)", prints)
        connection.executemany("INSERT INTO fingerprint_terms VALUES (?, ?)", rows)
        connection.execute(
            "CREATE INDEX ix_fingerprint_terms_audio_id ON fingerprint_terms (audio_id)"
        )
    connection.close()


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_what_sounds_alike_is_found_among_a_hundred_thousand(
    deployment: Deployment, album: list[Path], words: list[Words], tmp_path: Path
) -> None:
    """Among 100,000 recordings, those that share terms are found in 50 ms of CPU time."""
    for audio_id in ("first", "second"):
        enter(deployment, audio_id, "local")
    compare(deployment.database, deployment.ffmpeg.path, "first", album[0])
    fill(deployment.settings.data / "catalog.sqlite3", words)
    took_s = []
    for _ in range(5):
        for one in words:
            with deployment.database.read() as session:
                started = time.thread_time()
                fingerprints.sharing_terms(session, terms(one), limit=128)
                took_s.append(time.thread_time() - started)

    other = remaster(album[0], tmp_path / "x.wav", MASTERINGS["equalised, limited, trimmed"])
    assert median(took_s) < MOST_S
    assert compare(deployment.database, deployment.ffmpeg.path, "second", other) == 1
