"""A takedown: one transaction, then every edge until it has confirmed."""

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from legato.catalog import denials, purges, takedowns, tracks
from legato.catalog.denials import FOR_GOOD_S, Denial, DenialKind
from legato.catalog.schema import PurgeRow
from legato.deployment import Deployment
from legato.errors import BadInput, NotFound
from legato.origin.edges.configured import configured_edges
from legato.origin.edges.purging import Purging, delay_after
from legato.origin.edges.takedown import restore, take_down
from legato.settings import Settings
from tests.origin.edges.fake_edge import Answer, Asked, FakeEdge, nginx_answers
from tests.origin.edges.ready_track import ASSET_ID
from tests.running import wait_until

AddTrack = Callable[..., str]


@pytest.fixture
def settings(settings: Settings, fake_edge: FakeEdge) -> Settings:
    """Of a deployment with one edge, which wants a secret."""
    secret = "the-secret-of-the-edge"  # noqa: S105 - of nobody
    return settings.model_copy(update={"edges": f"nginx={fake_edge.url}", "edge_secret": secret})


@pytest.fixture
def purging(deployment: Deployment) -> Iterator[Purging]:
    purging = Purging(deployment.database, configured_edges(deployment.settings))
    yield purging
    purging.stop()


def denied(deployment: Deployment) -> dict[str, Denial]:
    with deployment.database.read() as session:
        return {one.kind: one for one in denials.current(session)}


def confirmed(deployment: Deployment) -> list[bool]:
    with deployment.database.read() as session:
        return [one.after_s is not None for one in purges.of_asset(session, ASSET_ID)]


def ask_now(deployment: Deployment, purging: Purging) -> int:
    """Ask every edge, whenever it is due; answers how many were asked."""
    with deployment.database.write() as session:
        session.execute(update(PurgeRow).values(due_at_ms=0))
    asked = purging.ask_due()
    for future in asked:
        future.result(10)
    return len(asked)


def test_a_takedown_marks_denies_and_purges(
    deployment: Deployment, add_ready_track: AddTrack, purging: Purging, fake_edge: FakeEdge
) -> None:
    track_id = add_ready_track()

    with capture_logs() as logs:
        done = take_down(deployment, track_id, "the artist asked")
        assert purging.ask_due() == []
        wait_until(lambda: [future.result(10) is None for future in purging.ask_due()])

    assert (done.track.takedown_reason, done.purged_asset) == ("the artist asked", ASSET_ID)
    assert {kind: one.subject for kind, one in denied(deployment).items()} == {
        "asset": ASSET_ID, "track": track_id,
    }  # fmt: skip
    assert fake_edge.purged == [ASSET_ID]
    taken, purged = logs
    assert (taken["event"], taken["track"], taken["asset"]) == (
        "track_taken_down", track_id, ASSET_ID,
    )  # fmt: skip
    assert (purged["event"], purged["asset"], purged["edge"]) == (
        "edge_purged", ASSET_ID, f"nginx={fake_edge.url}",
    )  # fmt: skip
    assert 2 <= purged["after_s"] < 5  # every origin denies it before an edge is asked


def test_an_asset_with_another_live_track_stays_at_the_edges(
    deployment: Deployment, add_ready_track: AddTrack, purging: Purging, fake_edge: FakeEdge
) -> None:
    ours, theirs = add_ready_track(), add_ready_track(tenant="another")

    done = take_down(deployment, ours, "a reason")

    assert done.purged_asset is None
    assert list(denied(deployment)) == ["track"]
    assert (purging.ask_due(), confirmed(deployment), fake_edge.asked) == ([], [], [])

    assert take_down(deployment, theirs, "a reason").purged_asset == ASSET_ID


def test_a_second_takedown_changes_nothing(
    deployment: Deployment, add_ready_track: AddTrack, purging: Purging, fake_edge: FakeEdge
) -> None:
    track_id = add_ready_track()
    first = take_down(deployment, track_id, "first")
    before = denied(deployment)
    ask_now(deployment, purging)

    assert take_down(deployment, track_id, "second") == first

    assert denied(deployment) == before
    assert confirmed(deployment) == [True]
    assert fake_edge.purged == [ASSET_ID]


def test_a_takedowns_denials_last_as_long_as_the_track_is_down(
    deployment: Deployment, add_ready_track: AddTrack
) -> None:
    """Whatever anybody denies for shorter meanwhile, and whatever is withdrawn by mistake."""
    track_id = add_ready_track()
    take_down(deployment, track_id, "a reason")
    before = denied(deployment)
    assert {one.until_s for one in before.values()} == {FOR_GOOD_S}

    with deployment.database.write() as session:
        denials.deny(session, DenialKind.TRACK, track_id, grant_ttl_s=1)
    assert denied(deployment) == before

    with deployment.database.write() as session:
        denials.withdraw(session, DenialKind.TRACK, track_id)
        denials.withdraw(session, DenialKind.ASSET, ASSET_ID)
    take_down(deployment, track_id, "a reason")

    assert denied(deployment) == before


def test_what_cannot_be_recorded_is_told_and_asked_again(
    deployment: Deployment, add_ready_track: AddTrack, fake_edge: FakeEdge
) -> None:
    """The edge has confirmed, and the catalogue is away."""
    file = deployment.settings.data / "catalog.sqlite3"

    def lose_the_catalogue(asked: Asked) -> Answer:
        deployment.database.close()
        file.rename(file.with_name("away"))
        file.mkdir()
        return nginx_answers(asked)

    fake_edge.answer = lose_the_catalogue
    purging = Purging(deployment.database, configured_edges(deployment.settings))
    take_down(deployment, add_ready_track(), "a reason")

    with capture_logs() as logs:
        ask_now(deployment, purging)

    [told] = logs
    assert (told["event"], told["asset"], told["log_level"]) == (
        "purge_not_recorded", ASSET_ID, "error",
    )  # fmt: skip
    file.rmdir()
    file.with_name("away").rename(file)
    fake_edge.answer = nginx_answers
    assert (confirmed(deployment), ask_now(deployment, purging)) == ([False], 1)
    assert confirmed(deployment) == [True]
    purging.stop()


def test_an_edge_that_fails_as_nobody_foresaw_is_asked_again(
    deployment: Deployment, add_ready_track: AddTrack
) -> None:
    class Broken:
        name = configured_edges(deployment.settings)[0].name

        def purge(self, asset_id: str, requested_at_ms: int) -> None:
            raise ZeroDivisionError(asset_id, requested_at_ms)

    purging = Purging(deployment.database, [Broken()])
    take_down(deployment, add_ready_track(), "a reason")

    with capture_logs() as logs:
        ask_now(deployment, purging)

    assert [one["event"] for one in logs] == ["purge_failed", "edge_not_purged"]
    assert (logs[1]["again_in_s"], logs[1]["attempts"]) == (1.0, 1)
    purging.stop()


def test_an_edge_that_is_away_is_asked_until_it_is_back(
    deployment: Deployment, add_ready_track: AddTrack, purging: Purging, fake_edge: FakeEdge
) -> None:
    fake_edge.away()
    with capture_logs() as logs:
        take_down(deployment, add_ready_track(), "a reason")
        assert ask_now(deployment, purging) == 1
        assert confirmed(deployment) == [False]
        fake_edge.back()
        ask_now(deployment, purging)

    assert [one["event"] for one in logs] == ["track_taken_down", "edge_not_purged", "edge_purged"]
    assert (logs[1]["code"], logs[1]["again_in_s"]) == ("edge_away", 1.0)
    assert logs[1]["error"].endswith(": ConnectError")
    assert logs[2]["attempts"] == 2
    assert fake_edge.asked[-1].headers["x-legato-edge-secret"] == "the-secret-of-the-edge"
    assert "the-secret" not in repr(logs)


def test_an_edge_that_hangs_holds_up_no_other(
    deployment: Deployment, add_ready_track: AddTrack, fake_edge: FakeEdge
) -> None:
    release = Event()
    with FakeEdge() as slow:
        slow.answer = lambda asked: (release.wait(4), nginx_answers(asked))[1]
        both = deployment.settings.model_copy(
            update={"edges": f"nginx={slow.url},nginx={fake_edge.url}"}
        )
        purging = Purging(deployment.database, configured_edges(both))
        take_down(Deployment(both), add_ready_track(), "a reason")

        with deployment.database.write() as session:
            session.execute(update(PurgeRow).values(due_at_ms=0))
        futures = purging.ask_due()
        wait_until(lambda: sum(confirmed(deployment)) == 1, timeout_s=3)
        release.set()
        for future in futures:
            future.result(10)
        assert confirmed(deployment) == [True, True]
        purging.stop()


def test_an_edge_is_left_alone_longer_and_longer() -> None:
    delays = [delay_after(attempts) for attempts in (1, 2, 3, 9, 10, 10_000)]

    assert delays == [1.0, 2.0, 4.0, 256.0, 300.0, 300.0]


def test_a_restored_track_is_live_and_its_old_grants_stay_denied(
    deployment: Deployment, add_ready_track: AddTrack, purging: Purging, fake_edge: FakeEdge
) -> None:
    track_id = add_ready_track()
    take_down(deployment, track_id, "by mistake")
    promised_until_s = denied(deployment)["track"].denied_at_s

    restored = restore(deployment, track_id)

    assert (restored.taken_down_at_ms, restored.takedown_reason) == (None, None)
    assert list(denied(deployment)) == ["track"]
    assert denied(deployment)["track"].denied_at_s < promised_until_s
    assert (purging.ask_due(), confirmed(deployment), fake_edge.asked) == ([], [], [])

    with deployment.database.read() as session:
        before = denials.changes(session)
    restore(deployment, track_id)
    with deployment.database.read() as session:
        assert denials.changes(session) == before
        assert takedowns.live_tracks(session, ASSET_ID) == [track_id]


def test_a_takedown_after_a_restore_purges_anew(
    deployment: Deployment, add_ready_track: AddTrack, purging: Purging, fake_edge: FakeEdge
) -> None:
    track_id = add_ready_track()
    for _ in range(2):
        take_down(deployment, track_id, "a reason")
        ask_now(deployment, purging)
        restore(deployment, track_id)

    assert fake_edge.purged == [ASSET_ID] * 2


def test_nobody_takes_down_what_is_not_theirs_and_a_bad_setting_leaves_the_track(
    deployment: Deployment, add_ready_track: AddTrack
) -> None:
    track_id = add_ready_track()
    with pytest.raises(NotFound):
        take_down(deployment, track_id, "why", tenant_id="x")
    with pytest.raises(NotFound):
        restore(deployment, track_id, tenant_id="x")
    broken = Deployment(deployment.settings.model_copy(update={"edges": "varnish=x"}))
    with pytest.raises(BadInput):
        take_down(broken, track_id, "why")

    assert denied(deployment) == {}
    with deployment.database.read() as session:
        assert tracks.find_track(session, track_id).taken_down_at_ms is None
