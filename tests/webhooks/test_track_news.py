"""What a tenant is told of its tracks: with the change itself, in its order, and nobody else."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from legato.catalog import deletion, takedowns, tracks
from legato.catalog.accounts import tenants
from legato.catalog.news import webhooks
from legato.catalog.news.webhooks import Event
from legato.catalog.objects import recordings
from legato.catalog.objects.recordings import Recording
from legato.catalog.rights import rights
from legato.catalog.rights.release_times import awaited_query
from legato.catalog.rights.rights import Deal
from legato.catalog.schema import WebhookMessageRow
from legato.catalog.tracks import Metadata
from legato.deployment import Deployment
from legato.errors import BadInput, Corrupt
from legato.workers.webhooks.live import tell_what_is_live
from tests.origin.edges.ready_track import ASSET_ID, add_ready_track
from tests.tenants import made_tenant
from tests.webhooks.conftest import AddWebhook

START = datetime(2030, 1, 1)  # noqa: DTZ001 - a local time
# On New Zealand's clock, and Tonga's and Samoa's.
FIRST_MOMENT = datetime(2029, 12, 31, 11, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def entered(session: Session) -> list[dict[str, Any]]:
    """All messages, in the order they were entered."""
    rows = session.scalars(select(WebhookMessageRow).order_by(text("rowid")))
    return [json.loads(row.body) for row in rows]


def told(deployment: Deployment) -> list[str]:
    with deployment.database.read() as session:
        return [message["type"] for message in entered(session)]


def add_track(session: Session) -> str:
    """A track that waits for a worker."""
    recordings.add_master(session, ASSET_ID, 1000)
    return tracks.add_track(
        session, tenant_id=tenants.ensure_tenant(session), master_id=ASSET_ID,
        metadata=Metadata(title="Daybreak", artist="The House"), file_name="daybreak.flac",
    )  # fmt: skip


def test_a_track_that_becomes_ready_is_live_at_once_where_no_deal_says_else(
    deployment: Deployment, add_webhook: AddWebhook
) -> None:
    add_webhook()

    track_id = add_ready_track(deployment)

    with deployment.database.read() as session:
        ready, live = entered(session)
    assert (ready["type"], live["type"]) == ("track.ready", "track.live")
    assert ready["data"] == {
        "track_id": track_id, "state": "ready", "title": "Daybreak", "artist": "The House",
        "isrc": None, "asset_id": ASSET_ID, "error": None, "takedown_reason": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("end", "event"),
    [(tracks.mark_refused, "track.refused"), (tracks.mark_failed, "track.failed")],
)
def test_a_track_that_ends_badly_is_told_with_the_reason(
    deployment: Deployment,
    add_webhook: AddWebhook,
    end: Callable[[Session, str, Any], None],
    event: str,
) -> None:
    add_webhook()

    with deployment.database.write() as session:
        end(session, add_track(session), BadInput("no_audio", "nothing to hear"))
        [message] = entered(session)

    assert message["type"] == event
    assert message["data"]["error"] == {"code": "no_audio", "message": "nothing to hear"}


def test_every_track_that_failed_with_its_recording_is_told(
    deployment: Deployment, add_webhook: AddWebhook
) -> None:
    add_webhook()
    recording = Recording(
        audio_id="a1", lossless=True, sample_rate_hz=44_100, channels=2, samples=9
    )

    with deployment.database.write() as session:
        two = [add_track(session), add_track(session)]
        recordings.identify_master(session, ASSET_ID, recording)
        for track_id in two:
            tracks.mark_encoding(session, track_id, "a1")
        tracks.mark_audio_failed(session, "a1", Corrupt("internal", "the log says why"))
        messages = entered(session)

    assert [message["type"] for message in messages] == ["track.failed"] * 2
    assert {message["data"]["track_id"] for message in messages} == set(two)


def test_a_change_that_is_not_committed_is_told_to_nobody(
    deployment: Deployment, add_webhook: AddWebhook
) -> None:
    add_webhook()

    with suppress(ZeroDivisionError), deployment.database.write() as session:
        tracks.mark_refused(session, add_track(session), BadInput("no_audio", "nothing to hear"))
        assert len(entered(session)) == 1
        raise ZeroDivisionError

    assert told(deployment) == []


def test_only_who_listens_is_told_and_only_of_its_own_tracks(
    deployment: Deployment, add_webhook: AddWebhook
) -> None:
    with deployment.database.write() as session:
        other = made_tenant(session, "another")
    add_webhook(tenant_id=other)
    only_ready = add_webhook(events=frozenset({Event.TRACK_READY}))

    add_ready_track(deployment)

    with deployment.database.read() as session:
        [message] = webhooks.messages_of(session, only_ready, limit=9)
        assert len(entered(session)) == 1
    assert message.event is Event.TRACK_READY


def test_a_track_that_is_deleted_is_told_once_and_nothing_after_it(
    deployment: Deployment, add_webhook: AddWebhook
) -> None:
    track_id = add_ready_track(deployment)
    add_webhook()

    with deployment.database.write() as session:
        tenant_id = tenants.ensure_tenant(session)
        deletion.mark_deleted(session, track_id, tenant_id)
        deletion.mark_deleted(session, track_id, tenant_id)
        tracks.mark_failed(session, track_id, Corrupt("internal", "the log says why"))
        [message] = entered(session)

    assert (message["type"], message["data"]["track_id"]) == ("track.deleted", track_id)


def test_a_takedown_is_told_and_what_is_restored_is_live_again(
    deployment: Deployment, add_webhook: AddWebhook
) -> None:
    track_id = add_ready_track(deployment)
    add_webhook()

    with deployment.database.write() as session:
        takedowns.mark_taken_down(session, track_id, "the artist asked")
        takedowns.mark_taken_down(session, track_id, "once more")
        takedowns.mark_restored(session, track_id)
        messages = entered(session)

    assert [message["type"] for message in messages] == ["track.taken_down", "track.live"]
    assert [message["data"]["takedown_reason"] for message in messages] == [
        "the artist asked", None,
    ]  # fmt: skip


def test_a_track_is_live_when_the_first_of_its_territories_reads_its_release_date(
    deployment: Deployment, add_webhook: AddWebhook
) -> None:
    add_webhook(events=frozenset({Event.TRACK_LIVE}))
    under_deal(deployment, Deal(starts_at=START))

    tell_what_is_live(deployment.database, FIRST_MOMENT - SECOND)
    assert told(deployment) == []

    tell_what_is_live(deployment.database, FIRST_MOMENT)
    tell_what_is_live(deployment.database, FIRST_MOMENT)
    assert told(deployment) == ["track.live"]


@pytest.mark.parametrize(
    ("deal", "utc_hour"),
    [
        (Deal(starts_at=START, territories=frozenset({"DE"})), 23),
        (Deal(starts_at=START, excluded=frozenset({"AQ", "NZ", "TK", "TO", "WS"})), 12),
    ],
)
def test_a_territorys_own_clock_counts(
    deployment: Deployment, add_webhook: AddWebhook, deal: Deal, utc_hour: int
) -> None:
    at = datetime(2029, 12, 31, utc_hour, tzinfo=UTC)
    add_webhook(events=frozenset({Event.TRACK_LIVE}))
    under_deal(deployment, deal)

    tell_what_is_live(deployment.database, at - SECOND)
    assert told(deployment) == []

    tell_what_is_live(deployment.database, at)
    assert told(deployment) == ["track.live"]


def test_a_deal_that_is_over_and_a_track_that_is_down_are_not_live(
    deployment: Deployment, add_webhook: AddWebhook
) -> None:
    add_webhook(events=frozenset({Event.TRACK_LIVE}))
    under_deal(deployment, Deal(ends_at=START))
    down = under_deal(deployment, Deal(), asset_id="b6" * 32)
    with deployment.database.write() as session:
        takedowns.mark_taken_down(session, down, "the artist asked")

    tell_what_is_live(deployment.database, datetime(2031, 1, 1, tzinfo=UTC))

    assert told(deployment) == []


def under_deal(deployment: Deployment, deal: Deal, asset_id: str = ASSET_ID) -> str:
    """A track that had its deal before it was ready, as a label's has."""
    track_id = add_ready_track(deployment, asset_id)
    with deployment.database.write() as session:
        rights.add_deal(session, track_id, deal)
        session.execute(text("UPDATE tracks SET live_at_ms = NULL"))
        session.execute(text("DELETE FROM webhook_messages"))
    return track_id


def test_looking_for_what_is_live_reads_what_is_awaited_and_nothing_else(
    deployment: Deployment,
) -> None:
    asked = awaited_query(datetime.now(UTC), after="").limit(500)
    with deployment.database.read() as session:
        written = asked.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {written}")).all()

    assert "tracks USING INDEX ix_tracks_awaited" in str(plan)
    assert "SCAN" not in str(plan)
