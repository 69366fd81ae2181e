"""Preconditions as RFC 9110 §13 has them."""

import pytest

from legato.origin.media.conditions import if_match_holds, if_none_match_holds, if_range_holds

ETAG = '"one"'


@pytest.mark.parametrize(
    ("header", "holds"),
    [
        (None, True), ("*", True), (ETAG, True), ('"two", "one"', True), (' "one" ', True),
        ('"two"', False), ('W/"one"', False), ("one", False), ("", False),
    ],
)  # fmt: skip
def test_if_match_compares_strongly(header: str | None, holds: bool) -> None:
    assert if_match_holds(header, ETAG) is holds


@pytest.mark.parametrize(
    ("header", "holds"),
    [
        (None, True), ('"two"', True), ("one", True), ("", True), ('W/"two"', True),
        ("*", False), (ETAG, False), ('W/"one"', False), ('"two",W/"one"', False),
    ],
)  # fmt: skip
def test_if_none_match_compares_weakly(header: str | None, holds: bool) -> None:
    assert if_none_match_holds(header, ETAG) is holds


@pytest.mark.parametrize(
    ("header", "holds"),
    [
        (None, True), (ETAG, True), ('W/"one"', False), ('"two"', False), ("", False), ("*", False),
        ("Sat, 21 Nov 2026 11:40:48 GMT", False), ('"one", "two"', False),
    ],
)  # fmt: skip
def test_if_range_takes_the_one_strong_tag(header: str | None, holds: bool) -> None:
    assert if_range_holds(header, ETAG) is holds
