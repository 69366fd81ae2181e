"""Servers and workers with a scratch folder each, and one catalogue between them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import update

from legato.catalog.objects import uploads
from legato.catalog.objects.uploads import Upload, UploadState
from legato.catalog.schema import UploadRow
from legato.deployment import Deployment
from legato.errors import NotFound, Unavailable
from legato.ingest.uploads.sweep import UploadSweep
from legato.ingest.uploads.upload_folder import UploadFolder
from legato.settings import Settings
from tests.uploads.test_interrupted import DATA, append, begun, files_left, sweep_of
from tests.uploads.tus import TusClient

TTL_S = 3 * 24 * 3600


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Iterator[Deployment]:
    """The same catalogue and store, and another scratch folder that has had uploads too."""
    changed = {
        "data": tmp_path / "elsewhere",
        "database": settings.database_url,
        "store": settings.store_url,
    }
    other = Deployment(settings.model_copy(update=changed))
    begun(other)
    yield other
    other.database.close()


def not_moved_for(deployment: Deployment, upload: Upload, ttls: int) -> None:
    with deployment.database.write() as session:
        uploads.prolong(session, upload.upload_id, -TTL_S * (ttls - 1) - 1)


def test_what_is_whole_expires_nowhere_however_late_it_is(
    deployment: Deployment, elsewhere: Deployment
) -> None:
    upload = begun(deployment)
    append(deployment, upload, DATA)
    deployment.uploads.mark_complete(upload)
    not_moved_for(deployment, upload, ttls=3)

    sweep_of(elsewhere).remove_expired()

    assert deployment.uploads.find(upload.upload_id).state is UploadState.RECEIVING
    sweep_of(deployment).finish_interrupted()
    assert deployment.uploads.find(upload.upload_id).state is UploadState.FINISHED


def test_a_part_of_one_expires_where_it_arrives_unless_that_folder_is_lost(
    deployment: Deployment, elsewhere: Deployment
) -> None:
    upload = begun(deployment)
    append(deployment, upload, DATA[:1000])

    not_moved_for(deployment, upload, ttls=1)
    sweep_of(elsewhere).remove_expired()
    assert deployment.uploads.find(upload.upload_id).state is UploadState.RECEIVING

    not_moved_for(deployment, upload, ttls=2)
    sweep_of(elsewhere).remove_expired()
    with pytest.raises(NotFound):  # over for so long, it is forgotten at once
        deployment.uploads.find(upload.upload_id)
    sweep_of(deployment).finish_interrupted()
    assert files_left(deployment) == []


def test_another_folder_does_not_know_how_much_has_arrived(
    deployment: Deployment, elsewhere: Deployment
) -> None:
    upload = begun(deployment)
    append(deployment, upload, DATA[:1000])

    assert deployment.uploads.arrived(upload) == 1000
    assert elsewhere.uploads.arrived(upload) is None
    with pytest.raises(Unavailable, match="arrives in the scratch folder"):
        elsewhere.uploads.check_here(upload)


def test_a_client_hears_that_another_server_has_it(tus: TusClient, catalogue: Deployment) -> None:
    place = tus.begun(1000)
    assert tus.send(place, 0, b"some").status_code == 204
    with catalogue.database.write() as session:
        row = update(UploadRow).where(UploadRow.upload_id == place.rpartition("/")[2])
        session.execute(row.values(folder_id="another"))

    asked, sent, ended = tus.ask(place), tus.send(place, 4, b"more"), tus.end(place)

    assert [answer.status_code for answer in (asked, sent, ended)] == [503, 503, 503]
    assert sent.json()["code"] == "upload_elsewhere"
    assert asked.headers["retry-after"] == "1"
    assert "upload-offset" not in asked.headers
    assert tus.http.get(place).json()["offset"] is None


def test_a_folder_is_named_once_by_however_many(tmp_path: Path) -> None:
    root = tmp_path / "scratch" / "uploads"

    with ThreadPoolExecutor(8) as threads:
        named = set(threads.map(lambda _: UploadFolder(root).id(), range(16)))

    assert named == {UploadFolder(root).known_id()}
    assert UploadFolder(root).upload_ids() == []
    assert [path.name for path in root.iterdir()] == [".folder-id"]


def test_a_folder_that_is_moved_keeps_its_name_and_its_uploads(
    deployment: Deployment, settings: Settings, tmp_path: Path
) -> None:
    upload = begun(deployment)
    append(deployment, upload, DATA)
    changed = {"database": settings.database_url, "store": settings.store_url}
    moved = settings.scratch.rename(tmp_path / "scratch")

    there = Deployment(settings.model_copy(update={"data": moved.parent, **changed}))
    UploadSweep(there.uploads, there.database, TTL_S).finish_interrupted()
    there.database.close()

    assert there.uploads.find(upload.upload_id).state is UploadState.FINISHED
