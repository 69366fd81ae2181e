"""A catalogue of one's own: new, migrated, empty."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from legato.catalog import tracks
from legato.catalog.accounts import tenants
from legato.catalog.database import Database
from legato.catalog.objects import recordings
from legato.catalog.objects.recordings import Recording
from legato.catalog.tracks import Metadata

AddTrack = Callable[..., str]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/catalog.sqlite3")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """One transaction that writes."""
    with database.write() as session:
        yield session


@pytest.fixture
def tenant_id(session: Session) -> str:
    return tenants.ensure_tenant(session)


@pytest.fixture
def add_track(session: Session, tenant_id: str) -> AddTrack:
    """Enters a track; one that has an `audio_id` has been identified too."""

    def add(master_id: str = "m1", audio_id: str | None = None, tenant: str = tenant_id) -> str:
        recordings.add_master(session, master_id, 1000)
        track_id = tracks.add_track(
            session,
            tenant_id=tenant,
            master_id=master_id,
            metadata=Metadata(title="Daybreak", artist="The House Ensemble"),
            file_name="daybreak.flac",
        )
        if audio_id is not None:
            recordings.identify_master(session, master_id, a_recording(audio_id))
            tracks.mark_encoding(session, track_id, audio_id)
        return track_id

    return add


def a_recording(audio_id: str) -> Recording:
    """Five seconds of stereo."""
    return Recording(
        audio_id=audio_id, lossless=True, sample_rate_hz=44_100, channels=2, samples=220_500
    )
