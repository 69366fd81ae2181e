"""The port that every dialect obeys: how a grant becomes a URL, and how one is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Protocol

from legato.origin.grants.grant import Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """A cookie that a player has to send (RFC 6265), for the path it is good for."""

    name: str
    value: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBase:
    """A grant as a player uses it.

    Each address is `base_url` + a relative address, with `?query` after it where there is a
    query; `cookies` go along with every request.
    """

    base_url: str
    query: str = ""
    cookies: tuple[Cookie, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request as an edge sees it: the URL as it was sent, the cookies, and who sent it."""

    scheme: str
    host: str
    path: str
    query: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)
    client_address: IPv4Address | IPv6Address | None = None
    country: str | None = None

    @property
    def url(self) -> str:
        """Without the query."""
        return f"{self.scheme}://{self.host}{self.path}"


class Dialect(Protocol):
    """One way to write grants. Pure: a function of its keys, the grant and the clock given."""

    @property
    def name(self) -> str:
        """What `--dialect` and `LEGATO_PUBLIC_URL` call it."""
        ...

    def sign(self, grant: Grant, public_url: str) -> SignedBase:
        """The grant for a player that reaches the edge at `public_url` (no slash at its end)."""
        ...

    def verify(self, request: SignedRequest, now_s: float) -> None:
        """Judge a request as the vendor's edge does.

        Raises Forbidden `no_token`, `bad_token`, `expired_token` or `wrong_listener`.
        """
        ...
