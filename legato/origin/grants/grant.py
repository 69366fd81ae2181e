"""A grant: who may fetch what, until when. Dialects write it into URLs."""

import re
import secrets
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

# An id begins with the second it was issued in, in so many hexadecimal digits.
_ISSUED_DIGITS: Final = 8
_ID = re.compile(r"[0-9a-f]{20}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Leave to fetch one asset for one track, up to a bitrate, until a time.

    `expires_at_s` is a Unix time; the grant is good before it, and not at it. `client_address`
    and `country` (ISO 3166-1 alpha-2), where there are any, bind it to one listener's network.
    """

    grant_id: str
    track_id: str
    asset_id: str
    expires_at_s: int
    highest_bps: int
    client_address: IPv4Address | IPv6Address | None = None
    country: str | None = None

    @property
    def path(self) -> str:
        """The prefix of every address that the grant covers."""
        return f"/audio/{self.asset_id}/"

    @property
    def issued_at_s(self) -> int:
        """The Unix time at which it was made; 0 where the id is not one of ours."""
        return issued_at_s(self.grant_id)


def issued_at_s(grant_id: str) -> int:
    """The Unix time at which the grant of this id was made; 0 where it is not one of ours."""
    return int(grant_id[:_ISSUED_DIGITS], 16) if _ID.fullmatch(grant_id) else 0


def new_grant(  # noqa: PLR0913 - a grant is all of these
    *,
    track_id: str,
    asset_id: str,
    expires_at_s: int,
    highest_bps: int,
    client_address: IPv4Address | IPv6Address | None = None,
    country: str | None = None,
) -> Grant:
    """A grant with an id of its own, by which it can be denied later."""
    return Grant(
        grant_id=f"{int(time.time()):0{_ISSUED_DIGITS}x}" + secrets.token_hex(6),
        track_id=track_id,
        asset_id=asset_id,
        expires_at_s=expires_at_s,
        highest_bps=highest_bps,
        client_address=client_address,
        country=country,
    )
