"""`legato url` and `legato key`: what they print works against a running server."""

import json
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from fixtures.edge_cases import SMALL
from legato.catalog import denials
from legato.catalog.database import Database
from tests.running import ReadyTrack, RunningServer, run_legato, wait_until

BASE = re.compile(
    r"http://127\.0\.0\.1:\d+/t/1\.k1\.\d+\.320\.[0-9a-f]+\.[0-9a-f]+\.[\w-]{43}/audio/"
)


@pytest.fixture(scope="module")
def track(server: RunningServer) -> ReadyTrack:
    return server.ready_track(SMALL / "mono-8000.wav")


def signed_url(server: RunningServer, *arguments: str) -> str:
    """The one line that `legato url` prints."""
    env = {"LEGATO_PUBLIC_URL": server.url}
    done = run_legato("url", *arguments, data=server.data, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    [line] = done.stdout.splitlines()
    return line


def test_a_signed_url_ends_in_the_asset_and_opens_all_below_it(
    server: RunningServer, track: ReadyTrack
) -> None:
    base = signed_url(server, track.track_id)

    assert BASE.match(base)
    assert base.startswith(server.url)
    assert base.endswith(track.path)
    fetched = subprocess.run(
        ["curl", "-sf", f"{base}manifest.json"], capture_output=True, check=True
    )
    assert json.loads(fetched.stdout)["asset_id"] == track.asset_id


def test_a_signed_url_ends_when_it_was_said_to(server: RunningServer, track: ReadyTrack) -> None:
    base = signed_url(server, track.track_id, "--ttl", "1")

    wait_until(lambda: httpx.get(f"{base}manifest.json").status_code == 403, timeout_s=10)

    error = httpx.get(f"{base}manifest.json").json()
    assert error["code"] == "expired_token"


def test_a_public_url_with_a_path_keeps_it(server: RunningServer, track: ReadyTrack) -> None:
    env = {"LEGATO_PUBLIC_URL": "https://cdn.example/music/"}

    done = run_legato("url", track.track_id, data=server.data, env=env)

    assert done.stdout.startswith("https://cdn.example/music/t/1.k1.")


def test_a_query_or_cookies_stand_on_the_line_after_the_url(
    server: RunningServer, track: ReadyTrack
) -> None:
    env = {
        "LEGATO_PUBLIC_URL": "https://a.example akamai, https://b.example path",
        "LEGATO_AKAMAI_KEY": "ab" * 32,
    }

    by_query, by_cookie, by_path = (
        run_legato("url", track.track_id, *more, data=server.data, env=env).stdout.splitlines()
        for more in ([], ["--dialect", "akamai-cookies"], ["--dialect", "path"])
    )

    assert by_query[0] == by_cookie[0] == f"https://a.example{track.path}"
    assert re.fullmatch(r"\?\S+=\S+", by_query[1])
    assert re.fullmatch(r"Cookie: \S+=\S+", by_cookie[1])
    assert by_path[0].startswith("https://b.example/t/1.k1.")
    assert [len(lines) for lines in (by_query, by_cookie, by_path)] == [2, 2, 1]


def test_a_takedown_outlasts_the_longest_url_and_then_there_is_none(server: RunningServer) -> None:
    track, year_s = server.ready_track(SMALL / "mono-8000.wav"), 366 * 24 * 3600
    base = signed_url(server, track.track_id, "--ttl", str(year_s))
    expires_at_s = int(base.split("/t/1.k1.")[1].split(".")[0])

    taken = run_legato("takedown", track.track_id, "--reason", "a test", data=server.data)
    assert taken.returncode == 0, taken.stderr

    done = run_legato("url", track.track_id, data=server.data)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.rstrip().endswith("[taken_down]")
    database = Database(f"sqlite:///{server.data}/catalog.sqlite3")
    with database.read() as session:
        [until_s] = [
            one.until_s for one in denials.current(session) if one.subject == track.track_id
        ]
    database.close()
    assert until_s >= expires_at_s


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["0123"], "no_track"),
        (["{track}", "--dialect", "carrier-pigeon"], "no_dialect"),
        (["{track}", "--dialect", "bunny"], "bad_setting"),
    ],
)
def test_a_url_that_cannot_be_is_refused_in_a_line(
    server: RunningServer, track: ReadyTrack, arguments: list[str], code: str
) -> None:
    wanted = [argument.replace("{track}", track.track_id) for argument in arguments]

    done = run_legato("url", *wanted, data=server.data)

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("legato: ")
    assert line.endswith(f"[{code}]")


def test_a_time_that_cannot_be_is_refused_by_its_name(tmp_path: Path) -> None:
    done = run_legato("url", "0123", "--ttl", "0", data=tmp_path / "data")

    assert (done.returncode, done.stdout) == (2, "")
    assert "--ttl" in done.stderr


def test_a_track_that_is_not_ready_has_no_url(server: RunningServer) -> None:
    uploaded = server.upload(SMALL / "empty.wav").json()["track_id"]
    server.final_track(uploaded)

    done = run_legato("url", uploaded, data=server.data)

    assert done.returncode == 1
    assert "found it refused, expected it ready [not_ready]" in done.stderr


def test_a_made_key_opens_the_api_to_its_tenant(server: RunningServer, track: ReadyTrack) -> None:
    run_legato("tenant", "create", "another", data=server.data)
    made = [
        run_legato("key", "create", *more, data=server.data)
        for more in ([], ["--tenant", "another", "--label", "for their site"])
    ]
    assert [one.returncode for one in made] == [0, 0]

    ours, theirs = (
        httpx.get(
            f"{server.url}/v1/tracks/{track.track_id}",
            headers={"authorization": f"Bearer {one.stdout.strip()}"},
        )
        for one in made
    )

    assert ours.status_code == 200  # `local` is whose the page and `legato ingest` are
    assert theirs.status_code == 404
    assert all(re.fullmatch(r"lk_[\w-]{32}\n", one.stdout) for one in made)


@pytest.mark.parametrize(
    "command", [("key", "create"), ("webhook", "add", "https://192.0.9.1/")], ids=" ".join
)
def test_a_tenant_that_was_mistyped_is_not_made(
    server: RunningServer, command: tuple[str, ...]
) -> None:
    """It would be an artist without quotas, and the key nobody's."""
    before = run_legato("tenant", "list", data=server.data).stdout

    refused = run_legato(*command, "--tenant", "nope", data=server.data)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert "tenant 'nope': not in the catalogue; `legato tenant create` makes one" in refused.stderr
    assert run_legato("tenant", "list", data=server.data).stdout == before


@pytest.mark.parametrize("option", [("--tenant", "listed"), ("--json",)])
def test_whose_keys_and_in_what_form_is_asked_of_api_keys(
    server: RunningServer, option: tuple[str, ...]
) -> None:
    run_legato("tenant", "create", "listed", data=server.data)
    run_legato("key", "create", "--tenant", "listed", data=server.data)

    asked, in_full = (
        run_legato("key", "list", *api, *option, data=server.data).stdout for api in ([], ["--api"])
    )

    assert asked == in_full
    assert "listed" in asked
