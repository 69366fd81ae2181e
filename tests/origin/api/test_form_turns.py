"""So many masters are taken in as forms at once, and no more."""

from contextlib import ExitStack

import pytest

from legato.errors import Unavailable
from legato.origin.api.form_turns import AT_ONCE, form_turn


def test_whoever_comes_when_all_turns_are_taken_is_sent_away_until_one_is_free() -> None:
    with ExitStack() as taken:
        for _ in range(AT_ONCE):
            taken.enter_context(form_turn())
        with pytest.raises(Unavailable) as refused, form_turn():
            pass

    assert refused.value.code == "forms_full"
    with form_turn():
        pass


def test_a_turn_whose_master_was_refused_is_free_again() -> None:
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ValueError, match="no master"), form_turn():
            raise ValueError("no master")
