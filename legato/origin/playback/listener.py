"""Who presses play: a track's owner, a listener with a token, or nobody in particular."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from sqlalchemy.orm import Session

from legato.catalog.accounts import api_keys
from legato.origin.asgi import AUTHENTICATED, Scope, request_headers
from legato.origin.bearer import bearer_of
from legato.origin.media.edge import Edge
from legato.origin.playback.listener_token import ListenerTokens
from legato.origin.playback.tiers import Tier, Tiers
from legato.origin.playback.whereabouts import Whereabouts, whereabouts
from legato.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who wants to hear something, what they pay for, and where they are.

    `country` is where deals are asked for; `seen_in` where the edge sees them, which is what it
    can hold a grant against. `tenant_id` is that of an owner who hears their own tracks.
    `anonymous`: nobody has said who this is. `subject` is the `sub` of a listener's token.
    """

    subject: str | None = None
    tier: Tier
    country: str | None
    seen_in: str | None = None
    client_address: IPv4Address | IPv6Address | None
    tenant_id: str | None = None
    anonymous: bool = False


class Listeners:
    """Tells who a request speaks for."""

    def __init__(self, settings: Settings, tiers: Tiers, edge: Edge) -> None:
        """Raises BadInput where a setting of keys cannot be."""
        self._tiers = tiers
        self._tokens = ListenerTokens(settings, tiers)
        self._edge = edge

    def who(self, session: Session, scope: Scope) -> Listener:
        """The listener of a request, by its bearer (RFC 6750 §2.1): an API key, or a token.

        Raises Forbidden `bad_api_key`, `bad_listener_token`, `expired_listener_token`.
        """
        authorization = request_headers(scope).get(b"authorization", b"").decode("latin-1")
        bearer = bearer_of(authorization)
        place = whereabouts(scope, self._edge)
        if not bearer:
            return Listener(
                tier=self._tiers.least,
                country=place.country,
                seen_in=place.country,
                client_address=place.client_address,
                anonymous=True,
            )
        if bearer.startswith(api_keys.API_KEY_PREFIX):
            known = self._owner(api_keys.tenant_of_key(session, bearer), place)
        else:
            known = self._bearer_of_token(bearer, place)
        scope[AUTHENTICATED] = True
        return known

    def _owner(self, tenant_id: str, place: Whereabouts) -> Listener:
        return Listener(
            tier=self._tiers.highest,
            country=place.country,
            seen_in=place.country,
            client_address=place.client_address,
            tenant_id=tenant_id,
        )

    def _bearer_of_token(self, token: str, place: Whereabouts) -> Listener:
        claims = self._tokens.read(token)
        return Listener(
            subject=claims.subject,
            tier=claims.tier,
            country=claims.country or place.country,
            seen_in=place.country,
            client_address=place.client_address,
        )
