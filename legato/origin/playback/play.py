"""Pressing play: may this listener hear this track now, and if so, a grant for it."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from legato.catalog import tracks
from legato.catalog.rights import rights
from legato.catalog.tracks import Track
from legato.errors import BadInput, Forbidden, NotFound
from legato.origin.dialects.named import PATH
from legato.origin.grants.grant import Grant, new_grant
from legato.origin.grants.signing_keys import SigningKeys
from legato.origin.playback.binding import Binding, parse_bindings
from legato.origin.playback.listener import Listener
from legato.origin.playback.public_urls import PublicUrls
from legato.origin.playback.rights import License, decide
from legato.origin.playback.session import EdgeAddress, PlaybackSession
from legato.settings import Settings

_OWNERS_LICENSE = License(until=None)


class Playback:
    """Gives playback sessions: one transaction that reads, and one signature an edge."""

    def __init__(
        self,
        settings: Settings,
        keys: Callable[[], SigningKeys],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Raises BadInput where a setting cannot be."""
        self._ttl_s = settings.grant_ttl_s
        self._bindings = parse_bindings(settings.bind_grants)
        self._urls = PublicUrls(settings, keys)
        self._clock = clock
        if Binding.COUNTRY in self._bindings and settings.country_header is None:
            raise BadInput(
                "bad_setting", "LEGATO_BIND_GRANTS: country needs LEGATO_COUNTRY_HEADER, found none"
            )
        if self._bindings and (unbound := self._urls.dialects - {PATH}):
            raise BadInput(
                "bad_setting",
                f"LEGATO_BIND_GRANTS: dialect {min(unbound)!r} of LEGATO_PUBLIC_URL cannot bind "
                f"a grant, expected {PATH}",
            )

    def play(
        self, session: Session, track_id: str, listener: Listener, own_url: str
    ) -> PlaybackSession:
        """A grant for a track, at every edge; `own_url` is where the request came to.

        Raises NotFound `no_track`, BadInput `not_ready`, Forbidden `no_api_key`, `taken_down`,
        `not_licensed_here`, `tier`.
        """
        track = _find(session, track_id, listener)
        asset_id = tracks.playable_asset(track)
        now_s = self._clock()
        license_ = _license(session, track_id, listener, now_s)
        grant = self._grant(track_id, asset_id, listener, self._expiry(now_s, license_))
        session_id = secrets.token_hex(8)
        signed = self._urls.sign(grant, session_id, own_url)
        addresses = [EdgeAddress.of(one, listener.tier.playlist) for one in signed]
        return PlaybackSession(
            **dict(addresses[0]),
            session_id=session_id,
            fallbacks=addresses[1:],
            renditions=listener.tier.renditions,
            expires_at=datetime.fromtimestamp(grant.expires_at_s, UTC),
        )

    def _expiry(self, now_s: float, license_: License) -> int:
        """The Unix time up to which a grant is good: never past its license."""
        expiry = int(now_s) + self._ttl_s
        if license_.until is None:
            return expiry
        return min(expiry, int(license_.until.timestamp()))

    def _grant(self, track_id: str, asset_id: str, listener: Listener, expires_at_s: int) -> Grant:
        bind = self._bindings
        return new_grant(
            track_id=track_id,
            asset_id=asset_id,
            expires_at_s=expires_at_s,
            highest_bps=listener.tier.granted_bps,
            client_address=listener.client_address if Binding.ADDRESS in bind else None,
            country=listener.seen_in if Binding.COUNTRY in bind else None,
        )


def _find(session: Session, track_id: str, listener: Listener) -> Track:
    """The track, where the listener may know that there is one.

    Who has not said who they are learns of public tracks alone: of others not even that they
    are, or are not.
    """
    try:
        track = tracks.find_track(session, track_id, listener.tenant_id)
    except NotFound as error:
        if listener.anonymous:
            raise _who_are_you() from error
        raise
    if listener.anonymous and not track.public:
        raise _who_are_you()
    return track


def _license(session: Session, track_id: str, listener: Listener, now_s: float) -> License:
    """Deals bind listeners; owners hear their own tracks anywhere, before and after."""
    if listener.tenant_id is not None:
        return _OWNERS_LICENSE
    return decide(
        rights.deals_of(session, track_id),
        country=listener.country,
        tier=listener.tier,
        now=datetime.fromtimestamp(now_s, UTC),
    )


def _who_are_you() -> Forbidden:
    return Forbidden(
        "no_api_key",
        "send the header Authorization: Bearer with an API key or a listener's token; "
        "without one, only public tracks play",
    )
