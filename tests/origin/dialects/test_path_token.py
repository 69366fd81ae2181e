"""The path token: what is signed, and that nothing else is let through."""

import base64
import hashlib
import hmac
import string
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legato.errors import Forbidden
from legato.origin.dialects.path_token import PathTokenVerifier, write_path_token
from legato.origin.grants.grant import Grant, new_grant
from legato.origin.grants.signing_keys import SigningKeys

SECRET = bytes(range(32))
KEYS = SigningKeys(by_id={"k1": SECRET})
ASSET = "d65caa2a7fb1afeb80b74baef17188946473e8478c131db20c2ab727a9b7404c"
EXPIRY_S = 1_795_347_648
GRANT = Grant(
    grant_id="7db6304266e9a9ff",
    track_id="588598bbcda44dee6755",
    asset_id=ASSET,
    expires_at_s=EXPIRY_S,
    highest_bps=160_000,
)
# Computed once with `openssl dgst -sha256 -mac HMAC`, over all before the last dot, and the path.
TOKEN = (
    "1.k1.1795347648.160.7db6304266e9a9ff.588598bbcda44dee6755"  # noqa: S105 - it opens nothing
    ".wmbYlG5CIno79TJBqPJcj8vZsLOxL6rJ_7IzoWfcltU"
)


def verifier(keys: SigningKeys = KEYS, at_s: float = EXPIRY_S - 1) -> PathTokenVerifier:
    return PathTokenVerifier(keys, clock=lambda: at_s)


def code_of(token: str, asset_id: str = ASSET, keys: SigningKeys = KEYS) -> str:
    """Why a token is refused, or 'accepted'."""
    try:
        verifier(keys).verify(token, asset_id)
    except Forbidden as error:
        return error.code
    return "accepted"


def test_a_grant_is_written_as_its_known_token() -> None:
    assert write_path_token(GRANT, KEYS) == TOKEN


def test_the_mac_is_hmac_sha256_over_the_claims_and_the_path() -> None:
    claims, _, mac = TOKEN.rpartition(".")
    digest = hmac.new(SECRET, f"{claims}/audio/{ASSET}/".encode(), hashlib.sha256).digest()

    assert base64.urlsafe_b64decode(mac + "=") == digest


def test_a_token_reads_back_as_its_grant() -> None:
    assert verifier().verify(TOKEN, ASSET) == GRANT


LATIN_1 = partial(str, encoding="latin-1")
REPLACEMENTS = string.ascii_letters + string.digits + "-_.%/= \0é"


@pytest.mark.parametrize("position", range(len(TOKEN)))
def test_no_character_of_a_token_can_be_changed(position: int) -> None:
    accepted = [
        other
        for other in REPLACEMENTS
        if other != TOKEN[position]
        and code_of(TOKEN[:position] + other + TOKEN[position + 1 :]) != "bad_token"
    ]

    assert accepted == []


@pytest.mark.parametrize("position", range(len(ASSET)))
def test_a_token_is_good_for_no_other_asset(position: int) -> None:
    for other in "0123456789abcdefA/":
        if other != ASSET[position]:
            changed = ASSET[:position] + other + ASSET[position + 1 :]
            assert code_of(TOKEN, changed) == "bad_token"


@pytest.mark.parametrize(
    "changed",
    [
        "", ".", TOKEN[:-1], TOKEN + "A", TOKEN + "=", " " + TOKEN, TOKEN + "\n", TOKEN + ".",
        TOKEN.replace("1.k1", "2.k1"), TOKEN.replace("1.k1", "01.k1"),
        TOKEN.replace(".160.", ".0160."), TOKEN.replace(".160.", ".\u066160."),
        TOKEN.upper(), TOKEN[::-1], TOKEN * 2, "1.k1.9.9.9.9." + "A" * 43, "A" * 100_000,
    ],
)  # fmt: skip
def test_what_is_not_the_token_is_refused(changed: str) -> None:
    assert code_of(changed) == "bad_token"


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (0, "accepted"), (EXPIRY_S - 1, "accepted"), (EXPIRY_S - 0.001, "accepted"),
        (EXPIRY_S, "expired_token"), (EXPIRY_S + 0.001, "expired_token"),
        (EXPIRY_S + 10**9, "expired_token"),
    ],
)  # fmt: skip
def test_a_token_is_good_before_its_expiry_and_not_at_it(at_s: float, code: str) -> None:
    try:
        verifier(at_s=at_s).verify(TOKEN, ASSET)
        found = "accepted"
    except Forbidden as error:
        found = error.code

    assert found == code


def test_a_token_that_was_accepted_before_expires_all_the_same() -> None:
    """What has been verified once is remembered, its expiry too."""
    now_s = [EXPIRY_S - 1]
    remembering = PathTokenVerifier(KEYS, clock=lambda: now_s[0])
    remembering.verify(TOKEN, ASSET)

    now_s[0] = EXPIRY_S

    with pytest.raises(Forbidden, match="has expired"):
        remembering.verify(TOKEN, ASSET)


def test_the_newest_key_signs_and_older_ones_are_still_good() -> None:
    rotated = SigningKeys(by_id={"k2": b"n" * 32, "k1": SECRET})

    fresh = write_path_token(GRANT, rotated)

    assert fresh.startswith("1.k2.")
    assert verifier(rotated).verify(fresh, ASSET) == GRANT
    assert verifier(rotated).verify(TOKEN, ASSET) == GRANT


def test_a_key_that_was_taken_out_is_no_longer_good() -> None:
    assert code_of(TOKEN, keys=SigningKeys(by_id={"k2": SECRET})) == "bad_token"


def test_another_secret_under_the_same_id_signs_other_tokens() -> None:
    assert code_of(TOKEN, keys=SigningKeys(by_id={"k1": SECRET[::-1]})) == "bad_token"


def test_two_grants_for_the_same_are_two_tokens() -> None:
    def fresh() -> str:
        grant = new_grant(
            track_id=GRANT.track_id, asset_id=ASSET, expires_at_s=EXPIRY_S, highest_bps=96_000
        )
        return write_path_token(grant, KEYS)

    assert fresh() != fresh()


@given(st.one_of(st.binary(max_size=200).map(LATIN_1), st.text("1.k0a_-", max_size=200)))
def test_garbage_is_refused_and_never_a_surprise(garbage: str) -> None:
    assert code_of(garbage) == "bad_token"


@given(
    st.builds(
        Grant,
        grant_id=st.text("0123456789abcdef", min_size=1, max_size=32),
        track_id=st.text("0123456789abcdef", min_size=1, max_size=32),
        asset_id=st.text("0123456789abcdef", min_size=64, max_size=64),
        expires_at_s=st.integers(EXPIRY_S, 99_999_999_999),
        highest_bps=st.integers(1, 99_999).map(lambda kbps: kbps * 1000),
    ),
    st.integers(0, 5),
)
def test_every_grant_survives_being_written_and_no_other_passes_as_it(
    grant: Grant, claim: int
) -> None:
    token = write_path_token(grant, KEYS)
    assert verifier().verify(token, grant.asset_id) == grant

    fields = token.split(".")
    fields[claim] += "0"

    assert code_of(".".join(fields), grant.asset_id) == "bad_token"
