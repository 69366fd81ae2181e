"""Fingerprints of recordings, and the terms by which those that may sound alike are found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from legato.catalog.schema import FingerprintRow, FingerprintTermRow, TrackRow

# By chance, recordings share one term often enough, and two seldom.
_LEAST_SHARED: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """A recording's words, as little-endian 32-bit integers."""

    audio_id: str
    words: bytes


def add_fingerprint(session: Session, fingerprint: Fingerprint, terms: Iterable[int]) -> None:
    """Keep a recording's fingerprint and what it is found by; once more is a no-op."""
    if session.get(FingerprintRow, fingerprint.audio_id) is not None:
        return
    session.add(FingerprintRow(audio_id=fingerprint.audio_id, words=fingerprint.words))
    session.add_all(FingerprintTermRow(term=term, audio_id=fingerprint.audio_id) for term in terms)
    session.flush()


def fingerprint_of(session: Session, audio_id: str) -> Fingerprint | None:
    row = session.get(FingerprintRow, audio_id)
    return Fingerprint(audio_id=row.audio_id, words=row.words) if row is not None else None


def sharing_terms(session: Session, terms: Sequence[int], *, limit: int) -> list[str]:
    """The recordings that are found by two or more of these, by most of them first."""
    shared = func.count()
    query = (
        select(FingerprintTermRow.audio_id)
        .where(FingerprintTermRow.term.in_(terms))
        .group_by(FingerprintTermRow.audio_id)
        .having(shared >= _LEAST_SHARED)
        .order_by(shared.desc(), FingerprintTermRow.audio_id)
        .limit(limit)
    )
    return list(session.scalars(query)) if terms else []


def fingerprints_in_use(session: Session, audio_ids: Sequence[str]) -> list[Fingerprint]:
    """Of these recordings' fingerprints those whose recordings some track still has."""
    in_use = exists().where(
        TrackRow.audio_id == FingerprintRow.audio_id, TrackRow.deleted_at_ms.is_(None)
    )
    query = select(FingerprintRow).where(FingerprintRow.audio_id.in_(audio_ids), in_use)
    return [Fingerprint(audio_id=row.audio_id, words=row.words) for row in session.scalars(query)]
