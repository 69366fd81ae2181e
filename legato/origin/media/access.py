"""Who may fetch an address: a token in its path, a CDN's own signature, or the edge's word."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from legato.errors import Forbidden
from legato.origin.asgi import Scope
from legato.origin.dialects.binding import check_binding
from legato.origin.dialects.dialect import Dialect, SignedRequest
from legato.origin.dialects.path_token import PathTokenVerifier
from legato.origin.grants.grant import Grant
from legato.origin.media.edge import Edge

_TOKEN_ADDRESS = re.compile(r"/t/([^/]+)/audio/([0-9a-f]{64})/(.+)", re.ASCII)
_BARE_ADDRESS = re.compile(r"(?:/upto/([1-9][0-9]{0,4}))?/audio/([0-9a-f]{64})/(.+)", re.ASCII)
_UNLIMITED_BPS: Final = 10**9
# Paths that are asked for again and again; about a kilobyte each.
_ADDRESSES_KEPT: Final = 16_384


class Denied(Protocol):
    """What is good no longer."""

    def denies(self, grant: Grant) -> bool: ...

    def denies_asset(self, asset_id: str) -> bool: ...


class Allowed(NamedTuple):
    """Leave to fetch the address `rest` of an asset, up to a bitrate."""

    asset_id: str
    rest: str
    highest_bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Judges requests. `vendors` are CDNs' own signatures, each with the URLs it may stand in."""

    verifier: PathTokenVerifier
    denied: Denied
    edge: Edge = field(default_factory=Edge)
    vendors: Sequence[tuple[Dialect, str]] = ()
    clock: Callable[[], float] = time.time

    def judge(self, scope: Scope, fields: Mapping[bytes, bytes]) -> Allowed:
        """What a request may have; raises Forbidden, the same whether it exists or not."""
        if not self.edge.admits(fields):
            raise Forbidden("not_the_edge", "this origin answers its edge alone")
        signed = _signed_address(_plain_path(scope))
        if signed is None:
            allowed = self._without_token(scope, fields)
        else:
            token, asset_id, rest = signed
            grant = self.verifier.verify(token, asset_id)
            if grant.client_address is not None or grant.country is not None:
                check_binding(
                    grant, self.edge.client_address(scope, fields), self.edge.country(fields)
                )
            if self.denied.denies(grant):
                raise Forbidden("denied_grant", "this address has been withdrawn: ask for `play`")
            allowed = Allowed(asset_id=asset_id, rest=rest, highest_bps=grant.highest_bps)
        if self.denied.denies_asset(allowed.asset_id):
            raise Forbidden("taken_down", "this has been taken down")
        return allowed

    def _without_token(self, scope: Scope, fields: Mapping[bytes, bytes]) -> Allowed:
        found = _BARE_ADDRESS.fullmatch(_plain_path(scope))
        if found is None or not (self.edge.vouches or self._is_signed(scope, fields)):
            raise Forbidden("no_token", "this address is not signed: ask for `play`")
        kbps, asset_id, rest = found.groups()
        highest_bps = int(kbps) * 1000 if kbps else _UNLIMITED_BPS
        return Allowed(asset_id=asset_id, rest=rest, highest_bps=highest_bps)

    def _is_signed(self, scope: Scope, fields: Mapping[bytes, bytes]) -> bool:
        """Whether one of the CDNs' own signatures covers it; raises what the first says of it.

        Two CDNs may write the same fields: each is asked before any refusal counts.
        """
        refusals = []
        for dialect, public_url in self.vendors:
            request = self._as_at_the_edge(scope, fields, public_url)
            try:
                dialect.verify(request, self.clock())
            except Forbidden as error:
                refusals.append(error)
            else:
                return True
        for refusal in refusals:
            if refusal.code != "no_token":
                raise refusal
        return False

    def _as_at_the_edge(
        self, scope: Scope, fields: Mapping[bytes, bytes], public_url: str
    ) -> SignedRequest:
        """The request as the CDN at `public_url` saw it."""
        parts = urlsplit(public_url)
        return SignedRequest(
            scheme=parts.scheme,
            host=parts.netloc,
            path=parts.path.rstrip("/") + scope["path"],
            query=scope["query_string"].decode("latin-1"),
            cookies=_cookies(fields),
            client_address=self.edge.client_address(scope, fields),
            country=self.edge.country(fields),
        )


@lru_cache(maxsize=_ADDRESSES_KEPT)
def _signed_address(path: str) -> tuple[str, str, str] | None:
    """Token, asset id and address of a path that has all three."""
    found = _TOKEN_ADDRESS.fullmatch(path)
    return (found[1], found[2], found[3]) if found is not None else None


def _plain_path(scope: Scope) -> str:
    """The path, if it came without an escape: each address has one name, and that needs none."""
    return "" if b"%" in scope["raw_path"] else scope["path"]


def _cookies(fields: Mapping[bytes, bytes]) -> dict[str, str]:
    """Cookies by name as they came (RFC 6265 §5.4); those of others spoil none of ours."""
    pairs = fields.get(b"cookie", b"").decode("latin-1").split(";")
    split = (pair.partition("=") for pair in pairs)
    return {name.strip(): value.strip() for name, _, value in split}
