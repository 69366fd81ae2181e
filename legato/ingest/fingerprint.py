"""A new recording beside those that are there: what sounds alike is for the operator to review."""

from pathlib import Path
from typing import Final

import structlog

from legato.catalog import reviews
from legato.catalog.database import Database
from legato.catalog.objects import fingerprints
from legato.catalog.objects.fingerprints import Fingerprint
from legato.errors import BadInput
from legato.ingest.chromaprint import Words, as_stored, read_words, words_from
from legato.ingest.likeness import ALIKE, kept_terms, likeness, terms
from legato.transcode.process import FfmpegFailedError

# So many that share terms are laid beside a recording, a millisecond each.
_MOST_COMPARED: Final = 128

log = structlog.get_logger()


def compare(database: Database, ffmpeg: str, audio_id: str, master: Path) -> int:
    """Fingerprint a recording and enter a review for each that it sounds like; answers how many.

    Its own fingerprint is there for all before it looks at others: of two that come at once, one
    sees the other. Done twice, it enters nothing twice, and nothing is missing where the first
    time was broken off. Raises Unavailable.
    """
    with database.read() as session:
        known = fingerprints.fingerprint_of(session, audio_id)
    words = words_from(known.words) if known is not None else _read(ffmpeg, audio_id, master)
    if words is None:
        return 0
    if known is None:
        print_ = Fingerprint(audio_id=audio_id, words=as_stored(words))
        with database.write() as session:
            fingerprints.add_fingerprint(session, print_, kept_terms(words))
    return _enter(database, audio_id, _alike(database, audio_id, words))


def _read(ffmpeg: str, audio_id: str, master: Path) -> Words | None:
    """None for a master without a fingerprint, which hinders nothing else."""
    try:
        return read_words(ffmpeg, master)
    except (FfmpegFailedError, BadInput) as error:
        log.warning("fingerprint_failed", audio_id=audio_id, error=str(error)[-200:])
        return None


def _alike(database: Database, audio_id: str, words: Words) -> dict[str, float]:
    """The recordings that sound like these words, and how much."""
    with database.read() as session:
        found = fingerprints.sharing_terms(session, terms(words), limit=_MOST_COMPARED)
        others = fingerprints.fingerprints_in_use(
            session, [one for one in found if one != audio_id]
        )
    agreeing = {one.audio_id: likeness(words, words_from(one.words)) for one in others}
    return {other: share for other, share in agreeing.items() if share and share >= ALIKE}


def _enter(database: Database, audio_id: str, alike: dict[str, float]) -> int:
    if not alike:
        return 0
    with database.write() as session:
        still_there = fingerprints.fingerprints_in_use(session, list(alike))
        entered = [
            reviews.add_review(session, audio_id, one.audio_id, alike[one.audio_id])
            for one in still_there
        ]
    return sum(entered)
