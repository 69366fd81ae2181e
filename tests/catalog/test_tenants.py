"""Tenants and their API keys."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from legato.catalog.accounts import api_keys, audit, tenants
from legato.catalog.accounts.api_keys import Scope
from legato.catalog.accounts.quotas import Quotas
from legato.catalog.accounts.tenants import TenantKind
from legato.catalog.database import Database
from legato.errors import BadInput, Forbidden, NotFound
from tests.tenants import made_tenant


def test_only_the_tenant_of_this_machine_is_made_by_being_named(session: Session) -> None:
    local = tenants.ensure_tenant(session)

    assert tenants.ensure_tenant(session, "local") == local
    with pytest.raises(NotFound, match="`legato tenant create` makes one"):
        tenants.ensure_tenant(session, "lokal")
    assert [one.tenant_id for one in tenants.list_tenants(session)] == [local]


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\x1b[31m", "\x7f", "\u2028", "\0", "\ud800"])
def test_a_name_that_cannot_be_read_is_none(session: Session, name: str) -> None:
    with pytest.raises(BadInput) as refused:
        tenants.create_tenant(session, name)

    assert refused.value.code == "bad_text"


def test_a_name_may_be_in_any_script(session: Session) -> None:
    for name in ("Sigur Rós", "東京事変", "a\u200db"):
        assert tenants.create_tenant(session, name).name == name


def test_a_key_speaks_for_its_tenant_only(session: Session) -> None:
    ours, theirs = (made_tenant(session, name) for name in ("ours", "theirs"))
    our_key = api_keys.create_api_key(session, ours, "a label")
    their_key = api_keys.create_api_key(session, theirs, "a label")

    assert api_keys.tenant_of_key(session, our_key) == ours
    assert api_keys.tenant_of_key(session, their_key) == theirs


def test_a_tenant_may_have_several_keys(session: Session, tenant_id: str) -> None:
    keys = {api_keys.create_api_key(session, tenant_id, "the same label") for _ in range(3)}

    assert len(keys) == 3
    assert {api_keys.tenant_of_key(session, key) for key in keys} == {tenant_id}


@pytest.mark.parametrize("change", [str.upper, lambda key: key[:-1], lambda key: key + " ", str])
def test_a_key_that_is_not_known_is_refused(
    session: Session, tenant_id: str, change: type[str]
) -> None:
    key = api_keys.new_api_key()
    api_keys.register_api_key(session, tenant_id, f"{key}=", "another key")

    with pytest.raises(Forbidden) as refused:
        api_keys.tenant_of_key(session, change(key))

    assert refused.value.code == "bad_api_key"
    assert key not in refused.value.message


def test_registering_a_key_again_changes_nothing(session: Session, tenant_id: str) -> None:
    key = api_keys.create_api_key(session, tenant_id, "a label")

    api_keys.register_api_key(session, made_tenant(session, "another"), key, "mine now")

    assert api_keys.tenant_of_key(session, key) == tenant_id


def test_the_catalogue_does_not_know_the_keys_themselves(
    database: Database, tmp_path: Path
) -> None:
    with database.write() as session:
        key = api_keys.create_api_key(session, tenants.ensure_tenant(session), "a label")
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("catalog.sqlite3*"))

    assert b"a label" in stored
    assert key.encode() not in stored
    assert key.removeprefix("lk_").encode() not in stored


def test_a_tenant_is_what_it_was_made_and_changed_to(session: Session) -> None:
    made = tenants.create_tenant(session, "ours", TenantKind.LABEL, Quotas(max_tracks=3))
    changes: dict[str, str | int | None] = {"kind": "operator", "max_tracks": None, "max_bytes": 9}

    changed = tenants.change_tenant(session, "ours", changes)

    assert (made.kind, made.quotas) == (TenantKind.LABEL, Quotas(max_tracks=3))
    assert (changed.kind, changed.quotas) == (TenantKind.OPERATOR, Quotas(max_bytes=9))
    assert tenants.find_tenant(session, made.tenant_id) == changed
    assert tenants.list_tenants(session) == [changed]
    entries = audit.entries(session, made.tenant_id, limit=10)
    assert {one.action: one.details for one in entries}["tenant.changed"] == changes


def test_no_two_tenants_have_one_name(session: Session) -> None:
    tenants.create_tenant(session, "ours")

    with pytest.raises(BadInput, match="found one of that name"):
        tenants.create_tenant(session, "ours")
    with pytest.raises(NotFound, match="not in the catalogue"):
        tenants.tenant_named(session, "theirs")


def test_a_key_may_do_what_it_was_made_for_until_it_is_revoked(
    session: Session, tenant_id: str
) -> None:
    key = api_keys.create_api_key(session, tenant_id, "a label", frozenset({Scope.READ}))
    holder = api_keys.holder_of_key(session, key)

    api_keys.revoke_api_key(session, holder.key_id)

    assert holder.scopes == {Scope.READ}
    assert key.find(holder.key_id) == -1
    with pytest.raises(Forbidden, match="not known"):
        api_keys.holder_of_key(session, key)
    [listed] = api_keys.list_api_keys(session, tenant_id)
    assert (listed.key_id, listed.revoked_at_ms is None) == (holder.key_id, False)
    actions = [one.action for one in audit.entries(session, tenant_id, limit=10)]
    assert sorted(actions) == ["key.created", "key.revoked", "tenant.created"]


def test_a_text_that_no_database_would_take_is_the_id_of_nothing(session: Session) -> None:
    for text in ("0123\0", "\ud800"):
        with pytest.raises(NotFound, match="not in the catalogue"):
            api_keys.revoke_api_key(session, text)
