"""docs/playback.md is true: its set-ups make tokens that are good, its tables are the code's."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from legato.errors import BadInput, Forbidden, LegatoError, NotFound, Unavailable, http_status
from legato.origin.playback.listener_token import ListenerTokens
from legato.origin.playback.public_urls import parse_public_urls
from legato.origin.playback.session import PlaybackSession
from legato.origin.playback.tiers import parse_tiers
from legato.settings import Settings
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "playback.md").read_text()
SET_UPS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
KINDS: dict[str, type[LegatoError]] = {
    "no_track": NotFound, "not_ready": BadInput, "jwks_unavailable": Unavailable,
}  # fmt: skip


def rows(heading: str) -> list[list[str]]:
    """The table under a heading, without its head."""
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("number", range(3))
def test_each_set_up_makes_a_token_that_is_good(tmp_path: Path, number: int) -> None:
    script = SET_UPS[number] + '\nenv | grep ^LEGATO_JWT\necho "TOKEN=$TOKEN"\n'
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path, env={"PATH": path}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    made = dict(line.split("=", 1) for line in done.stdout.splitlines())

    token = made.pop("TOKEN")
    settings = {name.removeprefix("LEGATO_").lower(): value for name, value in made.items()}
    tokens = ListenerTokens(
        Settings(_env_file=None, **settings),  # type: ignore[arg-type]
        parse_tiers("free:160,premium:320"),
    )
    read = tokens.read(token)
    assert (read.subject, read.tier.name, read.country) == ("anna", "premium", "DE")


def test_the_table_of_the_answer_names_its_fields() -> None:
    assert {row[0] for row in rows("The answer")} == set(PlaybackSession.model_fields)


def test_the_table_of_refusals_has_their_statuses() -> None:
    for code, status, _ in rows("Refusals"):
        assert http_status(KINDS.get(code, Forbidden)(code, "")) == int(status), code


def test_the_example_of_several_cdns_can_be_set() -> None:
    [example] = re.findall(r"^LEGATO_PUBLIC_URL=(.*)$", TEXT, re.MULTILINE)

    assert [(one.weight, one.dialect) for one in parse_public_urls(example)] == [
        (3, "path"), (1, "cloudfront"), (0, "path"),
    ]  # fmt: skip
