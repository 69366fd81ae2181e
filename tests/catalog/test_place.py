"""A place in a list, and the cursor that a client keeps of it."""

import string
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from legato.catalog.place import Place
from legato.errors import BadInput

PLACES = st.builds(
    Place,
    at_ms=st.integers(0, 10**15 - 1),
    item_id=st.text(string.hexdigits[:16], min_size=1, max_size=32),
)


@given(place=PLACES)
def test_a_cursor_is_its_place(place: Place) -> None:
    assert Place.of_cursor(place.cursor) == place


@given(place=PLACES, at=st.integers(0, 63), other=st.characters())
def test_a_cursor_that_was_changed_is_none_or_a_place_that_can_be_asked_for(
    place: Place, at: int, other: str
) -> None:
    assume(at < len(place.cursor))
    changed = place.cursor[:at] + other + place.cursor[at + 1 :]

    with suppress(BadInput):
        found = Place.of_cursor(changed)
        assert 0 <= found.at_ms < 2**63
        assert set(found.item_id) <= set(string.hexdigits)


@pytest.mark.parametrize("text", ["", "é", "\ud800", "0123", "=", "MTIzLg==", "LjEyMw=="])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="expected the `next_cursor` of a page"):
        Place.of_cursor(text)
