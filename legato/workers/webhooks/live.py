"""Telling that a track may be heard, where a deal begins that was there before."""

from datetime import UTC, datetime
from typing import Final

from legato.catalog.database import Database
from legato.catalog.news import track_news
from legato.catalog.rights import release_times

_TRACKS_A_LOOK: Final = 500


def tell_what_is_live(database: Database, now: datetime | None = None) -> None:
    """Tell of every track that somebody may hear by now, and of which it has not been told."""
    now = now or datetime.now(UTC)
    after = ""
    while True:
        with database.read() as session:
            looked_at = release_times.awaited_tracks(
                session, now, limit=_TRACKS_A_LOOK, after=after
            )
            live = release_times.heard_somewhere(session, looked_at, now)
        if live:
            with database.write() as session:
                track_news.tell_live(session, live)
        if len(looked_at) < _TRACKS_A_LOOK:
            return
        after = looked_at[-1]
