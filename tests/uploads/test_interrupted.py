"""Killed at any moment, an upload loses nothing that was acknowledged, and makes one track."""

import hashlib
import os
import random
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from legato.catalog import tracks
from legato.catalog.accounts import audit, tenants
from legato.catalog.objects import uploads
from legato.catalog.objects.uploads import Announced, Described, Upload, UploadState
from legato.deployment import Deployment
from legato.errors import Unavailable
from legato.ingest.intake import Intake
from legato.ingest.uploads.running_hash import RunningHash
from legato.ingest.uploads.sweep import UploadSweep
from legato.ingest.uploads.uploads import Uploads
from legato.settings import Settings
from legato.storage.local import LocalStore
from tests.running import RunningServer, wait_until
from tests.uploads.half_sent import HalfSent
from tests.uploads.tus import TusClient, stored, tracks_named

DATA = os.urandom(300_000)
UVICORNS_PATIENCE_S = 8


def begun(deployment: Deployment, size: int = len(DATA)) -> Upload:
    with deployment.database.write() as session:
        tenant_id = tenants.ensure_tenant(session)
    announced = Announced(
        tenant_id=tenant_id, size_bytes=size, file_name="master.bin",
        described=Described(title="Title"),
    )  # fmt: skip
    return deployment.uploads.begin(announced, "somebody")


def append(deployment: Deployment, upload: Upload, data: bytes) -> None:
    file = deployment.uploads.folder.hold(upload.upload_id)
    assert file is not None
    with file:
        file.append(data)
        file.sync()


def sweep_of(deployment: Deployment) -> UploadSweep:
    return UploadSweep(deployment.uploads, deployment.database, deployment.settings.upload_ttl_s)


def track_ids(deployment: Deployment, upload: Upload) -> list[str]:
    with deployment.database.read() as session:
        return [one.track_id for one in tracks.list_tracks(session, upload.tenant_id, limit=10)]


def files_left(deployment: Deployment) -> list[Path]:
    """But for the folder's own name."""
    found = (deployment.settings.scratch / "uploads").iterdir()
    return [path for path in found if not path.name.startswith(".")]


def test_whole_uploads_that_nobody_finished_are_finished_once(deployment: Deployment) -> None:
    whole, part = begun(deployment), begun(deployment)
    append(deployment, whole, DATA)
    append(deployment, part, DATA[:1000])

    for _ in range(2):
        sweep_of(deployment).finish_interrupted()

    finished = deployment.uploads.find(whole.upload_id)
    assert finished.state is UploadState.FINISHED
    assert finished.master_id == hashlib.sha256(DATA).hexdigest()
    assert track_ids(deployment, whole) == [finished.track_id]
    assert deployment.uploads.find(part.upload_id).state is UploadState.RECEIVING
    assert [path.name for path in files_left(deployment)] == [part.upload_id]


def uploads_to(store: LocalStore, deployment: Deployment, settings: Settings) -> Uploads:
    """The deployment's, but for where masters are stored."""
    intake = Intake(deployment.database, store, settings.scratch, settings.max_upload_bytes)
    return Uploads(deployment.database, intake, settings)


class _DyingStore(LocalStore):
    """Stores a file, and is gone before anybody hears of it."""

    def put_file(self, key: str, path: Path, *, media_type: str) -> None:
        super().put_file(key, path, media_type=media_type)
        raise Unavailable("store_unavailable", "gone")


def test_one_that_dies_between_store_and_catalogue_makes_one_track(
    deployment: Deployment, settings: Settings
) -> None:
    upload = begun(deployment)
    append(deployment, upload, DATA)
    dying = uploads_to(_DyingStore(settings.data / "objects"), deployment, settings)

    file = dying.folder.hold(upload.upload_id)
    assert file is not None
    with file, pytest.raises(Unavailable):
        dying.finish(upload, file, RunningHash(), "somebody")
    assert track_ids(deployment, upload) == []

    sweep_of(deployment).finish_interrupted()
    assert track_ids(deployment, upload) == [deployment.uploads.find(upload.upload_id).track_id]
    assert files_left(deployment) == []


class _AwayStore(LocalStore):
    """Stores nothing until it is back."""

    back = False

    def put_file(self, key: str, path: Path, *, media_type: str) -> None:
        if not self.back:
            raise Unavailable("store_unavailable", "away")
        super().put_file(key, path, media_type=media_type)


def test_while_the_store_is_away_an_upload_is_read_once_however_often_it_is_tried(
    deployment: Deployment, settings: Settings
) -> None:
    upload = begun(deployment)
    append(deployment, upload, DATA)
    store = _AwayStore(settings.data / "objects")
    those = uploads_to(store, deployment, settings)
    sweep = UploadSweep(those, deployment.database, settings.upload_ttl_s)

    sweep.finish_interrupted()
    known = those.hashes.take(upload.upload_id)
    assert known.position == len(DATA)
    file = those.folder.hold(upload.upload_id)
    assert file is not None
    with file:
        those.hashes.keep(upload.upload_id, known, file)
    sweep.finish_interrupted()
    store.back = True
    sweep.finish_interrupted()

    assert those.hashes.take(upload.upload_id).position == 0  # nobody needs it any more
    assert those.find(upload.upload_id).master_id == hashlib.sha256(DATA).hexdigest()
    assert files_left(deployment) == []


def test_what_nobody_goes_on_with_expires_but_a_whole_upload_never(deployment: Deployment) -> None:
    part, whole, moving = (begun(deployment) for _ in range(3))
    append(deployment, part, DATA[:1000])
    append(deployment, whole, DATA)
    with deployment.database.write() as session:
        for upload in (part, whole):
            uploads.prolong(session, upload.upload_id, -1)

    sweep_of(deployment).remove_expired()

    states = [deployment.uploads.find(one.upload_id).state for one in (part, whole, moving)]
    assert states == [UploadState.EXPIRED, UploadState.FINISHED, UploadState.RECEIVING]
    assert files_left(deployment) == []


def test_every_change_of_an_upload_is_in_the_audit_log(deployment: Deployment) -> None:
    upload, other = begun(deployment), begun(deployment)
    append(deployment, upload, DATA)
    with deployment.database.write() as session:
        uploads.prolong(session, other.upload_id, -1)

    sweep_of(deployment).finish_interrupted()
    sweep_of(deployment).remove_expired()

    with deployment.database.read() as session:
        entries = audit.entries(session, upload.tenant_id, limit=100)
    told = {(one.action, one.subject, one.actor) for one in entries}
    assert told >= {
        ("upload.created", upload.upload_id, "somebody"),
        ("upload.finished", upload.upload_id, audit.WORKER),
        ("upload.ended", other.upload_id, audit.WORKER),
    }


class _KilledServer:
    """A server that is killed and started anew, with whoever uploads to it."""

    def __init__(self, data: Path) -> None:
        self.server = RunningServer(data)
        self.server.start()

    def upload(self, data: bytes, name: str, kills: list[int]) -> dict[str, Any]:
        """Send a file; each time so much of it has arrived, the power fails."""
        place = TusClient(http=self.server.api).begun(len(data), filename=name)
        for kill_at in kills:
            self._send_until_killed(place, data, kill_at)
            self.server.start()
        tus = TusClient(http=self.server.api)
        offset = tus.offset(place)
        if offset < len(data):
            assert tus.send(place, offset, data[offset:]).status_code == 204
        view: dict[str, Any] = self.server.api.get(place).json()
        return view

    def _send_until_killed(self, place: str, data: bytes, kill_at: int) -> None:
        offset = TusClient(http=self.server.api).offset(place)
        headers = {"authorization": f"Bearer {self.server.api_key}"}
        acknowledged: list[int] = []

        def send() -> None:
            with (
                suppress(httpx.TransportError),
                httpx.Client(base_url=self.server.url, headers=headers) as http,
            ):
                answer = TusClient(http=http).send(place, offset, data[offset:])
                acknowledged.append(int(answer.headers["upload-offset"]))

        sending = threading.Thread(target=send)
        sending.start()
        file = self.server.data / "scratch" / "uploads" / place.rpartition("/")[2]
        wait_until(lambda: acknowledged or (file.exists() and file.stat().st_size >= kill_at))
        self.server.kill()
        sending.join()


@pytest.fixture
def killed(tmp_path: Path) -> Any:
    running = _KilledServer(tmp_path / "data")
    yield running
    running.server.kill()


def test_a_server_that_is_killed_goes_on_where_it_was(killed: _KilledServer) -> None:
    """In mid-upload, and when all of it had arrived."""
    data = os.urandom(30_000_000)

    view = killed.upload(data, "killed.bin", [10_000_000, len(data)])

    assert (view["state"], view["offset"]) == ("finished", len(data))
    [track] = tracks_named(killed.server, "killed.bin")
    assert track["track_id"] == view["track_id"]
    assert stored(killed.server, data)


def test_a_server_that_is_stopped_waits_for_no_upload(killed: _KilledServer) -> None:
    tus = TusClient(http=killed.server.api)
    place = tus.begun(1000)

    with HalfSent(killed.server, place, 0, 1000, b"half"):
        wait_until(lambda: killed.server.api.get(place).json()["offset"] == 4)
        started = time.monotonic()
        assert killed.server.stop() == 0
        assert time.monotonic() - started < UVICORNS_PATIENCE_S

    assert (killed.server.data / "scratch" / place.removeprefix("/v1/")).read_bytes() == b"half"


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_any_number_of_kills_lose_and_double_nothing(killed: _KilledServer) -> None:
    """Ten uploads of 60 MB, each with three power cuts at random points: ten tracks."""
    seed = random.Random(5)
    for number in range(10):
        data = seed.randbytes(60_000_000)
        view = killed.upload(data, f"{number}.bin", sorted(seed.sample(range(len(data)), 3)))
        assert view["state"] == "finished"
        assert [one["track_id"] for one in tracks_named(killed.server, f"{number}.bin")] == [
            view["track_id"]
        ]
        assert stored(killed.server, data)
