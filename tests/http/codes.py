"""The codes of refusals on the media path: what each means, and what to do about it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    status: int
    means: str
    then: str
    shown: bool = True
    """Whether a row shows it at the origin; the rest are nginx's, or need what is damaged."""


_PLAY: Final = "ask for `play` again"
_LATER: Final = "`Retry-After` says when to ask again"
_OPERATOR: Final = "the operator has to look; `legato verify` says more"

CODES: Final = {
    "no_host": Code(
        status=400, means="HTTP/1.1 without one Host", then="send it (RFC 9112 §3.2)", shown=False
    ),
    "no_token": Code(status=403, means="the address is not signed", then="ask for `play`"),
    "bad_token": Code(
        status=403, means="not signed by us, or for something else", then="ask for `play`"
    ),
    "expired_token": Code(status=403, means="the grant is over", then=_PLAY),
    "wrong_listener": Code(
        status=403, means="the grant is bound to another address or country", then=_PLAY
    ),
    "denied_grant": Code(
        status=403, means="the grant, or every grant of its track, was denied", then=_PLAY
    ),
    "tier": Code(
        status=403,
        means="above the bitrate granted",
        then="stay within `renditions` of `play`, or be another tier",
    ),
    "not_the_edge": Code(
        status=403,
        means="this origin answers its edge alone",
        then="go through the edge; an edge: send LEGATO_EDGE_SECRET",
    ),
    "no_chunk": Code(
        status=404, means="a chunk behind the last", then="read the manifest: play has ended"
    ),
    "no_rendition": Code(status=404, means="no such rendition", then="read the manifest"),
    "no_playlist": Code(status=404, means="HLS has no Ogg", then="address Vorbis by the manifest"),
    "no_variant": Code(status=404, means="no variant of that bitrate", then="read `index.m3u8`"),
    "no_address": Code(status=404, means="no such address of an asset", then="read the manifest"),
    "no_object": Code(
        status=404, means="the asset, or a file of it, is not in the store", then=_OPERATOR
    ),
    "method_not_allowed": Code(status=405, means="a method not in `Allow`", then="use GET or HEAD"),
    "taken_down": Code(
        status=410, means="no live track uses the asset", then="forget it; ask for no more of it"
    ),
    "precondition_failed": Code(
        status=412, means="If-Match names another tag", then="fetch it without, from the start"
    ),
    "range_not_satisfiable": Code(
        status=416, means="nothing of the range is there", then="`Content-Range` says the size"
    ),
    "bad_manifest": Code(status=500, means="the stored manifest is none", then=_OPERATOR),
    "manifest_hash": Code(
        status=500, means="the stored manifest is not the asset's", then=_OPERATOR, shown=False
    ),
    "object_short": Code(
        status=500, means="a stored file ends too early", then=_OPERATOR, shown=False
    ),
    "store_unavailable": Code(status=503, means="the store is away", then=_LATER),
    "store_slow": Code(
        status=503, means="the store does not answer in time", then=_LATER, shown=False
    ),
    "store_busy": Code(
        status=503, means="too many wait for the store already", then=_LATER, shown=False
    ),
    "origin_away": Code(
        status=503,
        means="nginx: the origin is away, and this is not kept",
        then=_LATER,
        shown=False,
    ),
    "edge_failed": Code(
        status=500, means="nginx: it could not judge", then="the operator has to look", shown=False
    ),
    "bad_request": Code(
        status=400, means="nginx: no request that can be read", then="mend it", shown=False
    ),
}
