"""Every refusal is a problem detail (RFC 9457), and says the same in its status and its body."""

from typing import Any

import httpx
import pytest

from legato.problems.table import PROBLEMS
from tests.running import RunningServer

MEMBERS = ["type", "title", "status", "detail", "code"]


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem detail that is one in all that RFC 9457 asks for."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    told: dict[str, Any] = answer.json()
    assert list(told)[: len(MEMBERS)] == MEMBERS
    assert set(told) <= {*MEMBERS, "errors"}
    assert told["type"] == f"/docs/errors#{told['code']}"
    assert told["title"] == PROBLEMS[told["code"]].title
    assert told["status"] == answer.status_code
    assert told["detail"]
    return answer.status_code, told["code"]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/tracks/0123", (404, "no_track")),
        ("GET", "/v1/nothing", (404, "no_such_path")),
        ("POST", "/v1/nothing", (404, "no_such_path")),
        ("GET", "/nothing", (404, "no_such_path")),
        ("PUT", "/v1/tracks", (405, "method_not_allowed")),
        ("GET", "/audio/0123/manifest.json", (403, "no_token")),
        ("GET", "/edge/denials", (403, "not_the_edge")),
        ("GET", "/v1/audit?cursor=0123", (400, "bad_cursor")),
        ("DELETE", "/v1/keys/0123", (404, "no_key")),
    ],
)
def test_a_refusal_is_a_problem_detail(
    server: RunningServer, method: str, path: str, expected: tuple[int, str]
) -> None:
    assert problem(server.api.request(method, path)) == expected


def test_each_field_that_is_wrong_is_named(server: RunningServer) -> None:
    refused = server.api.post("/v1/keys", json={"scopes": ["read", "all"]})

    assert problem(refused) == (422, "bad_request")
    wrong = {one["where"]: one["message"] for one in refused.json()["errors"]}
    assert set(wrong) == {"body.label", "body.scopes.1"}
    assert refused.json()["detail"] == f"body.label: {wrong['body.label']}"


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/v1/keys", b'{"label": ', "body: this is no JSON: character 10: Expecting value"),
        ("/v1/keys", b'{"scopes": ["read"]}', "body.label: found nothing, expected it"),
        ("/v1/keys", b'{"label": "a", "scopes": ["read"], "more": 1}', "body.more: no such field"),
        (
            "/v1/webhooks", b'{"url": "https://a.example", "events": []}',
            "body.events: found 0 of them, expected at least 1",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_body_is_said_in_words_of_http(
    server: RunningServer, path: str, body: bytes, said: str
) -> None:
    refused = server.api.post(path, content=body, headers={"content-type": "application/json"})

    assert problem(refused) == (422, "bad_request")
    assert refused.json()["detail"] == said


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/v1/uploads", "GET, POST, OPTIONS"),
        ("PUT", "/v1/uploads/0123", "GET, HEAD, PATCH, DELETE, OPTIONS"),
        ("PUT", "/v1/tracks", "GET, POST"),
        ("POST", "/v1/tracks/0123", "GET, PATCH, DELETE"),
        ("TRACE", "/v1/tracks/0123/audio", "PUT"),
        ("GET", "/v1/tracks/0123/audio", "PUT"),
        ("HEAD", "/v1/tracks", "GET, POST"),
        ("OPTIONS", "/v1/tracks/0123/artwork", "GET, PUT, DELETE"),
    ],
)
def test_a_method_that_a_path_has_not_is_answered_with_those_that_it_has(
    server: RunningServer, method: str, path: str, allow: str
) -> None:
    """RFC 9110 §15.5.6: all of them, by whichever route, and by tus."""
    refused = server.api.request(method, path)

    assert refused.status_code == 405
    assert refused.headers["allow"] == allow
    if method != "HEAD":
        assert problem(refused) == (405, "method_not_allowed")
        assert refused.json()["detail"] == f"{method}: expected {allow}"


def test_what_its_type_leads_to_explains_it(server: RunningServer) -> None:
    path, _, anchor = server.api.get("/v1/tracks/0123").json()["type"].partition("#")

    page = server.web.get(path)

    assert page.headers["content-type"].startswith("text/html")
    row = page.text.partition(f'<tr id="{anchor}">')[2].partition("<tr")[0]
    assert "There is no such track" in row


def test_the_apis_description_has_the_form(server: RunningServer) -> None:
    described = server.web.get("/openapi.json").json()

    form = described["components"]["schemas"]["Problem"]
    assert form["required"] == MEMBERS
    for path, operations in described["paths"].items():
        for operation in operations.values():
            errors = [one for status, one in operation["responses"].items() if status > "399"]
            assert errors, path
            assert all(list(one["content"]) == ["application/problem+json"] for one in errors)
