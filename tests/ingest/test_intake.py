"""Taking masters in: spooled, stored, entered; nothing acknowledged is lost, nothing left."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from legato.catalog import jobs, tracks
from legato.catalog.accounts import tenants
from legato.catalog.jobs import JobKind, JobState
from legato.catalog.objects import recordings
from legato.catalog.track_state import TrackState
from legato.catalog.tracks import Metadata, Track
from legato.deployment import Deployment
from legato.errors import BadInput, NotFound
from legato.ingest.encode_subject import encode_subject
from legato.ingest.heard import Heard
from legato.ingest.identity import Identity
from legato.ingest.intake import Intake, Spooled, hear_later
from legato.ingest.master_key import master_key
from legato.ingest.submission import Submission
from legato.transcode.probe import Probe
from tests.gate.examinations import GOOD

BODY = bytes(range(256)) * 10_000
BODY_ID = hashlib.sha256(BODY).hexdigest()
IDENTITY = Identity(
    audio_id="a" * 64,
    probe=Probe(
        container="wav", codec="pcm_s16le", sample_rate_hz=44_100, channels=2, layout="stereo",
        sample_format="s16", duration_s=2.0,
    ),
    samples=88_200,
    examination=GOOD,
)  # fmt: skip


@pytest.fixture
def submission(deployment: Deployment) -> Submission:
    with deployment.database.write() as session:
        tenant_id = tenants.ensure_tenant(session)
    return Submission(
        tenant_id=tenant_id, metadata=Metadata(title="T", artist="A"), file_name="t.wav"
    )


def left_over(deployment: Deployment) -> list[Path]:
    scratch = deployment.settings.scratch
    return list(scratch.iterdir()) if scratch.exists() else []


def take(
    deployment: Deployment, submission: Submission, body: bytes, identity: Identity | None = None
) -> Track:
    with deployment.intake.spool(BytesIO(body)) as spooled:
        begin = Heard.of(identity).settle if identity is not None else hear_later
        track_id = deployment.intake.take(spooled, submission, begin=begin)
    with deployment.database.read() as session:
        return tracks.find_track(session, track_id)


def job_state(deployment: Deployment, kind: JobKind, subject: str) -> JobState | None:
    with deployment.database.read() as session:
        job = jobs.find_job(session, kind, subject)
    return job.state if job is not None else None


def stored_objects(deployment: Deployment) -> int:
    root = deployment.settings.data / "objects"
    return sum(path.is_file() for path in (root / "masters").rglob("*"))


@contextmanager
def spooled(deployment: Deployment, body: bytes) -> Iterator[Spooled]:
    with deployment.intake.spool(BytesIO(body)) as one:
        yield one


def test_spooling_hashes_and_counts_what_arrives(deployment: Deployment) -> None:
    with spooled(deployment, BODY) as one:
        assert (one.master_id, one.size_bytes) == (BODY_ID, len(BODY))
        assert one.path.read_bytes() == BODY
        assert one.path.parent == deployment.settings.scratch


def test_what_is_not_taken_in_is_gone(deployment: Deployment) -> None:
    with spooled(deployment, BODY):
        assert len(left_over(deployment)) == 1
    assert left_over(deployment) == []


def test_what_fails_while_it_is_spooled_leaves_nothing(deployment: Deployment) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= len(BODY):
                raise ConnectionResetError
            return super().read(size)

    with pytest.raises(ConnectionResetError), deployment.intake.spool(Broken(BODY)):
        pass
    with pytest.raises(ZeroDivisionError), spooled(deployment, BODY):
        raise ZeroDivisionError
    assert left_over(deployment) == []


def test_what_a_killed_process_left_goes_and_what_is_in_hand_or_young_stays(
    deployment: Deployment,
) -> None:
    with spooled(deployment, BODY) as in_hand:
        old, young = (in_hand.path.with_name(f"upload-{name}") for name in ("old", "young"))
        for path in (old, young):
            path.write_bytes(BODY)
        for path in (old, in_hand.path):
            os.utime(path, (0, 0))

        assert deployment.intake.remove_abandoned() == 1

        assert set(left_over(deployment)) == {young, in_hand.path}


@pytest.mark.parametrize(("size", "accepted"), [(1000, True), (1001, False), (5_000_000, False)])
def test_a_master_is_accepted_up_to_the_limit_and_not_a_byte_more(
    size: int, accepted: bool, deployment: Deployment
) -> None:
    intake = Intake(deployment.database, deployment.store, deployment.settings.scratch, 1000)
    source = BytesIO(bytes(size))
    if accepted:
        with intake.spool(source) as one:
            assert one.size_bytes == size
        return
    with pytest.raises(BadInput, match="more than 1000 bytes") as caught, intake.spool(source):
        pass
    assert caught.value.code == "too_large"
    assert source.tell() <= 1 << 20, "it went on reading past the limit"
    assert left_over(deployment) == []


def test_a_master_taken_in_is_stored_and_waits_to_be_identified(
    deployment: Deployment, submission: Submission
) -> None:
    track = take(deployment, submission, BODY)
    assert deployment.store.read(master_key(BODY_ID)) == BODY
    assert master_key(BODY_ID) == f"masters/{BODY_ID[:2]}/{BODY_ID}"
    assert (track.state, track.master_id, track.audio_id) == (TrackState.RECEIVED, BODY_ID, None)
    assert (track.metadata, track.file_name) == (submission.metadata, "t.wav")
    assert job_state(deployment, JobKind.IDENTIFY, track.track_id) is JobState.QUEUED
    assert left_over(deployment) == []


def test_an_identified_master_goes_straight_to_the_encoders(
    deployment: Deployment, submission: Submission
) -> None:
    track = take(deployment, submission, BODY, IDENTITY)
    assert (track.state, track.audio_id) == (TrackState.ENCODING, IDENTITY.audio_id)
    assert track.duration_s == 2.0
    subject = encode_subject(IDENTITY.audio_id)
    assert subject == f"r1/{IDENTITY.audio_id}"
    assert job_state(deployment, JobKind.ENCODE, subject) is JobState.QUEUED
    assert job_state(deployment, JobKind.IDENTIFY, track.track_id) is None


def test_the_same_master_twice_is_one_object_and_two_tracks(
    deployment: Deployment, submission: Submission
) -> None:
    first, second = (take(deployment, submission, BODY) for _ in range(2))
    assert first.track_id != second.track_id
    assert first.master_id == second.master_id
    assert stored_objects(deployment) == 1
    assert left_over(deployment) == []


def test_what_was_heard_of_a_master_is_known_of_the_same_bytes(
    deployment: Deployment, submission: Submission
) -> None:
    take(deployment, submission, BODY, IDENTITY)
    with deployment.database.read() as session:
        assert Heard.before(session, BODY_ID) == Heard.of(IDENTITY)
        assert Heard.before(session, "0" * 64) is None


def test_a_recording_that_has_been_encoded_is_ready_at_once(
    deployment: Deployment, submission: Submission
) -> None:
    take(deployment, submission, BODY, IDENTITY)
    with deployment.database.write() as session:
        recordings.add_asset(session, "b" * 64, IDENTITY.audio_id, "r1")
    other_wrapper = take(deployment, submission, BODY + b"tag", IDENTITY)
    assert (other_wrapper.state, other_wrapper.asset_id) == (TrackState.READY, "b" * 64)
    assert stored_objects(deployment) == 2


def test_two_wrappers_of_a_recording_are_encoded_once(
    deployment: Deployment, submission: Submission
) -> None:
    tracks_taken = [take(deployment, submission, BODY + bytes(i), IDENTITY) for i in range(3)]
    assert len({track.master_id for track in tracks_taken}) == 3
    with deployment.database.read() as session:
        assert len(jobs.free_jobs(session, limit=10)) == 1


def test_a_track_that_cannot_be_entered_leaves_no_track_and_no_scratch(
    deployment: Deployment,
) -> None:
    stranger = Submission(
        tenant_id="nobody", metadata=Metadata(title="T", artist="A"), file_name="t.wav"
    )
    with pytest.raises(NotFound, match="nobody"), spooled(deployment, BODY) as one:
        deployment.intake.take(one, stranger)
    with deployment.database.read() as session:
        assert tracks.list_tracks(session, "nobody", limit=10) == []
        assert jobs.free_jobs(session, limit=10) == []
    assert left_over(deployment) == []
