"""Tenants and their API keys."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from legato.catalog import tenants
from legato.catalog.database import Database
from legato.errors import Forbidden


def test_a_tenant_is_made_once(session: Session) -> None:
    first = tenants.ensure_tenant(session, "ensemble")

    assert tenants.ensure_tenant(session, "ensemble") == first
    assert tenants.ensure_tenant(session, "another") != first


def test_a_key_speaks_for_its_tenant_only(session: Session) -> None:
    ours, theirs = (tenants.ensure_tenant(session, name) for name in ("ours", "theirs"))
    our_key = tenants.create_api_key(session, ours, "a label")
    their_key = tenants.create_api_key(session, theirs, "a label")

    assert tenants.tenant_of_key(session, our_key) == ours
    assert tenants.tenant_of_key(session, their_key) == theirs


def test_a_tenant_may_have_several_keys(session: Session, tenant_id: str) -> None:
    keys = {tenants.create_api_key(session, tenant_id, "the same label") for _ in range(3)}

    assert len(keys) == 3
    assert {tenants.tenant_of_key(session, key) for key in keys} == {tenant_id}


@pytest.mark.parametrize("change", [str.upper, lambda key: key[:-1], lambda key: key + " ", str])
def test_a_key_that_is_not_known_is_refused(
    session: Session, tenant_id: str, change: type[str]
) -> None:
    key = tenants.new_api_key()
    tenants.register_api_key(session, tenant_id, f"{key}=", "another key")

    with pytest.raises(Forbidden) as refused:
        tenants.tenant_of_key(session, change(key))

    assert refused.value.code == "bad_api_key"
    assert key not in refused.value.message


def test_registering_a_key_again_changes_nothing(session: Session, tenant_id: str) -> None:
    key = tenants.create_api_key(session, tenant_id, "a label")

    tenants.register_api_key(session, tenants.ensure_tenant(session, "another"), key, "mine now")

    assert tenants.tenant_of_key(session, key) == tenant_id


def test_the_catalogue_does_not_know_the_keys_themselves(
    database: Database, tmp_path: Path
) -> None:
    with database.write() as session:
        key = tenants.create_api_key(session, tenants.ensure_tenant(session), "a label")
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("catalog.sqlite3*"))

    assert b"a label" in stored
    assert key.encode() not in stored
    assert key.removeprefix("lk_").encode() not in stored
