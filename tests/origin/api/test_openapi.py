"""schemathesis reads /openapi.json and asks for everything it allows, and much that it does not."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.result import Ok

from tests.running import RunningServer

EXAMPLES, MANY_EXAMPLES = 8, 1_000
NO_FAILURE = CHECKS.get_by_names(["not_a_server_error"])


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    env = {"LEGATO_RATE_LIMIT": "100000/second", "LEGATO_MAX_UPLOAD_BYTES": "100000"}
    with RunningServer(tmp_path_factory.mktemp("openapi") / "data", env) as running:
        yield running


def ask_for_everything(server: RunningServer, mode: GenerationMode, examples: int) -> list[str]:
    """Ask every operation for so many examples; answers the operations that were asked."""
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    headers = {"authorization": f"Bearer {server.api_key}"}
    asked = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation: Any = found.ok()
        if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
            continue  # of an id nothing can be wrong, and it takes seconds to find that out
        sent: list[int] = []

        @settings(
            max_examples=examples, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            answer = case.call_and_validate(headers=headers, checks=NO_FAILURE)
            sent.append(answer.status_code)  # noqa: B023 - called in this round

        with suppress(Unsatisfiable):  # nothing can be wrong where nothing is asked for
            ask()
        if sent:
            asked.append(f"{operation.method.upper()} {operation.path}")
    return asked


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_whatever_is_asked_of_the_api_it_never_fails(
    described: RunningServer, mode: GenerationMode
) -> None:
    asked = ask_for_everything(described, mode, EXAMPLES)

    assert {"GET /v1/tracks", "POST /v1/tracks"} <= set(asked)
    # Of `play` nothing can be wrong but an id, and any text may be one.
    assert mode is GenerationMode.NEGATIVE or "POST /v1/tracks/{track_id}/play" in asked
    assert "Traceback" not in described.log


@pytest.mark.soak
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_a_thousand_of_everything_never_fails(
    described: RunningServer, mode: GenerationMode
) -> None:
    """No request that schemathesis makes of /openapi.json is answered with a 5xx."""
    assert ask_for_everything(described, mode, MANY_EXAMPLES)
    assert "Traceback" not in described.log
