"""`POST /v1/tracks/{id}/play` on a real server: who may hear what, and why not."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from fixtures.edge_cases import SMALL
from legato.catalog import takedowns
from legato.catalog.rights.rights import Deal
from tests.origin.playback.conftest import Stage
from tests.origin.playback.signed_tokens import ec_key, forged, rsa_key, token
from tests.tenants import key_of

DAY = timedelta(days=1)
REASON = "a reason that is nobody else's business"


def local_now(days: float) -> datetime:
    """So many days from now, as a deal has it: Berlin's clock is near enough to UTC."""
    return (datetime.now(UTC) + days * DAY).replace(tzinfo=None, microsecond=0)


def error_of(answer: httpx.Response) -> tuple[int, str]:
    code: str = answer.json()["code"]
    return answer.status_code, code


def test_a_free_listener_is_given_what_stops_at_their_tier(stage: Stage, free: str) -> None:
    played = stage.play(free).json()

    assert played["renditions"] == ["vorbis-96", "vorbis-160", "aac-96", "aac-160"]
    assert played["hls_url"] == f"{played['base_url']}index-160.m3u8"
    playlist = stage.server.web.get(played["hls_url"])
    assert playlist.status_code == 200
    assert "aac-320" not in playlist.text
    fetched = {
        address: stage.server.web.get(played["base_url"] + address).status_code
        for address in ("aac-160/0.m4s", "vorbis-160.ogg", "aac-320/0.m4s", "vorbis-320.ogg")
    }
    assert list(fetched.values()) == [200, 200, 403, 403]


def test_a_premium_listener_is_given_all(stage: Stage, premium: str) -> None:
    played = stage.play(premium).json()

    assert len(played["renditions"]) == 6
    assert played["hls_url"] == f"{played['base_url']}index.m3u8"
    for address in ("index.m3u8", "aac-320/0.m4s", "vorbis-320/0.ogg"):
        assert stage.server.web.get(played["base_url"] + address).status_code == 200


def test_listeners_of_every_algorithm_are_heard(stage: Stage) -> None:
    for text in (token(), token(rsa_key(), "RS256", "r1"), token(ec_key(), "ES256", "e1")):
        assert stage.play(text).status_code == 200


def test_the_answer_is_kept_by_no_cache_and_is_as_the_api_says(stage: Stage, free: str) -> None:
    answer = stage.play(free)
    description = stage.server.web.get("/openapi.json").json()

    assert answer.headers["cache-control"] == "no-store"
    operation = description["paths"]["/v1/tracks/{track_id}/play"]["post"]
    said = {"200", "401", "403", "404", "409", "410", "422", "default"}
    assert set(operation["responses"]) == said
    fields = description["components"]["schemas"]["PlaybackSession"]["properties"]
    assert set(fields) == set(answer.json())


@pytest.mark.parametrize(
    ("bearer", "code"),
    [
        ("lk_of-nobody", "bad_api_key"),
        ("nonsense", "bad_listener_token"),
        (token(tier="gold"), "bad_listener_token"),
        (token(bytes(32)), "bad_listener_token"),
        (forged({"alg": "none", "kid": "h1"}, {"exp": 4_000_000_000}), "bad_listener_token"),
        (token(expires_in_s=-60), "expired_listener_token"),
    ],
    ids=["key", "nonsense", "tier", "forged", "none", "expired"],
)
def test_who_lies_about_who_they_are_plays_nothing_not_even_what_is_public(
    stage: Stage, bearer: str, code: str
) -> None:
    stage.change(public=True)

    refused = stage.play(bearer)

    assert error_of(refused) == (401, code)
    assert refused.headers["www-authenticate"] == "Bearer"
    assert bearer not in stage.server.log


def test_anybody_plays_a_public_track_at_the_least_tier(stage: Stage) -> None:
    stage.change(public=True)

    nothing = ("", "Bearer", "Basic YTpi")
    for headers in ({}, *({"authorization": one} for one in nothing)):
        played = stage.play(**headers)
        assert played.status_code == 200
        assert played.json()["hls_url"].endswith("/index-160.m3u8")


def test_nobody_learns_which_tracks_there_are(stage: Stage) -> None:
    path = f"/v1/tracks/{stage.track.track_id}/play"
    private, absent = stage.server.web.post(path), stage.server.web.post("/v1/tracks/0123/play")

    assert error_of(private) == (401, "no_api_key")
    assert private.content == absent.content
    differing = {"date", "server"}
    assert {k: v for k, v in private.headers.items() if k not in differing} == {
        k: v for k, v in absent.headers.items() if k not in differing
    }


def test_an_owner_hears_their_own_tracks_before_release_and_others_do_not(
    stage: Stage, premium: str
) -> None:
    stage.set_deals(Deal(territories=frozenset({"JP"}), starts_at=local_now(30)))

    played = stage.play(stage.server.api_key)

    assert played.status_code == 200
    assert len(played.json()["renditions"]) == 6
    assert error_of(stage.play(premium)) == (403, "not_licensed_here")


def test_another_tenants_key_finds_no_track_even_if_it_is_public(stage: Stage) -> None:
    stage.change(public=True)
    made = key_of(stage.server.data, "another")

    assert error_of(stage.play(made)) == (404, "no_track")


def test_a_listener_is_told_that_there_is_no_such_track(stage: Stage, free: str) -> None:
    headers = {"authorization": f"Bearer {free}"}

    answer = stage.server.web.post("/v1/tracks/0123/play", headers=headers)

    assert error_of(answer) == (404, "no_track")


def test_the_tokens_country_goes_before_the_edges(stage: Stage, free: str) -> None:
    stage.set_deals(Deal(territories=frozenset({"DE"})))

    assert stage.play(free, x_country="DE").status_code == 200
    assert stage.play(token(country="DE"), x_country="US").status_code == 200
    assert error_of(stage.play(free, x_country="US")) == (403, "not_licensed_here")
    assert error_of(stage.play(token(country="US"), x_country="DE")) == (403, "not_licensed_here")
    assert error_of(stage.play(free)) == (403, "not_licensed_here")
    assert error_of(stage.play(free, x_country="XX")) == (403, "not_licensed_here")


def test_a_country_is_believed_of_the_edge_alone(stage: Stage, free: str) -> None:
    stage.set_deals(Deal(territories=frozenset({"DE"})))

    for secret in ("", "wrong", "the-one-of-before, what-the-edge-and-we-know"):
        refused = stage.play(free, x_country="DE", x_legato_edge_secret=secret)
        assert error_of(refused) == (403, "not_licensed_here")
    before = stage.play(free, x_country="DE", x_legato_edge_secret="the-one-of-before")  # noqa: S106
    assert before.status_code == 200


def test_no_grant_outlives_its_deal(stage: Stage) -> None:
    """By default a grant is good for a day; this deal ends within hours."""
    ends_at = local_now(0.25)
    stage.set_deals(Deal(ends_at=ends_at))
    listener = token(country="GH")  # the clock of Accra is UTC

    played = stage.play(listener).json()

    assert played["expires_at"] == f"{ends_at.isoformat()}Z"
    seconds = int(played["base_url"].split("/t/1.")[1].split(".")[1])
    assert datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None) == ends_at


def test_a_deal_that_is_over_is_not_licensed_and_says_since_when(stage: Stage) -> None:
    ended = local_now(-1)
    stage.set_deals(Deal(ends_at=ended))

    refused = stage.play(token(country="GH"))

    assert error_of(refused) == (403, "not_licensed_here")
    assert f"until {ended.isoformat()}+00:00" in refused.json()["detail"]


def test_a_deal_for_premium_refuses_others_by_their_tier(
    stage: Stage, free: str, premium: str
) -> None:
    stage.set_deals(Deal(tiers=frozenset({"premium"})))
    stage.change(public=True)

    assert stage.play(premium).status_code == 200
    assert error_of(stage.play(free)) == (403, "tier")
    assert error_of(stage.play()) == (403, "tier")


def test_a_track_that_has_been_taken_down_plays_for_nobody(stage: Stage, premium: str) -> None:
    stage.change(public=True)
    track_id = stage.track.track_id
    with stage.database.write() as session:
        takedowns.mark_taken_down(session, track_id, REASON)
    try:
        refused = [stage.play(bearer) for bearer in (None, premium, stage.server.api_key)]
        assert [error_of(one) for one in refused] == [(410, "taken_down")] * 3
        assert "reason" not in refused[0].text
        shown = stage.server.track(track_id)
        assert (shown["state"], shown["takedown_reason"]) == ("ready", REASON)
        assert shown["taken_down_at"] > shown["created_at"]
        stage.change(public=False)
        assert error_of(stage.play()) == (401, "no_api_key")
    finally:
        with stage.database.write() as session:
            takedowns.mark_restored(session, track_id)


def test_a_track_that_is_not_ready_says_so_to_listeners(stage: Stage, free: str) -> None:
    uploaded = stage.server.upload(SMALL / "not-audio.flac").json()["track_id"]
    stage.server.final_track(uploaded)
    path = f"/v1/tracks/{uploaded}/play"

    heard = stage.server.web.post(path, headers={"authorization": f"Bearer {free}"})

    assert error_of(heard) == (409, "not_ready")
    assert error_of(stage.server.web.post(path)) == (401, "no_api_key")


def test_an_upload_may_be_public_at_once(stage: Stage) -> None:
    uploaded = stage.server.upload(SMALL / "not-audio.flac", public="true").json()
    stage.server.final_track(uploaded["track_id"])

    assert uploaded["public"] is True
    refused = stage.server.web.post(f"/v1/tracks/{uploaded['track_id']}/play")
    assert error_of(refused) == (409, "not_ready")


def test_a_change_changes_what_it_names_and_nothing_else(stage: Stage) -> None:
    stage.change(isrc="DEA123456789")
    before = stage.server.track(stage.track.track_id)

    stage.change(title="Another title", public=True)
    stage.change(isrc=None)
    after = stage.server.track(stage.track.track_id)

    assert {name for name in after if after[name] != before[name]} == {"title", "isrc", "public"}
    assert (after["title"], after["isrc"], after["public"]) == ("Another title", None, True)
    stage.change()
    assert stage.server.track(stage.track.track_id) == after


@pytest.mark.parametrize(
    "body",
    [
        {"title": None}, {"title": ""}, {"title": "x" * 501}, {"artist": None},
        {"public": None}, {"public": 7}, {"state": "ready"}, [], None,
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused(stage: Stage, body: object) -> None:
    path = f"/v1/tracks/{stage.track.track_id}"
    before = stage.server.track(stage.track.track_id)

    assert error_of(stage.server.api.patch(path, json=body)) == (422, "bad_request")
    assert error_of(stage.server.api.patch(path, json={"isrc": "none"})) == (400, "bad_isrc")

    assert stage.server.track(stage.track.track_id) == before


@pytest.mark.parametrize("title", [r"\ud800", r"\u0000", "\xff"])
def test_a_title_that_no_database_keeps_is_refused(stage: Stage, title: str) -> None:
    """Half a surrogate pair, NUL, and a byte that is no UTF-8."""
    body = f'{{"title": "{title}"}}'.encode("latin-1")
    headers = {"content-type": "application/json"}
    path = f"/v1/tracks/{stage.track.track_id}"

    answer = stage.server.api.patch(path, content=body, headers=headers)

    assert error_of(answer) in ((400, "bad_text"), (400, "bad_request"), (422, "bad_request"))
    assert "\0" not in stage.server.track(stage.track.track_id)["title"]


@pytest.mark.parametrize("name", ["%00", "%ff", "%ed%a0%80", "x" * 5000, "'--", "%2e%2e"])
def test_a_track_that_no_name_could_be_of_is_not_there(stage: Stage, free: str, name: str) -> None:
    headers = {"authorization": f"Bearer {free}"}

    answer = stage.server.web.post(f"/v1/tracks/{name}/play", headers=headers)

    assert answer.status_code in (404, 405)


def test_words_that_no_database_keeps_are_refused_wherever_they_come(stage: Stage) -> None:
    api, path = stage.server.api, f"/v1/tracks/{stage.track.track_id}"
    with (SMALL / "not-audio.flac").open("rb") as file:
        uploaded = api.post("/v1/tracks", data={"title": "a\0b"}, files={"file": file})

    assert error_of(uploaded) == (400, "bad_text")
    assert error_of(api.post(f"{path}/takedown", json={"reason": "a\0b"})) == (400, "bad_text")
    assert error_of(api.get("/v1/tracks/%00")) == (404, "no_track")
    assert stage.server.track(stage.track.track_id)["taken_down_at"] is None


def test_nobody_changes_anothers_track(stage: Stage, premium: str) -> None:
    path = f"/v1/tracks/{stage.track.track_id}"
    made = key_of(stage.server.data, "another")
    public = {"public": True}

    def change(bearer: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {bearer}"}
        return stage.server.web.patch(path, json=public, headers=headers)

    assert error_of(change(made)) == (404, "no_track")
    assert error_of(change(premium)) == (401, "bad_api_key")
    assert error_of(stage.server.web.patch(path, json=public)) == (401, "no_api_key")
    assert stage.server.track(stage.track.track_id)["public"] is False


def test_no_token_and_no_key_is_in_the_log(stage: Stage, free: str, premium: str) -> None:
    played = [stage.play(bearer).json()["base_url"] for bearer in (free, premium)]

    log = stage.server.log
    assert not [secret for secret in (free, premium, *played) if secret in log]
