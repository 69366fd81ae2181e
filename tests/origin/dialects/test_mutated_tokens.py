"""No change to a good path token makes another good one."""

import random

import pytest

from legato.errors import Forbidden
from legato.origin.dialects.path_token import PathTokenVerifier
from tests.origin.dialects.mutations import EXPIRY_S, KEYS, Signed, good_tokens, mutants


def accepted_mutants(seed: int, count: int) -> list[Signed]:
    dice = random.Random(seed)
    good = good_tokens(dice, 200)
    verifier = PathTokenVerifier(KEYS, clock=lambda: EXPIRY_S - 1)
    for one in good:
        assert verifier.verify(one.token, one.asset_id).asset_id == one.asset_id
    return [one for one in mutants(dice, good, count) if is_accepted(verifier, one)]


def is_accepted(verifier: PathTokenVerifier, one: Signed) -> bool:
    """Any answer but `bad_token` means that its signature passed."""
    try:
        verifier.verify(one.token, one.asset_id)
    except Forbidden as error:
        return error.code != "bad_token"
    return True


def test_of_20000_mutated_tokens_none_is_accepted() -> None:
    assert accepted_mutants(seed=1, count=20_000) == []


def test_a_verifier_that_forgets_the_last_bits_would_be_found() -> None:
    """The mutants can fail: some differ from a good token in unused bits alone."""
    dice = random.Random(2)
    good = good_tokens(dice, 50)
    beginnings = {(one.token[:-1], one.asset_id) for one in good}

    found = sum((one.token[:-1], one.asset_id) in beginnings for one in mutants(dice, good, 20_000))

    assert found > 100


@pytest.mark.soak
def test_of_a_million_mutated_tokens_none_is_accepted() -> None:
    """1,000,000 changed path tokens (seeded): not one is accepted."""
    assert accepted_mutants(seed=3, count=1_000_000) == []
