"""What was acknowledged is neither refused nor lost for a wrong setting of ours, or the store's."""

from pathlib import Path

import pytest

from legato.catalog import tracks
from legato.catalog.accounts import tenants
from legato.catalog.objects.uploads import Announced, Described, Upload, UploadState
from legato.deployment import Deployment
from legato.errors import BadInput, LegatoError, NotFound, Unavailable
from legato.ingest.intake import Intake
from legato.ingest.uploads.direct import DirectIntake
from legato.ingest.uploads.sweep import UploadSweep
from legato.settings import Settings
from legato.storage.direct_uploads import incoming_key
from legato.storage.local import LocalStore
from tests.uploads.store_in_memory import PartsInMemory
from tests.uploads.test_interrupted import DATA, append, begun, files_left, sweep_of


def test_a_store_that_is_named_wrongly_costs_no_upload(
    deployment: Deployment, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begun(deployment)
    append(deployment, upload, DATA)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost:8333")
    wrong = Deployment(settings.model_copy(update={"store": "s3://bucket"}))

    UploadSweep(wrong.uploads, wrong.database, settings.upload_ttl_s).finish_interrupted()
    wrong.database.close()

    assert deployment.uploads.find(upload.upload_id).state is UploadState.RECEIVING
    assert [path.read_bytes() for path in files_left(deployment) if not path.suffix] == [DATA]
    sweep_of(deployment).finish_interrupted()
    assert deployment.uploads.find(upload.upload_id).state is UploadState.FINISHED


def test_one_that_nobody_foresaw_keeps_no_other_from_its_turn(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    those = sorted((begun(deployment) for _ in range(2)), key=lambda one: one.upload_id)
    for one in those:
        append(deployment, one, DATA)
    first, second = (one.upload_id for one in those)
    finish = deployment.uploads.finish

    def poisoned(upload: Upload, *more: object) -> Upload:
        if upload.upload_id == first:
            raise ZeroDivisionError
        return finish(upload, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(deployment.uploads, "finish", poisoned)
    sweep_of(deployment).finish_interrupted()

    assert deployment.uploads.find(second).state is UploadState.FINISHED


class _MisledStore(LocalStore):
    """Raises `error` for a while, wherever `at` says."""

    error: LegatoError | None = None
    at = ""

    def put_file(self, key: str, path: Path, *, media_type: str) -> None:
        self._fail("put_file")
        super().put_file(key, path, media_type=media_type)

    def read(self, key: str, offset: int = 0, size: int | None = None) -> bytes:
        self._fail("read")
        return super().read(key, offset, size)

    def _fail(self, at: str) -> None:
        if self.error is not None and at == self.at:
            raise self.error


@pytest.mark.parametrize("at", ["put_file", "read"])
@pytest.mark.parametrize("error", [BadInput("bad_setting", "no"), NotFound("no_object", "gone")])
def test_a_direct_upload_waits_for_the_store_to_be_right(
    deployment: Deployment, settings: Settings, at: str, error: LegatoError
) -> None:
    store = _MisledStore(settings.data / "objects")
    direct, upload = complete(deployment, store, settings)
    store.error, store.at = error, at

    with pytest.raises(Unavailable, match=error.code):
        direct.receive(upload, "worker")

    assert direct.find(upload.upload_id).state is UploadState.RECEIVING
    assert store.size(incoming_key(upload.upload_id)) == len(DATA)
    store.error = None
    direct.receive(upload, "worker")
    assert direct.find(upload.upload_id).state is UploadState.FINISHED


def test_a_direct_upload_that_was_let_in_is_taken_though_less_is_let_in_now(
    deployment: Deployment, settings: Settings
) -> None:
    direct, upload = complete(
        deployment, LocalStore(settings.data / "objects"), settings, max_bytes=len(DATA) - 1
    )

    direct.receive(upload, "worker")

    with deployment.database.read() as session:
        track_id = direct.find(upload.upload_id).track_id or ""
        assert tracks.find_track(session, track_id).file_name == "master.wav"


def complete(
    deployment: Deployment, store: LocalStore, settings: Settings, max_bytes: int = 1 << 30
) -> tuple[DirectIntake, Upload]:
    """An upload that was begun with the usual settings, and waits for a worker with other ones."""
    with deployment.database.write() as session:
        tenant_id = tenants.ensure_tenant(session)
    intake = Intake(deployment.database, store, settings.scratch, max_bytes)
    parts = PartsInMemory(store)
    direct = DirectIntake(deployment.database, store, parts, intake, settings)
    upload = direct.begin(
        Announced(
            tenant_id=tenant_id, size_bytes=len(DATA), file_name="master.wav",
            described=Described(),
        ),
        "somebody",
    )  # fmt: skip
    direct.complete(upload, [parts.put(upload, 1, DATA)])
    return direct, direct.find(upload.upload_id)
