"""Where a listener is: the edge's word for it, where that may be believed."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from legato.catalog.rights.territories import is_territory
from legato.origin.asgi import Scope, request_headers
from legato.origin.media.edge import Edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """A listener's address and country; None where they are not known."""

    client_address: IPv4Address | IPv6Address | None
    country: str | None


def whereabouts(scope: Scope, edge: Edge) -> Whereabouts:
    """Where a request comes from.

    With a secret set, the edge's headers are believed from whoever sends it; with none, from
    everybody. Without them, the listener is whoever is connected, in a country that is not known.
    """
    fields = request_headers(scope)
    country = edge.country(fields)
    return Whereabouts(
        client_address=edge.client_address(scope, fields),
        country=country if country is not None and is_territory(country) else None,
    )
