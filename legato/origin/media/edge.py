"""The edge in front of the origin: how it shows that it is, and what is believed of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from legato.errors import BadInput
from legato.origin.asgi import Scope
from legato.settings import Settings

EDGE_SECRET_HEADER: Final = b"x-legato-edge-secret"
_SECRET_BYTES: Final = 16
_WITH_PORT: Final = re.compile(r"\[([^\]]*)\](?::[0-9]+)?|([0-9.]+):[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What is in front of us, and how it shows that it is.

    `secrets` are those it may send (none: anybody may ask); `proven`: only the edge can reach
    us at all (mTLS); `verifies`: it has judged a grant before it asks. The headers are those
    in which it tells the listener's address and country.
    """

    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    proven: bool = False
    verifies: bool = False
    address_header: bytes | None = None
    country_header: bytes | None = None

    def admits(self, fields: Mapping[bytes, bytes]) -> bool:
        """Whether a request may come in at all."""
        if not self.secrets:
            return True
        sent = fields.get(EDGE_SECRET_HEADER, b"")
        return sum(compare_digest(secret, sent) for secret in self.secrets) > 0

    def recognises(self, fields: Mapping[bytes, bytes]) -> bool:
        """Whether a request is certainly the edge's."""
        return (self.proven or bool(self.secrets)) and self.admits(fields)

    @property
    def vouches(self) -> bool:
        """Whether what it asks for without a token may be served."""
        return self.verifies and (self.proven or bool(self.secrets))

    def client_address(
        self, scope: Scope, fields: Mapping[bytes, bytes]
    ) -> IPv4Address | IPv6Address | None:
        """The listener's address: what the edge tells, else who is connected.

        Of a list the last counts: it is the edge's own entry, those before it anybody's.
        """
        told = self._told(self.address_header, fields)
        client = scope.get("client")
        if told is not None:
            return _address(told.decode("latin-1").rpartition(",")[2].strip())
        return _address(client[0]) if client else None

    def country(self, fields: Mapping[bytes, bytes]) -> str | None:
        """The listener's country as the edge tells it, ISO 3166-1 alpha-2."""
        told = self._told(self.country_header, fields)
        return told.decode("latin-1").strip().upper() if told else None

    def _told(self, header: bytes | None, fields: Mapping[bytes, bytes]) -> bytes | None:
        """What the edge says in a header; nobody else is believed where it can show itself."""
        return fields.get(header) if header is not None and self.admits(fields) else None


def open_edge(settings: Settings, *, proven: bool = False) -> Edge:
    """The edge that the settings speak of; raises BadInput for a secret that is too short.

    `proven`: whoever listens for us has been told to let in the edge alone.
    """
    return Edge(
        secrets=_secrets(settings.edge_secret) if settings.edge_secret is not None else (),
        proven=proven,
        verifies=settings.edge_verifies,
        address_header=_header_name(settings.client_address_header),
        country_header=_header_name(settings.country_header),
    )


def _secrets(setting: str) -> tuple[bytes, ...]:
    secrets = tuple(secret.strip().encode() for secret in setting.split(","))
    if min(map(len, secrets)) < _SECRET_BYTES:
        raise BadInput(
            "bad_setting",
            f"LEGATO_EDGE_SECRET: expected {_SECRET_BYTES} characters or more in each",
        )
    return secrets


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address, with a port behind it or without (`192.0.2.1:443`, `[2001:db8::1]:443`)."""
    bare = _WITH_PORT.fullmatch(text)
    try:
        return ip_address((bare[1] or bare[2]) if bare else text)
    except ValueError:
        return None


def _header_name(setting: str | None) -> bytes | None:
    return setting.lower().encode() if setting else None
