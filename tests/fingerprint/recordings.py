"""Recordings that a catalogue knows, with nothing behind them."""

from legato.catalog import tracks
from legato.catalog.objects import recordings
from legato.catalog.objects.recordings import Recording
from legato.catalog.tracks import Metadata
from legato.deployment import Deployment
from tests.tenants import made_tenant


def enter(deployment: Deployment, audio_id: str, tenant: str) -> str:
    """A track whose recording is known."""
    with deployment.database.write() as session:
        recordings.add_master(session, f"master of {audio_id}", 1000)
        track_id = tracks.add_track(
            session, tenant_id=made_tenant(session, tenant),
            master_id=f"master of {audio_id}", metadata=Metadata(title=audio_id, artist=tenant),
            file_name=f"{audio_id}.wav",
        )  # fmt: skip
        recording = Recording(
            audio_id=audio_id, lossless=True, sample_rate_hz=44_100, channels=2, samples=9
        )
        recordings.identify_master(session, f"master of {audio_id}", recording)
        tracks.mark_encoding(session, track_id, audio_id)
    return track_id
