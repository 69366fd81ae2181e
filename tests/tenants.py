"""Tenants of a test's own, made where there are none, which no command but `tenant create` does."""

from pathlib import Path

from sqlalchemy.orm import Session

from legato.catalog.accounts import api_keys, tenants
from legato.deployment import Deployment
from legato.errors import NotFound
from legato.settings import Settings


def made_tenant(session: Session, name: str) -> str:
    """The id of the tenant of this name."""
    try:
        return tenants.tenant_named(session, name).tenant_id
    except NotFound:
        return tenants.create_tenant(session, name).tenant_id


def key_of(data: Path, name: str) -> str:
    """A new API key of the tenant of this name, in the data folder of a server."""
    deployment = Deployment(Settings(data=data, _env_file=None))
    with deployment.database.write() as session:
        key = api_keys.create_api_key(session, made_tenant(session, name), "a test's")
    deployment.database.close()
    return key
