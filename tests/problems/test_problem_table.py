"""Every code that anybody can meet is in the table, once, with the status that it has."""

import re

from legato.errors import (
    BadInput,
    Corrupt,
    Forbidden,
    LegatoError,
    NotFound,
    Unavailable,
    http_status,
)
from legato.ingest.gate.finding import Severity
from legato.ingest.gate.profiles import PROFILES
from legato.origin.asgi import error_answer
from legato.problems.document import DOCUMENT, document
from legato.problems.masters import MASTERS
from legato.problems.problem import LATER
from legato.problems.table import PROBLEMS, SECTIONS
from legato.web.errors_page import errors_page
from tests.conftest import ROOT
from tests.problems.raised import SOURCE, raised

# Where an error is made of another: its code is raised somewhere else already.
PASSED_ON = {
    "legato/cli/ingest.py:_outcome",
    "legato/errors.py:__init__",
    "legato/ingest/gate/finding.py:refusal",
    "legato/ingest/artwork.py:_made",
    "legato/origin/api/errors.py:answer_error",
    "legato/origin/api/errors.py:answer_http",
    "legato/origin/asgi.py:error_answer",
    "legato/origin/playback/listener_token.py:read",
    "legato/origin/playback/public_urls.py:__init__",
    "legato/storage/s3_client.py:in_our_words",
    "legato/workers/identify_stage.py:_hear",
    "legato/workers/run_job.py:_in_our_words",
    "legato/workers/run_job.py:_settle_error",
}
EDGES = (
    ROOT / "deploy" / "nginx" / "legato" / "refusal.js",
    ROOT / "deploy" / "cloudfront" / "path-token.js",
)
_AT_AN_EDGE = re.compile(r"^    (\w+): \[(?:(\d+), )?'((?:[^'\\]|\\.)+)',$", re.MULTILINE)
KINDS = {BadInput: range(400, 500), NotFound: (404,), Unavailable: (503,), Corrupt: (500,)}


def test_every_code_that_is_raised_is_in_the_table() -> None:
    missing = {f"{one.code} ({one.where})" for one in raised() if one.code not in {*PROBLEMS, None}}

    assert not missing, "\n".join(["not in legato/problems:", *sorted(missing)])


def test_who_may_come_again_is_told_when_in_whole_seconds() -> None:
    told = {code: dict(error_answer(LegatoError(code, "x"))[1]) for code in PROBLEMS}

    after = {
        code: fields[b"retry-after"] for code, fields in told.items() if b"retry-after" in fields
    }
    assert {code for code, one in PROBLEMS.items() if one.status in (429, 503)} <= set(after)
    assert {code for code, one in PROBLEMS.items() if one.then == LATER} <= set(after)
    assert all(int(seconds) >= 1 for seconds in after.values())


def test_every_code_is_written_where_it_is_raised_or_passed_on() -> None:
    unknown = {one.where for one in raised() if one.code is None}

    assert unknown <= PASSED_ON, "\n".join(sorted(unknown - PASSED_ON))


def test_whatever_the_gate_refuses_a_master_for_is_in_the_table() -> None:
    refused = {
        code
        for profile in PROFILES.values()
        for code, severity in profile.severities.items()
        if severity is Severity.REJECT
    }

    assert refused <= MASTERS.keys()


def test_no_code_of_the_table_is_unused() -> None:
    python = (path for path in SOURCE.rglob("*.py") if path.parent.name != "problems")
    text = "\n".join(path.read_text() for path in (*python, *EDGES))

    used = set(re.findall(r"\b[a-z][a-z0-9_]*\b", text))
    assert PROBLEMS.keys() <= used, "\n".join(sorted(PROBLEMS.keys() - used))


def test_a_code_is_explained_once() -> None:
    assert sum(map(len, SECTIONS.values())) == len(PROBLEMS)


def test_a_codes_status_is_of_its_errors_kind() -> None:
    kinds = {**KINDS, Forbidden: (401, 403, 410)}
    wrong = [
        one
        for one in raised()
        if one.kind is not None and one.code is not None
        and http_status(one.kind(one.code, "")) not in kinds[one.kind]
    ]  # fmt: skip

    assert wrong == []


def test_a_title_is_short_and_says_no_more_than_its_code() -> None:
    for code, problem in PROBLEMS.items():
        assert 400 <= problem.status <= 503, code
        assert problem.title[0].isupper(), code
        assert not problem.title.endswith("."), code
        assert len(problem.title) <= 80, code
        assert problem.then, code


def test_the_document_is_the_table() -> None:
    made = (ROOT / DOCUMENT).read_text()

    assert made == document(), "`python -m legato.problems.document` writes it anew"


def test_the_servers_page_has_a_place_for_every_code() -> None:
    page = errors_page()

    assert [code for code in PROBLEMS if page.count(f'id="{code}"') != 1] == []


def test_edges_say_of_a_code_what_the_table_does() -> None:
    for edge in EDGES:
        told = _AT_AN_EDGE.findall(edge.read_text())
        assert len(told) >= 7, edge.name
        for code, status, title in told:
            assert title.replace("\\'", "'") == PROBLEMS[code].title
            assert status in ("", str(PROBLEMS[code].status))
