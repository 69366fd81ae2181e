"""A server that knows listeners, with a track that plays; and a catalogue in this process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from legato.catalog import tracks
from legato.catalog.accounts import tenants
from legato.catalog.database import Database
from legato.catalog.objects import recordings
from legato.catalog.objects.recordings import Recording
from legato.catalog.rights import rights
from legato.catalog.rights.rights import Deal
from legato.catalog.tracks import Metadata
from legato.deployment import Deployment
from tests.origin.playback.signed_tokens import pem_settings, token
from tests.running import ReadyTrack, RunningServer

EDGE_SECRET = "what-the-edge-and-we-know"  # noqa: S105 - of this test's own server
ASSET_ID = "ab" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A running server and a track on it, whose deals a test may set."""

    server: RunningServer
    track: ReadyTrack
    database: Database

    def play(self, bearer: str | None = None, **headers: str) -> httpx.Response:
        """Press play; header names are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if bearer is not None:
            sent["authorization"] = f"Bearer {bearer}"
        return self.server.web.post(f"/v1/tracks/{self.track.track_id}/play", headers=sent)

    def set_deals(self, *deals: Deal) -> None:
        with self.database.write() as session:
            if deals:
                rights.replace_deals(session, self.track.track_id, deals)
            else:
                rights.remove_deals(session, self.track.track_id)

    def change(self, **changes: object) -> None:
        """PATCH the track as its owner."""
        answer = self.server.api.patch(f"/v1/tracks/{self.track.track_id}", json=changes)
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="package")
def listening(
    tmp_path_factory: pytest.TempPathFactory, edge_case: Callable[[str], Path]
) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("listening")
    env = {
        "LEGATO_JWT_KEYS": pem_settings(folder),
        "LEGATO_EDGE_SECRET": f"the-one-of-before, {EDGE_SECRET}",
        "LEGATO_COUNTRY_HEADER": "X-Country",
        "LEGATO_CLIENT_ADDRESS_HEADER": "X-Listener",
    }
    with RunningServer(folder / "data", env) as server:
        server.web.headers["x-legato-edge-secret"] = EDGE_SECRET
        track = server.ready_track(edge_case("exactly-5-seconds.flac"), title="Five seconds")
        database = Database(f"sqlite:///{server.data}/catalog.sqlite3")
        yield Stage(server=server, track=track, database=database)
        database.close()


@pytest.fixture
def stage(listening: Stage) -> Stage:
    """As it was at first: private, and without a deal."""
    listening.set_deals()
    listening.change(public=False)
    return listening


@pytest.fixture
def free() -> str:
    """The token of a listener who pays nothing."""
    return token()


@pytest.fixture
def premium() -> str:
    return token(tier="premium")


@pytest.fixture
def track_id(deployment: Deployment) -> str:
    """A ready track of the catalogue in this process."""
    with deployment.database.write() as session:
        recordings.add_master(session, "m1", 1000)
        track_id = tracks.add_track(
            session,
            tenant_id=tenants.ensure_tenant(session),
            master_id="m1",
            metadata=Metadata(title="Daybreak", artist="The House Ensemble"),
            file_name="daybreak.flac",
            public=True,
        )
        recording = Recording(
            audio_id="a1", lossless=True, sample_rate_hz=44_100, channels=2, samples=220_500
        )
        recordings.identify_master(session, "m1", recording)
        tracks.mark_encoding(session, track_id, "a1")
        asset_id = recordings.add_asset(session, ASSET_ID, "a1", "r1")
        tracks.mark_audio_ready(session, "a1", asset_id)
    return track_id
