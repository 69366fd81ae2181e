"""A grant: who may fetch what, until when. Dialects write it into URLs."""

import secrets
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Leave to fetch one asset for one track, up to a bitrate, until a time.

    `expires_at_s` is a Unix time; the grant is good before it, and not at it.
    """

    grant_id: str
    track_id: str
    asset_id: str
    expires_at_s: int
    highest_bps: int

    @property
    def path(self) -> str:
        """The prefix of every address that the grant covers."""
        return f"/audio/{self.asset_id}/"


def new_grant(*, track_id: str, asset_id: str, expires_at_s: int, highest_bps: int) -> Grant:
    """A grant with an id of its own, by which it can be denied later."""
    return Grant(
        grant_id=secrets.token_hex(8),
        track_id=track_id,
        asset_id=asset_id,
        expires_at_s=expires_at_s,
        highest_bps=highest_bps,
    )
