"""`legato url`: a signed address to paste into curl or a player."""

import time

from legato.catalog import denials, tracks
from legato.deployment import Deployment
from legato.origin.dialects.dialect import SignedBase
from legato.origin.grants.grant import new_grant
from legato.origin.grants.signing_keys import load_signing_keys
from legato.origin.playback.public_urls import PublicUrls
from legato.origin.playback.tiers import HIGHEST_BPS

DEFAULT_PUBLIC_URL = "http://127.0.0.1:8000"


def signed_url(track_id: str, *, ttl_s: int | None, dialect: str | None) -> list[str]:
    """The lines that address a track's asset under a new grant of the highest bitrate.

    The base URL, ending in `/audio/{asset_id}/`; where the dialect has a query, `?` and that;
    where it has cookies, the header that sends them. Deals are for listeners, and are not asked.
    """
    deployment = Deployment()
    settings = deployment.settings
    keys = load_signing_keys(settings.signing_keys, settings.keys)
    urls = PublicUrls(settings, lambda: keys)
    expires_at_s = int(time.time()) + (ttl_s or settings.grant_ttl_s)
    with deployment.database.write() as session:  # so that a takedown comes before, or knows of it
        grant = new_grant(
            track_id=track_id,
            asset_id=tracks.playable_asset(tracks.find_track(session, track_id)),
            expires_at_s=expires_at_s,
            highest_bps=HIGHEST_BPS,
        )
        signed = urls.sign_in(grant, dialect, DEFAULT_PUBLIC_URL)
        if ttl_s is not None and ttl_s > settings.grant_ttl_s:
            denials.note_long_grant(session, track_id, expires_at_s)
    return _lines(signed)


def _lines(signed: SignedBase) -> list[str]:
    lines = [signed.base_url]
    if signed.query:
        lines.append(f"?{signed.query}")
    if signed.cookies:
        pairs = (f"{cookie.name}={cookie.value}" for cookie in signed.cookies)
        lines.append(f"Cookie: {'; '.join(pairs)}")
    return lines
