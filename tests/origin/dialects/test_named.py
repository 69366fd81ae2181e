"""Dialects by their names, with keys from the settings."""

from pathlib import Path
from typing import Any

import pytest

from legato.errors import BadInput
from legato.origin.dialects.named import DIALECTS, open_dialect
from legato.origin.grants.signing_keys import SigningKeys
from legato.settings import Settings
from tests.conftest import ROOT
from tests.origin.dialects.test_cloudfront import pem
from tests.origin.dialects.vendors import GRANT, PUBLIC_URL, code_of, request_for, rsa_key

KEYS = SigningKeys(by_id={"k1": bytes(range(32))})
SECRETS: dict[str, Any] = {
    "akamai_key": "aabbccddeeff00112233445566778899",
    "google_cdn_key": "my-key:nZtRohdNF9m3cKM24IcK4w==",
    "media_cdn_key": "my-keyset:BxwXXNjeGaoWqjr7GHEymRJkP4SaOC12dTGixk7Yr8I=",
    "bunny_key": "5ad8f0a1-9c1f-4d33-b2b0-2f3c8e0fca11",
    "cloudflare_key": "mysecretkey-mysecretkey",
}


@pytest.fixture
def every_key(tmp_path: Path) -> Settings:
    (tmp_path / "private.pem").write_text(pem(rsa_key().private))
    cloudfront = f"K2JCJMDEHXQW5F:{tmp_path}/private.pem"
    return Settings(cloudfront_key=cloudfront, **SECRETS, _env_file=None)


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_is_opened_by_its_name(name: str, every_key: Settings) -> None:
    dialect = open_dialect(name, every_key, KEYS)

    assert dialect.name == name
    assert code_of(dialect, request_for(dialect.sign(GRANT, PUBLIC_URL))) == "accepted"


def test_an_unknown_dialect_says_which_there_are() -> None:
    with pytest.raises(BadInput, match="'fastly': there are path, cloudfront, ") as refused:
        open_dialect("fastly", Settings(_env_file=None), KEYS)

    assert refused.value.code == "no_dialect"


@pytest.mark.parametrize("name", [name for name in DIALECTS if name != "path"])
def test_a_dialect_without_its_key_names_the_variable(name: str) -> None:
    with pytest.raises(BadInput, match=f"^LEGATO_[A-Z_]+_KEY: unset; dialect {name}") as refused:
        open_dialect(name, Settings(_env_file=None), KEYS)

    assert refused.value.code == "bad_setting"


@pytest.mark.parametrize(("setting", "secret"), SECRETS.items())
def test_a_malformed_key_names_the_variable_and_not_the_key(setting: str, secret: str) -> None:
    broken_key: dict[str, Any] = {setting: f"{secret[:9]}\n"}
    broken = Settings(**broken_key, _env_file=None)

    name = setting.removesuffix("_key").replace("_", "-")

    with pytest.raises(BadInput, match=f"^LEGATO_{setting.upper()}: expected") as refused:
        open_dialect(name, broken, KEYS)

    assert refused.value.code == "bad_setting"
    assert secret[:9] not in refused.value.message


def test_every_dialect_has_a_row_in_the_documents_table() -> None:
    text = (ROOT / "docs" / "dialects.md").read_text()

    assert [name for name in DIALECTS if f"\n| `{name}` |" not in text] == []
