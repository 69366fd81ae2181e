"""Cloud CDN and Media CDN, against the vectors that Google's samples are tested with.

(GoogleCloudPlatform/python-docs-samples, cdn/snippets_test.py and media_cdn/snippets_test.py.)
Of Media CDN's path component none is published: openssl judges it.
"""

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from legato.errors import BadInput
from legato.origin.dialects.google_cdn import GoogleCdnKey, parse_google_cdn_key
from legato.origin.dialects.media_cdn import MediaCdnKey, MediaCdnPath, parse_media_cdn_key
from legato.origin.dialects.url_prefix import IN_COOKIE, IN_QUERY, add_signature, write_prefix
from tests.origin.dialects.vendors import ASSET, EXPIRY_S, GRANT, PUBLIC_URL

CDN_KEY = GoogleCdnKey(
    key_name="my-key", secret=base64.urlsafe_b64decode("nZtRohdNF9m3cKM24IcK4w==")
)
CDN_EXPIRY_S = 1_549_751_401
MEDIA_KEY = MediaCdnKey(
    key_name="my-key",
    private=Ed25519PrivateKey.from_private_bytes(
        base64.urlsafe_b64decode("BxwXXNjeGaoWqjr7GHEymRJkP4SaOC12dTGixk7Yr8I=")
    ),
)
MEDIA_EXPIRY_S = 1_650_848_400


@pytest.mark.parametrize(
    ("prefix", "encoded", "signature"),
    [
        ("http://35.186.234.33/", "aHR0cDovLzM1LjE4Ni4yMzQuMzMv", "j7HYgoQ8dIOVsW3Rw4cpkjWfRMA="),
        ("http://www.example.com/", "aHR0cDovL3d3dy5leGFtcGxlLmNvbS8=",
         "UdT5nVks6Hh8QFMJI9kmXuXYBk0="),
        ("http://www.example.com/some/", "aHR0cDovL3d3dy5leGFtcGxlLmNvbS9zb21lLw==",
         "3th4ThmpS95I1TAKYyYSCSq3dnQ="),
    ],
)  # fmt: skip
def test_cloud_cdns_prefix_is_signed_as_google_signs_it(
    prefix: str, encoded: str, signature: str
) -> None:
    assert write_prefix(CDN_KEY, prefix, CDN_EXPIRY_S, IN_QUERY) == (
        f"URLPrefix={encoded}&Expires=1549751401&KeyName=my-key&Signature={signature}"
    )


@pytest.mark.parametrize(
    ("prefix", "encoded", "signature"),
    [
        ("http://35.186.234.33/index.html", "aHR0cDovLzM1LjE4Ni4yMzQuMzMvaW5kZXguaHRtbA==",
         "uImwlOBCPs91mlCyG9vyyZRrNWU="),
        ("http://www.example.com/foo/", "aHR0cDovL3d3dy5leGFtcGxlLmNvbS9mb28v",
         "Z9uYAu73YHioRScZDxnP-TnS274="),
    ],
)  # fmt: skip
def test_cloud_cdns_cookie_is_signed_as_google_signs_it(
    prefix: str, encoded: str, signature: str
) -> None:
    assert write_prefix(CDN_KEY, prefix, CDN_EXPIRY_S, IN_COOKIE) == (
        f"URLPrefix={encoded}:Expires=1549751401:KeyName=my-key:Signature={signature}"
    )


# Google's samples pad base64 and its documentation strips it; a prefix that needs no padding has
# the same signature either way.
@pytest.mark.parametrize(
    ("prefix", "joint", "expected"),
    [
        ("http://35.186.234.33/", IN_QUERY,
         ("URLPrefix=aHR0cDovLzM1LjE4Ni4yMzQuMzMv&Expires=1650848400&KeyName=my-key&Signature="
         "mR4jNsWVn39ofSC5425SXwZVzHAAixemdcRGHgPuO1V1Fl7lJs2Ws5aPOGp-"
         "MhbDinFYUkutHh-I9c5Du4jtAA")),
        ("http://www.example.com/foo/", IN_COOKIE,
         ("URLPrefix=aHR0cDovL3d3dy5leGFtcGxlLmNvbS9mb28v:Expires=1650848400:KeyName=my-key:"
         "Signature=I0BnupL1tKbXklf1rK50nlC9JMh4HBLogTKByatOFRvALofT159BegB26Z2WmrI-"
         "ZAgAp8Q-1__bWtFdMAqCAA")),
    ],
)  # fmt: skip
def test_media_cdns_prefix_is_signed_as_google_signs_it(
    prefix: str, joint: str, expected: str
) -> None:
    assert write_prefix(MEDIA_KEY, prefix, MEDIA_EXPIRY_S, joint) == expected


def test_media_cdn_signs_any_text_as_google_signs_it() -> None:
    text = "http://www.example.com/?Expires=1650848400&KeyName=my-key"

    assert add_signature(MEDIA_KEY, text, IN_QUERY) == (
        f"{text}&Signature=QhWcq48iCRTJFayWexw929QRxjOxE8ZPSQ38ybTxLhu77hmS_JB6GSougMu_"
        "-ejS_ZiGguqxT-HfgSFuy3f5DQ"
    )


def test_openssl_verifies_media_cdns_path_component(tmp_path: Path) -> None:
    """What is signed is the URL from its scheme to the key's name."""
    base_url = MediaCdnPath(key=MEDIA_KEY).sign(GRANT, PUBLIC_URL).base_url
    text, _, signature = base_url.removesuffix("/").partition("&Signature=")
    public = MEDIA_KEY.private.public_key()
    (tmp_path / "public.pem").write_bytes(
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (tmp_path / "text").write_text(text)
    (tmp_path / "signature").write_bytes(base64.urlsafe_b64decode(signature + "=="))

    done = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "public.pem",
         "-in", "text", "-sigfile", "signature"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert text == (
        f"https://music.example/audio/{ASSET}/edge-cache-token=Expires={EXPIRY_S}&KeyName=my-key"
    )
    assert "Signature Verified Successfully" in done.stdout, done.stderr


def test_keys_are_read_padded_or_bare() -> None:
    for padding in ("==", ""):
        key = parse_google_cdn_key(f"my-key:nZtRohdNF9m3cKM24IcK4w{padding}")
        assert (key.key_name, key.secret) == ("my-key", CDN_KEY.secret)
    for padding in ("=", ""):
        media = parse_media_cdn_key(f"my-key:BxwXXNjeGaoWqjr7GHEymRJkP4SaOC12dTGixk7Yr8I{padding}")
        assert media.sign("x") == MEDIA_KEY.sign("x")


@pytest.mark.parametrize(
    "setting",
    [
        "", "my-key", "my-key:", ":nZtRohdNF9m3cKM24IcK4w==", "my key:nZtRohdNF9m3cKM24IcK4w==",
        "my-key:nZtRohdNF9m3cKM24IcK", "my-key:nZtRohdNF9m3cKM24IcK4w!!", "my-key:n\xe9",
        "k" * 64 + ":nZtRohdNF9m3cKM24IcK4w==",
    ],
)  # fmt: skip
def test_a_key_that_is_none_is_refused_unshown(setting: str) -> None:
    with pytest.raises(BadInput, match="LEGATO_GOOGLE_CDN_KEY: expected") as refused:
        parse_google_cdn_key(setting)
    with pytest.raises(BadInput, match="LEGATO_MEDIA_CDN_KEY: expected") as also:
        parse_media_cdn_key(setting)

    assert "nZtRohd" not in refused.value.message + also.value.message
