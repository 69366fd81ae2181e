"""Tracks that are ready to play and needed no encoder: there is no audio behind them."""

from typing import Final

from legato.catalog import tracks
from legato.catalog.objects import recordings
from legato.catalog.objects.recordings import Recording
from legato.catalog.tracks import Metadata
from legato.deployment import Deployment
from tests.tenants import made_tenant

ASSET_ID: Final = "a5" * 32


def add_ready_track(deployment: Deployment, asset_id: str = ASSET_ID, tenant: str = "local") -> str:
    """Enter a track that is ready on an asset."""
    audio_id = f"audio-of-{asset_id[:8]}"
    with deployment.database.write() as session:
        recordings.add_master(session, asset_id, 1000)
        track_id = tracks.add_track(
            session, tenant_id=made_tenant(session, tenant), master_id=asset_id,
            metadata=Metadata(title="Daybreak", artist="The House"), file_name="daybreak.flac",
        )  # fmt: skip
        recording = Recording(
            audio_id=audio_id, lossless=True, sample_rate_hz=44_100, channels=2, samples=9
        )
        recordings.identify_master(session, asset_id, recording)
        tracks.mark_encoding(session, track_id, audio_id)
        recordings.add_asset(session, asset_id, audio_id, "r1")
        tracks.mark_audio_ready(session, audio_id, asset_id)
    return track_id
