"""Direct uploads, while somebody else ends them, or the store or a worker is gone."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from legato.catalog import jobs, tracks
from legato.catalog.accounts import audit, tenants
from legato.catalog.jobs import JobKind
from legato.catalog.objects import uploads
from legato.catalog.objects.uploads import Announced, Described, Upload, UploadState
from legato.catalog.schema import UploadRow
from legato.deployment import Deployment
from legato.errors import BadInput, NotFound, Unavailable
from legato.ingest.uploads.direct import DirectIntake
from legato.origin.api.direct_uploads import DirectUploadView
from legato.storage.direct_uploads import Part, incoming_key
from tests.uploads.store_in_memory import PartsInMemory

BODY = b"a master of few bytes"


class KilledError(Exception):
    """The process was killed there."""


@pytest.fixture
def parts(deployment: Deployment) -> PartsInMemory:
    return PartsInMemory(deployment.store)


@pytest.fixture
def direct(deployment: Deployment, parts: PartsInMemory) -> DirectIntake:
    return DirectIntake(
        deployment.database, deployment.store, parts, deployment.intake, deployment.settings
    )


@pytest.fixture
def announced(deployment: Deployment) -> Announced:
    with deployment.database.write() as session:
        tenant_id = tenants.ensure_tenant(session)
    return Announced(
        tenant_id=tenant_id, size_bytes=len(BODY), file_name="master.wav", described=Described()
    )


def sent(direct: DirectIntake, parts: PartsInMemory, announced: Announced) -> tuple[Upload, Part]:
    upload = direct.begin(announced, "somebody")
    return upload, parts.put(upload, 1, BODY)


def made_late(deployment: Deployment, upload: Upload) -> None:
    with deployment.database.write() as session:
        late = update(UploadRow).where(UploadRow.upload_id == upload.upload_id)
        session.execute(late.values(expires_at_ms=1))


def state(direct: DirectIntake, upload: Upload) -> UploadState:
    return direct.find(upload.upload_id).state


def is_stored(deployment: Deployment, upload: Upload) -> bool:
    try:
        return deployment.store.size(incoming_key(upload.upload_id)) > 0
    except NotFound:
        return False


def waits_for_a_worker(deployment: Deployment, upload: Upload) -> bool:
    with deployment.database.read() as session:
        return bool(jobs.unfinished(session, JobKind.RECEIVE, [upload.upload_id]))


def test_what_is_complete_never_expires(
    deployment: Deployment, direct: DirectIntake, parts: PartsInMemory, announced: Announced
) -> None:
    upload, part = sent(direct, parts, announced)
    direct.complete(upload, [part])
    made_late(deployment, upload)

    direct.remove_expired()

    assert state(direct, upload) is UploadState.RECEIVING
    assert is_stored(deployment, upload)


def test_what_is_complete_is_complete_once_more_however_late_and_whatever_became_of_it(
    deployment: Deployment, direct: DirectIntake, parts: PartsInMemory, announced: Announced
) -> None:
    as_begun, part = sent(direct, parts, announced)
    direct.complete(as_begun, [part])
    made_late(deployment, as_begun)

    direct.complete(as_begun, [part])  # as one who asked before the first was done
    direct.complete(direct.find(as_begun.upload_id), [part])
    assert is_stored(deployment, as_begun)

    direct.receive(direct.find(as_begun.upload_id), "worker")
    direct.complete(as_begun, [part])
    assert state(direct, as_begun) is UploadState.FINISHED


def test_two_complete_it_at_once_and_a_worker_is_faster_than_the_second(
    direct: DirectIntake, parts: PartsInMemory, announced: Announced
) -> None:
    upload, part = sent(direct, parts, announced)

    def first() -> None:
        parts.before_complete = lambda: None
        direct.complete(upload, [part])
        direct.receive(direct.find(upload.upload_id), "worker")

    parts.before_complete = first
    direct.complete(upload, [part])

    assert state(direct, upload) is UploadState.FINISHED


def test_two_complete_it_at_once_and_the_second_comes_too_late_to_take_it_back(
    deployment: Deployment, direct: DirectIntake, parts: PartsInMemory, announced: Announced
) -> None:
    upload, part = sent(direct, parts, announced)

    def first() -> None:
        parts.before_complete = lambda: None
        direct.complete(upload, [part])
        made_late(deployment, upload)

    parts.before_complete = first
    direct.complete(upload, [part])

    assert is_stored(deployment, upload)


def test_how_much_has_come_only_the_store_knows_until_it_is_complete(
    direct: DirectIntake, parts: PartsInMemory, announced: Announced
) -> None:
    upload, part = sent(direct, parts, announced)
    before = DirectUploadView.of(upload)
    direct.complete(upload, [part])
    after = DirectUploadView.of(direct.find(upload.upload_id))

    assert (before.upload.offset, after.upload.offset) == (None, len(BODY))


def test_what_the_store_may_still_have_is_not_forgotten(
    deployment: Deployment, direct: DirectIntake, parts: PartsInMemory, announced: Announced
) -> None:
    upload, _ = sent(direct, parts, announced)
    parts.before_abort = raising(Unavailable("store_unavailable", "away"))
    with pytest.raises(Unavailable):
        direct.abort(upload, "somebody")
    made_late(deployment, upload)

    with deployment.database.write() as session:
        uploads.forget(session, 0)
    parts.before_abort = lambda: None
    direct.remove_expired()
    assert parts.begun == {}

    with deployment.database.write() as session:
        uploads.forget(session, 0)
    with pytest.raises(NotFound):
        direct.find(upload.upload_id)


def test_what_is_late_is_ended_and_its_parts_are_gone(
    deployment: Deployment, direct: DirectIntake, parts: PartsInMemory, announced: Announced
) -> None:
    upload, part = sent(direct, parts, announced)
    made_late(deployment, upload)

    with pytest.raises(BadInput) as refused:
        direct.complete(upload, [part])
    direct.remove_expired()

    assert refused.value.code == "upload_over"
    assert state(direct, upload) is UploadState.EXPIRED
    assert parts.begun == {}


def test_one_that_is_ended_while_the_store_completes_it_is_not_acknowledged(
    deployment: Deployment, direct: DirectIntake, parts: PartsInMemory, announced: Announced
) -> None:
    upload, part = sent(direct, parts, announced)

    def end() -> None:
        with deployment.database.write() as session:
            uploads.end(session, upload.upload_id, UploadState.ENDED)

    parts.before_complete = end

    with pytest.raises(BadInput, match="ended"):
        direct.complete(upload, [part])

    assert not is_stored(deployment, upload)
    assert not waits_for_a_worker(deployment, upload)


def test_what_a_killed_process_left_in_the_store_goes_with_the_next_sweep(
    direct: DirectIntake, parts: PartsInMemory, announced: Announced
) -> None:
    upload, _ = sent(direct, parts, announced)
    parts.before_abort = raising(KilledError())
    with pytest.raises(KilledError):
        direct.abort(upload, "somebody")
    parts.before_abort = lambda: None

    direct.remove_expired()

    assert parts.begun == {}
    assert direct.find(upload.upload_id).store_upload_id is None


def test_a_store_that_is_away_takes_nothing_of_the_quota(
    deployment: Deployment,
    direct: DirectIntake,
    announced: Announced,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = raising(Unavailable("store_unavailable", "away"))
    monkeypatch.setattr(PartsInMemory, "begin", away)

    with pytest.raises(Unavailable):
        direct.begin(announced, "somebody")

    with deployment.database.read() as session:
        assert uploads.uploads_under_way(session, announced.tenant_id) == []


def test_received_twice_it_is_one_track_and_one_entry(
    deployment: Deployment, direct: DirectIntake, parts: PartsInMemory, announced: Announced
) -> None:
    upload, part = sent(direct, parts, announced)
    direct.complete(upload, [part])
    as_leased = direct.find(upload.upload_id)

    direct.receive(as_leased, "worker")
    with deployment.database.write() as session:
        jobs.enqueue(session, JobKind.RECEIVE, upload.upload_id)
    deployment.store.put(incoming_key(upload.upload_id), BODY, media_type="audio/wav")
    direct.receive(as_leased, "worker")

    assert state(direct, upload) is UploadState.FINISHED
    assert not is_stored(deployment, upload)
    with deployment.database.read() as session:
        [track] = tracks.list_tracks(session, announced.tenant_id, limit=10)
        noted = [entry.action for entry in audit.entries(session, limit=50)]
    assert direct.find(upload.upload_id).track_id == track.track_id
    assert noted.count("upload.finished") == 1
    assert "upload.ended" not in noted


def test_a_disk_that_is_full_leaves_the_upload_for_later(
    deployment: Deployment, direct: DirectIntake, parts: PartsInMemory, announced: Announced
) -> None:
    upload, part = sent(direct, parts, announced)
    direct.complete(upload, [part])

    def full(_done: int) -> None:
        raise Unavailable("no_space", "the disk is full")

    with pytest.raises(Unavailable):
        direct.receive(direct.find(upload.upload_id), "worker", full)

    assert state(direct, upload) is UploadState.RECEIVING
    assert is_stored(deployment, upload)


def raising(error: Exception) -> Callable[..., None]:
    def fail(*_args: object) -> None:
        raise error

    return fail
