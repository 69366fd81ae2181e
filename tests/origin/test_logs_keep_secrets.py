"""What the server writes while it is used and abused: never a token, never a key."""

from fixtures.edge_cases import SMALL
from tests.origin.listening import keys_of, token_for
from tests.running import ReadyTrack, RunningServer, wait_until

WRONG_KEY = "lk_not-a-key-of-anybody"


def test_no_line_of_the_log_shows_a_token_or_a_key(breakable: RunningServer) -> None:
    server = breakable
    track = server.ready_track(SMALL / "same-lossy-1.m4a")
    token = token_for(server, track)
    played = server.api.post(f"/v1/tracks/{track.track_id}/play").json()["base_url"]

    fetch_every_way(server, track, token)

    wait_until(lambda: "bad_manifest" in server.log)
    signing = (server.data / "keys" / "signing-keys").read_text().strip().partition(":")[2]
    secrets = [token, token.rpartition(".")[2], played, server.api_key, WRONG_KEY, signing]
    for line in log_lines(server):
        assert not [secret for secret in secrets if secret in line]
        assert keys_of(server).newest[1].hex() not in line


def fetch_every_way(server: RunningServer, track: ReadyTrack, token: str) -> None:
    """Well and badly, so that whatever is logged of a request has been logged."""
    chunk = f"/t/{token}{track.path}aac-96/0.m4s"
    manifest = track.stored / "manifest.json"
    good = manifest.read_bytes()
    manifest.write_text("{}")
    assert server.web.get(chunk).status_code == 500
    manifest.write_bytes(good)
    assert server.web.get(chunk).status_code == 200
    assert server.web.get(chunk + "/no/such/thing").status_code == 404
    assert server.web.get(chunk.replace("/audio/", "x/audio/")).status_code == 403
    wrong = {"authorization": f"Bearer {WRONG_KEY}"}
    assert server.web.get("/v1/tracks", headers=wrong).status_code == 401
    (track.stored / "aac-96.mp4").unlink()
    assert server.web.get(chunk).status_code == 404


def log_lines(server: RunningServer) -> list[str]:
    """All but the address that whoever started the server is told, for their own page."""
    lines = server.log.splitlines()
    announced = [line for line in lines if line.startswith("legato plays at http")]
    assert announced == [f"legato plays at {server.url}/#key={server.api_key}"]
    return [line for line in lines if line not in announced]
