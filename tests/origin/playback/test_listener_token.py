"""Listeners' tokens: what is good, and everything that is not (RFC 7519, RFC 8725)."""

import base64
import string
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from legato.errors import BadInput, Forbidden
from legato.origin.playback.listener_keys import parse_jwt_keys
from legato.origin.playback.listener_token import ListenerTokens
from legato.origin.playback.tiers import parse_tiers
from legato.settings import Settings
from tests.origin.playback.signed_tokens import (
    HS256_SETTING,
    SECRET,
    ec_key,
    forged,
    pem_settings,
    public_pem,
    rsa_key,
    token,
)

TIERS = parse_tiers("free:160,premium:320")


def reader(**settings: Any) -> ListenerTokens:
    return ListenerTokens(Settings(_env_file=None, **settings), TIERS)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> ListenerTokens:
    """Knows a key of each kind."""
    return reader(jwt_keys=pem_settings(tmp_path_factory.mktemp("keys")))


def refusal(tokens: ListenerTokens, text: str) -> tuple[str, str]:
    with pytest.raises(Forbidden) as refused:
        tokens.read(text)
    assert len(text) < 20 or text not in refused.value.message
    return refused.value.code, refused.value.message


def assert_bad(tokens: ListenerTokens, text: str, words: str = "") -> None:
    code, message = refusal(tokens, text)
    assert code == "bad_listener_token"
    assert words in message


def test_a_good_token_of_each_algorithm_says_who_listens(tokens: ListenerTokens) -> None:
    claims: dict[str, Any] = {"tier": "premium", "country": "de"}
    for text in (
        token(**claims),
        token(rsa_key(), "RS256", "r1", **claims),
        token(ec_key(), "ES256", "e1", **claims),
    ):
        read = tokens.read(text)
        assert (read.subject, read.tier.name, read.country) == ("anna", "premium", "DE")


def test_a_token_that_says_little_is_the_least_tiers_of_no_known_country(
    tokens: ListenerTokens,
) -> None:
    read = tokens.read(token(sub="anna"))

    assert (read.tier.name, read.country) == ("free", None)


def test_a_public_key_is_no_secret(tokens: ListenerTokens) -> None:
    """The oldest confusion: HMAC with the text of the RSA key that everybody may know."""
    for kid, key in (("r1", rsa_key()), ("e1", ec_key())):
        for secret in (public_pem(key), public_pem(key).strip()):
            genuine = token(kid=kid).rsplit(".", 1)[0]
            mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
            assert_bad(tokens, f"{genuine}.{_encode(mac.sign(genuine.encode(), secret))}")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("kid", ["h1", "r1", "e1"])
def test_a_token_that_nobody_signed_is_refused(
    tokens: ListenerTokens, algorithm: str, kid: str
) -> None:
    claims = {"sub": "anna", "exp": 4_000_000_000}

    assert_bad(tokens, forged({"alg": algorithm, "kid": kid}, claims))
    assert_bad(tokens, forged({"alg": algorithm, "kid": kid}, claims, b"signed"))


def test_a_key_is_good_for_its_own_algorithm_alone(tokens: ListenerTokens) -> None:
    assert_bad(tokens, token(SECRET, "HS512"))
    assert_bad(tokens, token(rsa_key(), "RS512", "r1"))
    assert_bad(tokens, token(rsa_key(), "PS256", "r1"))
    assert_bad(tokens, token(rsa_key(), "RS256", "e1"))
    assert_bad(tokens, token(ec_key(), "ES256", "r1"))


@pytest.mark.parametrize("kid", ["h2", "", "../h1", "h1\0"])
def test_a_key_that_is_not_known_is_refused(tokens: ListenerTokens, kid: str) -> None:
    assert_bad(tokens, token(kid=kid), "its kid names no key")


@pytest.mark.parametrize("kid", [1, ["h1"], {}])
def test_a_key_id_that_is_no_text_is_refused(tokens: ListenerTokens, kid: Any) -> None:
    assert_bad(tokens, forged({"alg": "HS256", "kid": kid}, {}))


def test_another_key_of_that_id_is_refused(tokens: ListenerTokens) -> None:
    assert_bad(tokens, token(bytes(32)))
    assert_bad(tokens, token(rsa_key(1), "RS256", "r1"))


def test_a_key_that_a_token_brings_along_is_not_believed(tokens: ListenerTokens) -> None:
    own = jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key(1).public_key(), as_dict=True)
    claims = {"sub": "anna", "exp": 4_000_000_000}
    for headers in ({"jwk": own}, {"jku": "http://127.0.0.1:9/"}, {"x5u": "http://127.0.0.1:9/"}):
        text = jwt.encode(claims, rsa_key(1), "RS256", {"kid": "r1", **headers})
        assert_bad(tokens, text)


def test_a_key_need_not_be_named(tokens: ListenerTokens) -> None:
    for key, algorithm in ((SECRET, "HS256"), (rsa_key(), "RS256"), (ec_key(), "ES256")):
        assert tokens.read(token(key, algorithm, None)).subject == "anna"
    assert_bad(tokens, token(rsa_key(1), "RS256", None), "that a key known here has signed")


def test_a_token_ends_when_it_says(tokens: ListenerTokens) -> None:
    assert refusal(tokens, token(expires_in_s=-31))[0] == "expired_listener_token"
    assert tokens.read(token(expires_in_s=-20)).subject == "anna"


def test_a_token_that_never_ends_is_refused(tokens: ListenerTokens) -> None:
    assert_bad(tokens, token(expires_in_s=None), "a claim that must be there (exp")


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_a_token_is_not_good_before_its_time(tokens: ListenerTokens, claim: str) -> None:
    far: dict[str, Any] = {claim: 4_000_000_000}
    near: dict[str, Any] = {claim: _now() + 20}

    assert_bad(tokens, token(**far), "yet to come")
    assert tokens.read(token(**near)).subject == "anna"


@pytest.mark.parametrize(
    "claims",
    [{"exp": "soon"}, {"exp": [1]}, {"exp": 1e400}, {"nbf": {}}, {"iat": "x"}, {"sub": 7}],
)
def test_claims_that_cannot_be_are_refused(tokens: ListenerTokens, claims: dict[str, Any]) -> None:
    assert_bad(tokens, token(**claims))


def test_issuer_and_audience_are_asked_where_they_are_set() -> None:
    tokens = reader(jwt_keys=HS256_SETTING, jwt_issuer="https://id.example", jwt_audience="legato")
    good: dict[str, Any] = {"iss": "https://id.example", "aud": ["legato", "another"]}

    assert tokens.read(token(**good)).subject == "anna"
    assert_bad(tokens, token(**{**good, "aud": "another"}), "its aud")
    assert_bad(tokens, token(**{**good, "iss": "https://id.example/"}), "its iss")
    assert_bad(tokens, token(iss="https://id.example"), "is missing")
    assert_bad(tokens, token(aud="legato"), "is missing")


def test_an_audience_that_nobody_asks_for_does_no_harm(tokens: ListenerTokens) -> None:
    assert tokens.read(token(aud="another", iss="anybody")).subject == "anna"


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"tier": "gold"}, "claim 'tier': expected free or premium"),
        ({"tier": ["gold"]}, "claim 'tier': expected free or premium"),
        ({"country": "UK"}, "claim 'country': expected an ISO 3166-1 alpha-2 code"),
        ({"country": 276}, "claim 'country': expected"),
    ],
)
def test_a_claim_that_means_nothing_here_is_refused_in_words(
    tokens: ListenerTokens, claims: dict[str, Any], words: str
) -> None:
    assert_bad(tokens, token(**claims), words)
    [value] = claims.values()
    assert str(value) not in refusal(tokens, token(**claims))[1]


def test_tier_and_country_are_read_from_the_claims_that_are_set() -> None:
    tokens = reader(
        jwt_keys=HS256_SETTING,
        jwt_tier_claim="https://music.example/plan",
        jwt_country_claim="region",
    )

    claims: dict[str, Any] = {"https://music.example/plan": "premium", "region": "JP", "tier": "x"}
    read = tokens.read(token(**claims))

    assert (read.tier.name, read.country) == ("premium", "JP")


def test_without_keys_no_token_is_taken() -> None:
    assert_bad(reader(), token(), "LEGATO_JWT_KEYS and LEGATO_JWT_JWKS are unset")


@pytest.mark.parametrize(
    "text",
    ["a", "a.b", "a.b.c", "...", "a.b.c.d", "ü.ü.ü", "\0", f"{'W' * 20_000}.e30.", "e30.e30.e30"],
)
def test_what_is_no_token_is_refused(tokens: ListenerTokens, text: str) -> None:
    assert_bad(tokens, text)


def test_a_header_of_many_brackets_is_refused(tokens: ListenerTokens) -> None:
    assert_bad(tokens, f"{_encode(b'[' * 100_000)}.e30.e30")


def test_no_letter_of_a_token_can_be_another(tokens: ListenerTokens) -> None:
    text = token()
    alphabet = string.ascii_letters + string.digits + "-_."
    for at, letter in enumerate(text):
        other = alphabet[(alphabet.index(letter) + 1) % len(alphabet)]
        with pytest.raises(Forbidden):
            tokens.read(text[:at] + other + text[at + 1 :])


@given(text=st.text(max_size=200), cut=st.integers(0, 300))
def test_whatever_is_sent_is_refused_and_nothing_worse(text: str, cut: int) -> None:
    tokens = reader(jwt_keys=HS256_SETTING)
    for hostile in (text, token()[:cut] + text, f"{text}.{text}.{text}"):
        with pytest.raises(Forbidden):
            tokens.read(hostile.encode("utf-8", "replace").decode("latin-1") + "!")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _now() -> int:
    return int(jwt.decode(token(), SECRET, ["HS256"])["exp"]) - 600


def short_rsa() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - too short
    return public_pem(key)


def private_pem() -> bytes:
    return ec_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("algorithm", "pem", "words"),
    [
        ("RS256", b"", "an RSA public key of 2048 bits or more"),
        ("RS256", short_rsa(), "an RSA public key of 2048 bits or more"),
        ("RS256", public_pem(ec_key()), "an RSA public key"),
        ("ES256", public_pem(rsa_key()), "a public key on the curve P-256"),
        ("ES256", public_pem(ec.generate_private_key(ec.SECP384R1())), "on the curve P-256"),
        ("ES256", private_pem(), "a public key on the curve P-256"),
    ],
)
def test_a_file_that_holds_no_such_key_is_refused_at_start(
    tmp_path: Path, algorithm: str, pem: bytes, words: str
) -> None:
    (tmp_path / "key.pem").write_bytes(pem)

    with pytest.raises(BadInput, match=words) as refused:
        parse_jwt_keys(f"{HS256_SETTING},k:{algorithm}:{tmp_path}/key.pem")

    assert refused.value.message.startswith("LEGATO_JWT_KEYS, key 2: expected")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "key 1: expected kid:algorithm:key"),
        ("h1", "key 1: expected an algorithm of HS256, RS256, ES256"),
        ("h1:none:", "key 1: expected an algorithm"),
        ("h1:HS512:AAAA", "key 1: expected an algorithm"),
        ("h 1:HS256:AAAA", "key 1: expected kid"),
        (f"{HS256_SETTING},{HS256_SETTING}", "key 2: expected kid:algorithm:key, with a kid of"),
        (f"h1:HS256:{base64.b64encode(bytes(31)).decode()}", "a secret of 32 bytes or more"),
        ("h1:HS256:geheim!", "a secret of 32 bytes or more in base64"),
        ("r1:RS256:/no/such.pem", "/no/such.pem: No such file"),
    ],
)
def test_keys_that_cannot_be_are_refused_at_start_and_never_shown(text: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_jwt_keys(text)

    assert words in refused.value.message
    assert "geheim" not in refused.value.message
    assert "AAAA" not in refused.value.message
