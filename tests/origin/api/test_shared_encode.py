"""Tenants send one recording: only whose track began its encode is told how far that is."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest
from sqlalchemy.orm import Session

from legato.catalog import jobs, tracks
from legato.catalog.accounts import api_keys
from legato.catalog.jobs import JobKind
from legato.catalog.objects import recordings
from legato.catalog.process_identity import this_process
from legato.catalog.tracks import Metadata
from legato.deployment import Deployment
from legato.errors import Corrupt
from legato.ingest.encode_subject import encode_subject
from legato.ingest.heard import settle_identity
from tests.catalog.conftest import a_recording
from tests.running import RunningServer
from tests.tenants import made_tenant

AUDIO_ID: Final = "57" * 32
FIGURES: Final = {"stage": "encode", "fraction": 0.57, "times_real_time": 9, "seconds_left": 3}
NO_FIGURES: Final = {
    "stage": "queued", "fraction": 0, "times_real_time": None, "seconds_left": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A tenant of the server, and a client with its key."""

    catalogue: Deployment
    tenant_id: str
    client: httpx.Client

    def send(self) -> str:
        """A track of the recording, of which 57% are encoded by then."""
        with self.catalogue.database.write() as session:
            recordings.add_master(session, AUDIO_ID, 1000)
            track_id = tracks.add_track(
                session, tenant_id=self.tenant_id, master_id=AUDIO_ID, file_name="daybreak.flac",
                metadata=Metadata(title="Daybreak", artist="The House"),
            )  # fmt: skip
            settle_identity(session, track_id, AUDIO_ID, a_recording(AUDIO_ID))
            encode_a_part(session)
        return track_id

    def sees(self, track_id: str) -> list[dict[str, Any]]:
        """The progress as the track tells it, the list of tracks, and the first event."""
        track = self.client.get(f"/v1/tracks/{track_id}").json()
        every = self.client.get("/v1/tracks").json()["tracks"]
        [listed] = [one for one in every if one["track_id"] == track_id]
        return [one["progress"] for one in (track, listed, self._first_event(track_id))]

    def _first_event(self, track_id: str) -> dict[str, Any]:
        with self.client.stream("GET", f"/v1/tracks/{track_id}/events") as answer:
            data = next(line for line in answer.iter_lines() if line.startswith("data: "))
        event: dict[str, Any] = json.loads(data.removeprefix("data: "))
        return event


def encode_a_part(session: Session) -> None:
    """Whoever asked for the encode, it is this process that has it in hand."""
    job = jobs.find_job(session, JobKind.ENCODE, encode_subject(AUDIO_ID))
    assert job is not None
    if leased := jobs.lease(session, job.job_id, this_process(), 3600):
        session.expire_all()
        assert jobs.report(session, leased, 3600, FIGURES)


def sender(server: RunningServer, catalogue: Deployment, name: str) -> Sender:
    with catalogue.database.write() as session:
        tenant_id = made_tenant(session, name)
        key = api_keys.create_api_key(session, tenant_id, label="tests")
    client = httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {key}"})
    return Sender(catalogue=catalogue, tenant_id=tenant_id, client=client)


@pytest.fixture
def begins(server: RunningServer, beside: Deployment) -> Iterator[Sender]:
    """Who sends it first; in the end nobody waits for it any more."""
    begins = sender(server, beside, "begins")
    with begins.client:
        yield begins
    with beside.database.write() as session:
        jobs.cancel(session, JobKind.ENCODE, encode_subject(AUDIO_ID))
        tracks.mark_audio_failed(session, AUDIO_ID, Corrupt("encode_failed", "given up"))


@pytest.fixture
def joins(server: RunningServer, beside: Deployment) -> Iterator[Sender]:
    joins = sender(server, beside, "joins")
    with joins.client:
        yield joins


def test_who_joins_anothers_encode_sees_none_of_its_figures_and_who_began_it_all(
    begins: Sender, joins: Sender
) -> None:
    began, joined = begins.send(), joins.send()

    assert begins.sees(began) == [FIGURES] * 3
    assert joins.sees(joined) == [NO_FIGURES] * 3


def test_a_tenant_that_began_an_encode_sees_its_figures_at_each_of_its_tracks(
    begins: Sender,
) -> None:
    assert [begins.sees(begins.send()) for _ in range(2)] == [[FIGURES] * 3] * 2


def test_who_asks_after_the_encode_has_failed_for_another_begins_it_anew(
    begins: Sender, joins: Sender, beside: Deployment
) -> None:
    begins.send()
    with beside.database.write() as session:
        [job] = [one for one in jobs.running(session, JobKind.ENCODE) if AUDIO_ID in one.subject]
        error = Corrupt("encode_failed", "ffmpeg ended with 1")
        jobs.fail(session, job, error)
        tracks.mark_audio_failed(session, AUDIO_ID, error)

    assert joins.sees(joins.send()) == [FIGURES] * 3
