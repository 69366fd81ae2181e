"""What a player gets for pressing play: a grant, and the addresses that it opens."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from legato.catalog.tracks import Track, TrackState
from legato.errors import BadInput
from legato.origin.dialects.path_token import write_path_token
from legato.origin.grants.grant import Grant, new_grant
from legato.origin.grants.signing_keys import SigningKeys
from legato.transcode.ladder import LADDER

HIGHEST_BPS = max(rendition.nominal_bps for rendition in LADDER.renditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackSession:
    """A grant in the default dialect, and what it lets a player fetch."""

    session_id: str
    grant: Grant
    base_url: str
    renditions: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The answer of `POST /v1/tracks/{id}/play`."""
        return {
            "session_id": self.session_id,
            "base_url": self.base_url,
            "query": "",
            "cookies": [],
            "fallbacks": [],
            "manifest_url": f"{self.base_url}manifest.json",
            "hls_url": f"{self.base_url}index.m3u8",
            "renditions": list(self.renditions),
            "album_loudness": None,
            "expires_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.grant.expires_at_s)),
        }


def play(track: Track, keys: SigningKeys, *, public_url: str, ttl_s: int) -> PlaybackSession:
    """Grant a listener a ready track; raises BadInput `not_ready`."""
    if track.state is not TrackState.READY or track.asset_id is None:
        raise BadInput(
            "not_ready", f"track {track.track_id}: found it {track.state}, expected it ready"
        )
    grant = new_grant(
        track_id=track.track_id,
        asset_id=track.asset_id,
        expires_at_s=int(time.time()) + ttl_s,
        highest_bps=HIGHEST_BPS,
    )
    token = write_path_token(grant, keys)
    return PlaybackSession(
        session_id=secrets.token_hex(8),
        grant=grant,
        base_url=f"{public_url.rstrip('/')}/t/{token}{grant.path}",
        renditions=tuple(rendition.name for rendition in LADDER.renditions),
    )
