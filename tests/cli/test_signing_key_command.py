"""`legato key`: keys are rotated while listeners play, and shown to edges only."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.cli.behind_an_edge import CHUNK, EDGE_SECRET, IN_FORCE_S, Legato, refusal, wait_for
from tests.origin.listening import listener
from tests.running import ReadyTrack, RunningServer, wait_until

Command = Callable[..., Result]
SECRET = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="  # noqa: S105 - of nobody


def test_a_rotation_is_picked_up_and_old_tokens_are_good_until_their_key_is_dropped(
    guarded: RunningServer, track: ReadyTrack, legato: Legato
) -> None:
    old = listener(guarded, track)
    assert wait_for(old, 200)
    staged = legato("key", "rotate", "--stage").stdout.split()[0]
    assert legato("key", "list").stdout == f"k1 signs\n{staged} staged\n"
    assert legato("key", "rotate").stdout.startswith(f"{staged} signs from now on")

    def plays_with_new_key() -> bool:
        base: str = guarded.api.post(f"/v1/tracks/{track.track_id}/play").json()["base_url"]
        return f"/t/1.{staged}." in base and guarded.web.get(base + CHUNK).status_code == 200

    wait_until(plays_with_new_key, timeout_s=IN_FORCE_S)
    assert old.get(CHUNK).status_code == 200

    dropped = legato("key", "drop", "k1")

    assert dropped.stdout == "k1 is dropped\n"
    assert "signed with k1 may have been good until" in dropped.stderr
    assert refusal(wait_for(old, 403)) == "bad_token"
    assert listener(guarded, track).get(CHUNK).status_code == 200


def test_no_key_and_no_secret_is_in_the_log(guarded: RunningServer, legato: Legato) -> None:
    exported = legato("key", "export").stdout
    for secret in (EDGE_SECRET, *re.findall(r'"([A-Za-z0-9+/]{43}=)"', exported), "/t/1."):
        assert secret not in guarded.log


def test_keys_are_shown_to_edges_only(command: Command) -> None:
    nginx, env = (command("key", "export", "--format", form).output for form in ("nginx", "env"))
    cloudfront = json.loads(command("key", "export", "--format", "cloudfront").output)

    found = re.fullmatch(r'"(k1)" "([A-Za-z0-9+/]{43}=)";\n', nginx)
    assert found is not None
    assert cloudfront == {"data": [{"key": found[1], "value": found[2]}]}
    assert env == f"LEGATO_SIGNING_KEYS={found[1]}:{found[2]}\n"
    assert found[2] not in command("key", "list").output


def test_a_second_rotation_signs_with_no_key_that_edges_do_not_have(command: Command) -> None:
    command("key", "rotate", "--stage")
    promoted = command("key", "rotate").output.split()[0]

    again = command("key", "rotate")

    assert (again.exit_code, "[none_staged]" in again.output) == (1, True)
    assert command("key", "list").output == f"{promoted} signs\nk1 verifies\n"
    assert command("key", "rotate", "--now").exit_code == 0
    both = command("key", "rotate", "--now", "--stage")
    assert (both.exit_code, "[two_rotations]" in both.output) == (1, True)
    signing = command("key", "list").output.split()[0]
    assert "[key_signs]" in command("key", "drop", signing).output


def test_keys_that_are_set_are_changed_by_whoever_set_them(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEGATO_SIGNING_KEYS", f"main:{SECRET}")

    printed = command("key", "rotate", "--now").output

    assert re.fullmatch(
        rf"LEGATO_SIGNING_KEYS=main[0-9]{{17}}:[A-Za-z0-9+/]{{43}}=,main:{SECRET}\n", printed
    )
    assert not (tmp_path / "data" / "keys").exists()


def test_nothing_is_printed_that_could_not_be_set(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEGATO_SIGNING_KEYS", f"{'k' * 32}:{SECRET}")

    done = command("key", "rotate", "--now")

    assert (done.exit_code, "[long_key_id]" in done.output) == (1, True)
    assert SECRET not in done.output
