"""Each check finds what it is for, and does not take the nearest thing for it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.edge_cases import EDGE_CASES
from fixtures.gate import GATE
from legato.ingest.gate.checks import CHECKS, Check
from legato.ingest.gate.document import quality_gate_document
from legato.ingest.gate.finding import Finding, Severity
from legato.ingest.gate.profiles import ARTIST, LABEL
from legato.ingest.gate.refusals import REFUSALS
from tests.conftest import ROOT
from tests.gate.conftest import GateCase

Found = Callable[[Path], tuple[Finding, ...]]
every_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
# Where to listen, in seconds: [from, to), each to a hundredth.
PLACES = {
    "leading-silence.flac": (0.0, 10.1),
    "trailing-silence.flac": (1.0, 11.1),
    "silence-inside.flac": (1.0, 6.1),
    "dropout.flac": (0.99, 1.01),
    "clipping.flac": (0.02, 0.64),
    "not-a-number.wav": (1.0, 1.0),
    "right-missing.flac": (0.0, 2.0),
}


def of_code(findings: tuple[Finding, ...], code: str) -> list[Finding]:
    return [one for one in findings if one.code == code]


@every_check
def test_its_fixture_triggers_a_check_and_its_near_miss_does_not(
    check: Check, gate_case: GateCase, found: Found
) -> None:
    [finding] = of_code(found(gate_case(check.fixture)), check.code)
    assert finding.severity is ARTIST.severities[check.code]
    assert of_code(found(gate_case(check.near_miss)), check.code) == []


@every_check
def test_a_finding_is_a_sentence_of_what_was_found_and_what_was_expected(
    check: Check, gate_case: GateCase, found: Found
) -> None:
    [finding] = of_code(found(gate_case(check.fixture)), check.code)
    assert finding.message.startswith("found ")
    assert ", expected " in finding.message
    assert "{" not in finding.message
    assert json.loads(json.dumps(finding.to_json())) == finding.to_json()


@pytest.mark.parametrize("name", PLACES)
def test_a_finding_says_where_to_listen(name: str, gate_case: GateCase, found: Found) -> None:
    code = next(check.code for check in CHECKS if check.fixture == name)
    [finding] = of_code(found(gate_case(name)), code)
    assert finding.spans[0] == pytest.approx(PLACES[name], abs=0.01)
    assert finding.at_s == finding.spans[0][0]


@pytest.mark.parametrize("name", ["music.flac", "music.wav", "true-24.flac", "true-96000.flac"])
def test_there_is_nothing_to_say_of_good_music(
    name: str, gate_case: GateCase, found: Found
) -> None:
    assert found(gate_case(name)) == ()


def test_of_a_fixture_nothing_else_is_found_that_rejects_it(
    gate_case: GateCase, found: Found
) -> None:
    rejected = {
        name
        for name in GATE
        if any(one.severity is Severity.REJECT for one in found(gate_case(name)))
    }
    assert rejected == {"md5-differs.flac", "not-a-number.wav"}


def test_every_code_is_in_every_profile_once_and_has_fixtures() -> None:
    codes = [check.code for check in CHECKS]
    assert len(set(codes)) == len(codes)
    for profile in (ARTIST, LABEL):
        assert set(profile.severities) == set(codes)
        assert set(profile.limits) <= set(codes)
    assert {name for check in CHECKS for name in (check.fixture, check.near_miss)} == set(GATE)


def test_every_refusal_before_the_gate_names_a_fixture_and_a_code_of_its_own() -> None:
    made_by_tests = {"adpcm.wav", "nine-channels.wav", "two-gigahertz.wav"}
    assert {one.fixture for one in REFUSALS} <= set(EDGE_CASES) | made_by_tests
    assert not {one.code for one in REFUSALS} & {check.code for check in CHECKS}


def test_the_page_about_the_gate_is_the_codes() -> None:
    assert (ROOT / "docs" / "quality-gate.md").read_text() == quality_gate_document()
