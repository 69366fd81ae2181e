"""`legato key`: API keys."""

from legato.catalog import tenants
from legato.deployment import Deployment


def create_key(tenant: str, label: str) -> str:
    """Make a key for a tenant, who is made where there is none; answers the key."""
    with Deployment().database.write() as session:
        return tenants.create_api_key(session, tenants.ensure_tenant(session, tenant), label)
