"""`legato review`: what the operator sees of two recordings, and says of them."""

import json
from collections.abc import Callable

from typer.testing import Result

from legato.catalog import reviews
from legato.deployment import Deployment
from tests.fingerprint.recordings import enter

Command = Callable[..., Result]


def test_reviews_are_listed_shown_and_decided(command: Command, catalogue: Deployment) -> None:
    for audio_id, tenant in (("first", "one label"), ("second", "another label")):
        enter(catalogue, audio_id, tenant)
    with catalogue.database.write() as session:
        reviews.add_review(session, "first", "second", 0.93)
    review_id = json.loads(command("review", "list", "--json").stdout)["review_id"]

    shown = command("review", "show", review_id).stdout
    note = ("--note", "a cover version")
    decided = command("review", "decide", review_id, "different", *note).stdout

    assert "one label: first | another label: second" in shown
    assert "first.wav" in shown
    assert decided.startswith(f"{review_id} different 0.930")
    assert command("review", "list").stdout == ""
    assert command("review", "list", "--all").stdout == decided
    assert "note: a cover version" in command("review", "show", review_id).stdout


def test_what_is_no_review_or_no_decision_is_told(command: Command) -> None:
    missing = command("review", "show", "0123")
    maybe = command("review", "decide", "0123", "maybe")

    assert (missing.exit_code, "[no_review]" in missing.stderr) == (1, True)
    assert (maybe.exit_code, "[bad_decision]" in maybe.stderr) == (1, True)
