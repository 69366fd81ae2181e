"""Two masters of one performance are one review, for the operator's eyes alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from legato.catalog import reviews
from legato.catalog.accounts import api_keys, audit, tenants
from legato.catalog.accounts.api_keys import Scope
from legato.catalog.accounts.tenants import TenantKind
from legato.catalog.reviews import Review, ReviewState
from legato.catalog.schema import ReviewRow, TrackRow
from legato.deployment import Deployment
from legato.errors import BadInput, NotFound
from legato.ingest.fingerprint import compare
from legato.settings import Settings
from tests.fingerprint.masters import MASTERINGS, remaster
from tests.fingerprint.recordings import enter
from tests.running import RunningServer

Hear = Callable[..., int]
LIMITED = MASTERINGS["limited by 9 dB"]


@pytest.fixture(scope="session")
def remastered(album: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first piece of the album, by another mastering engineer."""
    path = tmp_path_factory.mktemp("remastered") / "01.wav"
    return remaster(album[0], path, LIMITED, length_s=45)


@pytest.fixture
def hear(deployment: Deployment) -> Hear:
    """What a worker does for a new recording; answers how many reviews that has entered."""

    def hear(audio_id: str, master: Path, tenant: str = "local") -> int:
        enter(deployment, audio_id, tenant)
        return compare(deployment.database, deployment.ffmpeg.path, audio_id, master)

    return hear


def queue(deployment: Deployment, state: ReviewState | None = None) -> list[Review]:
    with deployment.database.read() as session:
        return reviews.list_reviews(session, state, limit=100)


def test_two_masters_of_a_performance_are_one_review_and_another_piece_is_none(
    deployment: Deployment, hear: Hear, album: list[Path], remastered: Path
) -> None:
    entered = [
        hear("first", album[0]), hear("another piece", album[1], "another label"),
        hear("second", remastered, "another label"),
    ]  # fmt: skip

    assert entered == [0, 0, 1]
    [review] = queue(deployment)
    assert (review.audio_ids, review.state) == (("first", "second"), ReviewState.OPEN)
    assert 0.85 < review.similarity < 1
    with deployment.database.read() as session:
        sides = [reviews.tracks_in_review(session, one) for one in review.audio_ids]
    assert [[track.tenant for track in side] for side in sides] == [["local"], ["another label"]]


def test_what_is_compared_again_is_asked_about_once(
    deployment: Deployment, hear: Hear, album: list[Path], remastered: Path
) -> None:
    """Also from the other side, and after a decision."""
    hear("first", album[0])
    hear("second", remastered)
    [review] = queue(deployment)
    with deployment.database.write() as session:
        found = ReviewState.DIFFERENT
        reviews.decide(session, review.review_id, found, note=None, actor=audit.COMMAND_LINE)
    nowhere = Path("/nowhere")  # the words are known: the master is not read again

    again = [
        compare(deployment.database, deployment.ffmpeg.path, one, nowhere)
        for one in ("first", "second")
    ]

    assert again == [0, 0]
    assert [one.state for one in queue(deployment)] == [ReviewState.DIFFERENT]


def test_a_comparison_that_was_broken_off_is_made_up_for(
    deployment: Deployment, hear: Hear, album: list[Path], remastered: Path
) -> None:
    """Whoever was killed after its fingerprint was kept looks at the others the next time."""
    hear("second", remastered)
    hear("first", album[0])
    [review] = queue(deployment)
    with deployment.database.write() as session:
        session.delete(session.get_one(ReviewRow, review.review_id))

    assert compare(deployment.database, deployment.ffmpeg.path, "first", album[0]) == 1


def test_a_recording_that_no_track_has_any_more_is_left_alone(
    deployment: Deployment, hear: Hear, album: list[Path], remastered: Path
) -> None:
    hear("first", album[0])
    with deployment.database.write() as session:
        session.execute(update(TrackRow).values(deleted_at_ms=1))

    assert hear("second", remastered) == 0


def test_what_does_not_decode_has_no_fingerprint_and_hinders_nothing(
    hear: Hear, edge_case: Callable[[str], Path]
) -> None:
    assert hear("no audio", edge_case("not-audio.flac")) == 0
    assert hear("silence", edge_case("silence.flac")) == 0
    assert hear("a moment", edge_case("one-sample.wav")) == 0


def test_a_decision_is_kept_with_its_reason_and_in_the_audit_log(deployment: Deployment) -> None:
    for audio_id in ("first", "second"):
        enter(deployment, audio_id, "local")
    with deployment.database.write() as session:
        assert reviews.add_review(session, "second", "first", 0.9)
        assert not reviews.add_review(session, "first", "second", 0.8)
        [review] = reviews.list_reviews(session, ReviewState.OPEN, limit=9)
        decided = reviews.decide(
            session, review.review_id, ReviewState.SAME, note="a remaster", actor="key 0123"
        )
        with pytest.raises(BadInput, match="expected same or different"):
            reviews.decide(session, review.review_id, ReviewState.OPEN, note=None, actor="key 0123")
        with pytest.raises(NotFound):
            reviews.decide(session, "0123", ReviewState.SAME, note=None, actor="key 0123")
    with deployment.database.read() as session:
        [entry] = [one for one in audit.entries(session, limit=9) if "review" in one.action]

    assert (decided.state, decided.note) == (ReviewState.SAME, "a remaster")
    assert decided.decided_at_ms is not None
    assert (entry.actor, entry.subject, entry.tenant_id) == ("key 0123", review.review_id, None)
    assert entry.details == {"decision": "same", "note": "a remaster"}
    assert queue(deployment, ReviewState.OPEN) == []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """With one review, of two tenants' tracks."""
    with RunningServer(tmp_path_factory.mktemp("reviews") / "data") as running:
        deployment = beside(running)
        for audio_id, tenant in (("first", "one label"), ("second", "another label")):
            enter(deployment, audio_id, tenant)
        with deployment.database.write() as session:
            reviews.add_review(session, "first", "second", 0.93)
        deployment.database.close()
        yield running


def beside(server: RunningServer) -> Deployment:
    """The same catalogue, in this process."""
    return Deployment(Settings(data=server.data, _env_file=None))


def client(server: RunningServer, kind: TenantKind, *scopes: Scope) -> httpx.Client:
    deployment = beside(server)
    with deployment.database.write() as session:
        name = f"{kind} {' '.join(scopes)}"
        tenant_id = tenants.create_tenant(session, name, kind).tenant_id
        key = api_keys.create_api_key(session, tenant_id, "a test", frozenset(scopes))
    deployment.database.close()
    return httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {key}"})


def test_the_operator_reads_and_decides(server: RunningServer) -> None:
    with client(server, TenantKind.OPERATOR, *Scope) as operator:
        [review] = operator.get("/v1/reviews?state=open").json()["reviews"]
        path = f"/v1/reviews/{review['review_id']}"
        wrong = operator.post(path, json={"decision": "open"})
        decided = operator.post(path, json={"decision": "same", "note": "a remaster"}).json()
        missing = operator.post("/v1/reviews/0123", json={"decision": "same"})

    sides = review["recordings"]
    assert [side["tracks"][0]["tenant"] for side in sides] == ["one label", "another label"]
    assert review["similarity"] == 0.93
    assert (wrong.status_code, missing.status_code) == (422, 404)
    assert (decided["state"], decided["note"]) == ("same", "a remaster")


@pytest.mark.parametrize(
    ("kind", "scopes", "code"),
    [
        (TenantKind.ARTIST, tuple(Scope), "not_the_operator"),
        (TenantKind.LABEL, tuple(Scope), "not_the_operator"),
        (TenantKind.OPERATOR, (Scope.READ, Scope.UPLOAD), "scope"),
    ],
)
def test_nobody_else_learns_a_word(
    server: RunningServer, kind: TenantKind, scopes: tuple[Scope, ...], code: str
) -> None:
    with client(server, kind, *scopes) as somebody:
        answers = [
            somebody.get("/v1/reviews"),
            somebody.get("/v1/reviews?cursor=0123"),
            somebody.post("/v1/reviews/0123", json={"decision": "same"}),
        ]

    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (403, code)
        assert "label" not in answer.text.replace("of kind label", "")
    assert server.web.get("/v1/reviews").status_code == 401
