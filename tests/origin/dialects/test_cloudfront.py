"""CloudFront, against botocore's own signer and Amazon's openssl recipe."""

import datetime as dt
import json
import subprocess
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from legato.errors import BadInput
from legato.origin.dialects.cloudfront import (
    CloudFrontCookies,
    CloudFrontKey,
    CloudFrontQuery,
    parse_cloudfront_key,
    prefix_policy,
    sign_file,
)
from legato.origin.dialects.dialect import SignedRequest
from tests.origin.dialects.vendors import (
    ADDRESS,
    ASSET,
    EXPIRY_S,
    GRANT,
    PUBLIC_URL,
    code_of,
    ecdsa_key,
    request_for,
    rsa_key,
    signed,
)

FILE_URL = f"{PUBLIC_URL}/audio/{ASSET}/aac-160.mp4"
UNTIL = dt.datetime.fromtimestamp(EXPIRY_S, dt.UTC)


@pytest.fixture
def botocore_signer() -> CloudFrontSigner:
    private = rsa_key().private
    assert isinstance(private, rsa.RSAPrivateKey)
    return CloudFrontSigner(
        rsa_key().key_pair_id,
        lambda message: private.sign(message, padding.PKCS1v15(), SHA1()),  # noqa: S303
    )


def file_request(url: str) -> SignedRequest:
    path, _, query = url.removeprefix(PUBLIC_URL).partition("?")
    return SignedRequest(scheme="https", host="music.example", path=path, query=query)


def test_one_file_is_signed_as_botocore_signs_it(botocore_signer: CloudFrontSigner) -> None:
    theirs = botocore_signer.generate_presigned_url(FILE_URL, date_less_than=UNTIL)

    assert sign_file(rsa_key(), FILE_URL, EXPIRY_S) == theirs


@pytest.mark.parametrize("address", [None, ADDRESS])
def test_a_prefix_is_signed_as_botocore_signs_it(
    botocore_signer: CloudFrontSigner, address: IPv4Address | None
) -> None:
    base_url = f"{PUBLIC_URL}/audio/{ASSET}/"
    ip_address = str(address) if address is not None else None
    policy = botocore_signer.build_policy(f"{base_url}*", UNTIL, ip_address=ip_address)
    theirs = botocore_signer.generate_presigned_url(f"{base_url}41.ogg", policy=policy)

    grant = replace(GRANT, client_address=address)
    ours = CloudFrontQuery(key=rsa_key()).sign(grant, PUBLIC_URL)

    assert f"{ours.base_url}41.ogg?{ours.query}" == theirs


@pytest.mark.parametrize("key", [rsa_key(), ecdsa_key()], ids=["RSA", "ECDSA"])
def test_openssl_verifies_what_is_signed(key: CloudFrontKey, tmp_path: Path) -> None:
    """Amazon's recipe, backwards: `tr -- '-_~' '+=/' | openssl base64 -d`, `openssl dgst`."""
    base = CloudFrontQuery(key=key).sign(GRANT, PUBLIC_URL)
    fields = dict(field.split("=", 1) for field in base.query.split("&"))
    public = key.private.public_key()
    (tmp_path / "public.pem").write_bytes(
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (tmp_path / "policy").write_bytes(prefix_policy(GRANT, base.base_url))
    decode = ["sh", "-c", "tr -- '-_~' '+=/' | openssl base64 -d -A"]
    signature = subprocess.run(
        decode, input=fields["Signature"].encode(), capture_output=True, check=True
    )
    (tmp_path / "signature").write_bytes(signature.stdout)
    digest = "-sha256" if fields.get("Hash-Algorithm") == "SHA256" else "-sha1"

    verify = ["openssl", "dgst", digest, "-verify", "public.pem", "-signature", "signature"]
    done = subprocess.run(
        [*verify, "policy"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.stdout == "Verified OK\n", done.stderr


def test_an_ecdsa_key_says_which_hash_it_used() -> None:
    assert signed(CloudFrontQuery(key=ecdsa_key())).query.endswith("&Hash-Algorithm=SHA256")
    assert "Hash-Algorithm" not in signed(CloudFrontQuery(key=rsa_key())).query
    cookies = signed(CloudFrontCookies(key=ecdsa_key())).cookies
    assert set(cookies) == {
        "CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id",
        "CloudFront-Hash-Algorithm",
    }  # fmt: skip


@pytest.mark.parametrize("key", [rsa_key(), ecdsa_key()], ids=["RSA", "ECDSA"])
@pytest.mark.parametrize(
    ("found", "asked", "code"),
    [
        ("", "", "accepted"), ("aac-160.mp4", "aac-320.mp4", "bad_token"),
        (f"Expires={EXPIRY_S}", f"Expires={EXPIRY_S + 1}", "bad_token"),
        ("https://", "http://", "bad_token"),
    ],
)  # fmt: skip
def test_a_canned_policy_opens_one_file(
    key: CloudFrontKey, found: str, asked: str, code: str
) -> None:
    request = file_request(sign_file(key, FILE_URL, EXPIRY_S))
    changed = replace(
        request,
        path=request.path.replace(found, asked),
        query=request.query.replace(found, asked),
        scheme="http" if asked == "http://" else "https",
    )

    assert code_of(CloudFrontQuery(key=key), changed) == code
    if code == "accepted":
        assert code_of(CloudFrontQuery(key=key), changed, EXPIRY_S) == "expired_token"


@pytest.mark.parametrize(
    ("client", "code"),
    [
        (ADDRESS, "accepted"), (IPv6Address("::ffff:192.0.2.7"), "accepted"),
        (ADDRESS + 1, "wrong_listener"), (IPv6Address("2001:db8::7"), "wrong_listener"),
        (None, "wrong_listener"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("dialect", [CloudFrontQuery, CloudFrontCookies])
def test_a_grant_bound_to_ipv4_is_bound_at_cloudfront(
    dialect: type[CloudFrontQuery | CloudFrontCookies],
    client: IPv4Address | IPv6Address | None,
    code: str,
) -> None:
    bound = signed(dialect(key=rsa_key()), client_address=ADDRESS)

    assert code_of(dialect(key=rsa_key()), replace(bound, client_address=client)) == code


def test_a_policy_knows_no_ipv6_address() -> None:
    """CloudFront's IpAddress condition is for IPv4: a grant bound to IPv6 goes unbound."""
    bound = replace(GRANT, client_address=IPv6Address("2001:db8::7"))

    assert prefix_policy(bound, PUBLIC_URL) == prefix_policy(GRANT, PUBLIC_URL)


@pytest.mark.parametrize("dialect", [CloudFrontQuery, CloudFrontCookies])
def test_another_private_key_under_the_same_id_is_refused(
    dialect: type[CloudFrontQuery | CloudFrontCookies],
) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    other = CloudFrontKey(key_pair_id=ecdsa_key().key_pair_id, private=private)

    assert code_of(dialect(key=other), signed(dialect(key=ecdsa_key()))) == "bad_token"
    assert code_of(dialect(key=rsa_key()), signed(dialect(key=ecdsa_key()))) == "bad_token"


def test_a_signature_with_other_unused_bits_is_refused() -> None:
    """256 bytes leave four bits of the last letter unused: sixteen ways to write the same."""
    request = signed(CloudFrontQuery(key=rsa_key()))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~"
    end = request.query.index("__&Key-Pair-Id")
    last = alphabet.index(request.query[end - 1])

    for unused in range(1, 16):
        query = request.query[: end - 1] + alphabet[last | unused] + request.query[end:]
        changed = replace(request, query=query)
        assert code_of(CloudFrontQuery(key=rsa_key()), changed) == "bad_token"


@pytest.mark.parametrize(
    "policy",
    [
        {"Statement": [{"Resource": "https://music.example/*"}]},
        {"Statement": []},
        {"Statement": [{"Resource": "*", "Condition": {"DateLessThan": {"AWS:EpochTime": 9**9}}}]},
        [],
    ],
)
def test_what_the_key_signed_for_others_opens_nothing_here(policy: object) -> None:
    text = json.dumps(policy, separators=(",", ":"))
    key, signer = rsa_key(), CloudFrontSigner(rsa_key().key_pair_id, rsa_key().sign)
    url = signer.generate_presigned_url(FILE_URL, policy=text)

    assert code_of(CloudFrontQuery(key=key), file_request(url), 0) == "bad_token"


def test_cookies_are_for_the_grants_path_alone() -> None:
    base = CloudFrontCookies(key=rsa_key()).sign(GRANT, f"{PUBLIC_URL}/eu")

    assert {cookie.path for cookie in base.cookies} == {f"/eu/audio/{ASSET}/"}
    assert base.query == ""
    assert code_of(CloudFrontCookies(key=rsa_key()), request_for(base)) == "accepted"


def pem(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("key", [rsa_key(), ecdsa_key()], ids=["RSA", "ECDSA"])
def test_a_key_is_read_from_its_file(key: CloudFrontKey, tmp_path: Path) -> None:
    (tmp_path / "private.pem").write_text(pem(key.private))

    read = parse_cloudfront_key(f"{key.key_pair_id}:{tmp_path}/private.pem")

    assert code_of(CloudFrontQuery(key=read), signed(CloudFrontQuery(key=key))) == "accepted"


def test_a_key_that_cannot_sign_for_cloudfront_is_refused_unshown(tmp_path: Path) -> None:
    passphrase = BestAvailableEncryption(b"secret")
    locked = ecdsa_key().private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, passphrase)
    files = {
        "another kind of key": pem(rsa.generate_private_key(public_exponent=65537, key_size=3072)),
        "another kind": pem(ec.generate_private_key(ec.SECP384R1())),
        "kind of key": pem(ed25519.Ed25519PrivateKey.generate()),
        "without a passphrase": locked.decode(),
        "no private key": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n",
    }
    for found, text in files.items():
        (tmp_path / "private.pem").write_text(text)
        with pytest.raises(BadInput, match=f"LEGATO_CLOUDFRONT_KEY: .*{found}") as refused:
            parse_cloudfront_key(f"K2JCJMDEHXQW5F:{tmp_path}/private.pem")
        assert refused.value.code == "bad_setting"
        assert text.splitlines()[1] not in refused.value.message


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("/private.pem", "no key pair id"), ("", "no key pair id"), (":/x", "no key pair id"),
        ("K2JCJMDEHXQW5F", "cannot be read"), ("K2JCJMDEHXQW5F:", "cannot be read"),
        ("K2JCJMDEHXQW5F:/no/such.pem", "No such file"), ("K2JCJMDEHXQW5F:/", "Is a directory"),
    ],
)  # fmt: skip
def test_a_setting_that_names_no_key_says_so(setting: str, found: str) -> None:
    with pytest.raises(BadInput, match=f"LEGATO_CLOUDFRONT_KEY: .*{found}"):
        parse_cloudfront_key(setting)
