"""A listener's bearer token: a JSON Web Token, judged as RFC 7519 §7.2 and RFC 8725 ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import jwt

from legato.catalog.rights.territories import is_territory
from legato.errors import Forbidden
from legato.origin.playback.jwks import open_jwks
from legato.origin.playback.listener_keys import KeySource, ListenerKey, parse_jwt_keys
from legato.origin.playback.tiers import Tier, Tiers
from legato.settings import Settings

# Clocks differ by so much at most.
_LEEWAY_S: Final = 30
_WORDS: Final[dict[type[jwt.PyJWTError], str]] = {
    jwt.InvalidAudienceError: "its aud is not the one expected here",
    jwt.InvalidIssuerError: "its iss is not the one expected here",
    jwt.ImmatureSignatureError: "its nbf or iat is yet to come",
    jwt.MissingRequiredClaimError: "a claim that must be there (exp, and iss, aud) is missing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a good token says of a listener. `country` is a territory, where it names one."""

    subject: str | None
    tier: Tier
    country: str | None


class ListenerTokens:
    """Reads listeners' tokens. Nothing of a token or a key is ever in a message or in the log."""

    def __init__(self, settings: Settings, tiers: Tiers) -> None:
        """Raises BadInput where a setting of keys cannot be."""
        self._settings = settings
        self._tiers = tiers
        self._sources: list[KeySource] = []
        if settings.jwt_keys is not None:
            self._sources.append(parse_jwt_keys(settings.jwt_keys))
        if settings.jwt_jwks is not None:
            self._sources.append(open_jwks(settings.jwt_jwks))

    def read(self, token: str) -> Claims:
        """What a token says; raises Forbidden `bad_listener_token`, `expired_listener_token`.

        Raises Unavailable while a key set has never been read.
        """
        if not self._sources:
            raise _bad("this server takes none: LEGATO_JWT_KEYS and LEGATO_JWT_JWKS are unset")
        try:
            claims = self._verified(token)
        except jwt.ExpiredSignatureError as error:
            raise Forbidden("expired_listener_token", "this listener's token is over") from error
        except jwt.PyJWTError as error:
            words = _WORDS.get(type(error), "not a JSON Web Token that a key known here has signed")
            raise _bad(words) from error
        return Claims(
            subject=claims.get("sub"),
            tier=self._tier(claims.get(self._settings.jwt_tier_claim)),
            country=self._country(claims.get(self._settings.jwt_country_claim)),
        )

    def _verified(self, token: str) -> dict[str, Any]:
        """The claims of a token, by the first of its keys that has signed it."""
        key_id = jwt.get_unverified_header(token).get("kid")
        refusal: jwt.PyJWTError | None = None
        for key in self._candidates(key_id):
            try:
                return self._decoded(token, key)
            except (jwt.DecodeError, jwt.InvalidAlgorithmError) as error:  # another key has
                refusal = error
        raise refusal or _bad("its kid names no key that is known here")

    def _candidates(self, key_id: str | None) -> Iterator[ListenerKey]:
        """Keys that may have signed it; a set is asked where no key before it has."""
        for source in self._sources:
            yield from source.candidates(key_id)

    def _decoded(self, token: str, key: ListenerKey) -> dict[str, Any]:
        audience, issuer = self._settings.jwt_audience, self._settings.jwt_issuer
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[key.algorithm],
            audience=audience,
            issuer=issuer,
            leeway=_LEEWAY_S,
            options={"require": ["exp"], "verify_aud": audience is not None},
        )
        return claims

    def _tier(self, name: object) -> Tier:
        if name is None:
            return self._tiers.least
        tier = self._tiers.by_name.get(name) if isinstance(name, str) else None
        if tier is None:
            raise _bad_claim(self._settings.jwt_tier_claim, " or ".join(self._tiers.by_name))
        return tier

    def _country(self, code: object) -> str | None:
        if code is None or code == "":
            return None
        country = code.upper() if isinstance(code, str) else ""
        if not is_territory(country):
            raise _bad_claim(self._settings.jwt_country_claim, "an ISO 3166-1 alpha-2 code")
        return country


def _bad_claim(claim: str, expected: str) -> Forbidden:
    return _bad(f"claim {claim!r}: expected {expected}")


def _bad(words: str) -> Forbidden:
    return Forbidden("bad_listener_token", f"the listener's token: {words}")
