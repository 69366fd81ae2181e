"""Codes of the API: keys, quotas, and what a request must be."""

from typing import Final

from legato.problems.problem import LATER, OPERATOR, PLAY, Problem

REQUESTS: Final = {
    "bad_request": Problem(
        400, "The request cannot be read", "mend what `detail` names; with 422, what `errors` names"
    ),
    "bad_text": Problem(400, "A text cannot be kept", "send Unicode without control characters"),
    "bad_cursor": Problem(400, "This is no cursor", "begin without one"),
    "bad_isrc": Problem(400, "This is no ISRC", "send 12 characters, as ISO 3901 has them"),
    "bad_upc": Problem(400, "This is no UPC or EAN", "send its digits, the last one right"),
    "artwork_unreadable": Problem(400, "The image cannot be read", "send a JPEG, PNG or WebP"),
    "artwork_too_small": Problem(400, "The image is too small", "send 1500 × 1500 pixels or more"),
    "artwork_too_large": Problem(
        413, "The image is too large", "send 20 MB and 36 million pixels at most"
    ),
    "artwork_media_type": Problem(
        415, "This is no image that is taken here", "send image/jpeg, image/png or image/webp"
    ),
    "no_artwork": Problem(404, "There is no such artwork", "read `artwork` of the track"),
    "not_the_operator": Problem(
        403, "Only the operator may do this", "use a key of a tenant of kind `operator`"
    ),
    "no_review": Problem(404, "There is no such review", "list them: `GET /v1/reviews`"),
    "bad_decision": Problem(400, "This is no decision", "say `same` or `different`"),
    "no_api_key": Problem(
        401, "No API key", "send `Authorization: Bearer` and a key; `legato key create` makes one"
    ),
    "bad_api_key": Problem(
        401, "The API key is not known, or was revoked", "use another; `legato key create` makes it"
    ),
    "bad_listener_token": Problem(
        401, "The listener's token is not good", "sign it as docs/playback.md says"
    ),
    "expired_listener_token": Problem(401, "The listener's token is over", "get another"),
    "scope": Problem(
        403, "The API key may not do this", "use a key with the scope that `detail` names"
    ),
    "not_licensed_here": Problem(
        403, "The track may not be heard there or then", "`detail` says from when, or nowhere"
    ),
    "quota_bytes": Problem(
        403, "The quota of bytes is full", "delete tracks, or ask the operator for more", heals=True
    ),
    "quota_tracks": Problem(
        403,
        "The quota of tracks is full",
        "delete tracks, or ask the operator for more",
        heals=True,
    ),
    "no_such_path": Problem(404, "There is no such path", "read the API's description at `/docs`"),
    "no_track": Problem(404, "There is no such track", "list them: `GET /v1/tracks`"),
    "no_key": Problem(404, "There is no such API key", "list them: `GET /v1/keys`"),
    "no_tenant": Problem(404, "There is no such tenant", "`legato tenant list` shows them"),
    "body_stalled": Problem(408, "The body stopped coming", "send it again, without a pause"),
    "idempotency_in_progress": Problem(
        409, "The first request under this Idempotency-Key is still being done", LATER, after_s=1
    ),
    "idempotency_answer_lost": Problem(
        409,
        "This was done, but its answer is lost",
        "do not send it again: `detail` names what was made; read that",
    ),
    "not_ready": Problem(409, "The track is not ready", "wait: its state and progress tell"),
    "too_large": Problem(
        413, "More bytes than are taken here", "send less, or let LEGATO_MAX_UPLOAD_BYTES be raised"
    ),
    "bad_idempotency_key": Problem(
        400, "The Idempotency-Key is none", "send a quoted string of 1 to 255 visible characters"
    ),
    "idempotency_key_reused": Problem(
        422, "The Idempotency-Key was used for another request", "use a new key for a new request"
    ),
    "too_many_requests": Problem(429, "Too many requests", LATER),
    "quota_uploads": Problem(
        429, "Too many uploads under way", "finish or end one of them, then come again", after_s=60
    ),
    "bad_webhook_url": Problem(
        400, "A webhook may not lead there", "give an https URL at a public address"
    ),
    "no_webhook": Problem(404, "There is no such webhook", "list them: `GET /v1/webhooks`"),
    "too_many_webhooks": Problem(409, "The tenant has as many webhooks as it may", "remove one"),
    "ping_open": Problem(
        409,
        "A ping of this webhook is on its way still",
        "wait until it is heard or has failed: list its messages",
    ),
    "too_many_streams": Problem(
        429,
        "The tenant listens to as many tracks as it may",
        "end one, then come again",
        after_s=10,
    ),
    "forms_full": Problem(503, "Too many masters are being taken in here now", LATER),
    "streams_full": Problem(503, "No more can listen to events here now", LATER),
    "internal": Problem(500, "This could not be done", OPERATOR),
    "idempotency_lost": Problem(
        503, "Somebody else took this request over", "send it again under the same key"
    ),
    "denials_stale": Problem(503, "It is not known what is denied", LATER),
    "jwks_unavailable": Problem(503, "The keys of listeners' tokens cannot be read", LATER),
    "catalog_unavailable": Problem(503, "The catalogue is away", LATER),
    "catalog_conflict": Problem(503, "Somebody else wrote the same at once", LATER),
    "scratch_unavailable": Problem(503, "There is no room to take this in", LATER),
    "catalog_corrupt": Problem(500, "The catalogue is damaged", OPERATOR),
}

MEDIA: Final = {
    "no_host": Problem(400, "HTTP/1.1 without one Host", "send it (RFC 9112 §3.2)"),
    "no_token": Problem(403, "The address is not signed", "ask for `play`"),
    "bad_token": Problem(403, "Not signed by us, or for something else", "ask for `play`"),
    "expired_token": Problem(403, "The grant is over", PLAY),
    "wrong_listener": Problem(403, "The grant is bound to another address or country", PLAY),
    "denied_grant": Problem(403, "The grant, or every grant of its track, was denied", PLAY),
    "tier": Problem(
        403, "Above the bitrate granted", "stay within `renditions` of `play`, or be another tier"
    ),
    "not_the_edge": Problem(
        403,
        "This origin answers its edge alone",
        "go through the edge; an edge: send LEGATO_EDGE_SECRET",
    ),
    "wrong_secret": Problem(403, "The edge's secret is another", "send LEGATO_EDGE_SECRET"),
    "no_chunk": Problem(404, "A chunk behind the last", "read the manifest: play has ended"),
    "no_rendition": Problem(404, "No such rendition", "read the manifest"),
    "no_playlist": Problem(404, "HLS has no Ogg", "address Vorbis by the manifest"),
    "no_variant": Problem(404, "No variant of that bitrate", "read `index.m3u8`"),
    "no_address": Problem(404, "No such address of an asset", "read the manifest"),
    "no_object": Problem(404, "The asset, or a file of it, is not in the store", OPERATOR),
    "method_not_allowed": Problem(405, "A method not in `Allow`", "use one that is"),
    "taken_down": Problem(
        410, "It has been taken down", "forget it; a track may be restored by its tenant"
    ),
    "precondition_failed": Problem(
        412, "If-Match names another tag", "fetch it without, from the start"
    ),
    "range_not_satisfiable": Problem(
        416, "Nothing of the range is there", "`Content-Range` says the size"
    ),
    "edge_failed": Problem(500, "The edge could not judge this", OPERATOR),
    "store_unavailable": Problem(503, "The object store is away", LATER),
    "store_slow": Problem(503, "The object store does not answer in time", LATER),
    "store_busy": Problem(503, "Too many wait for the object store already", LATER),
    "origin_away": Problem(503, "The origin is away, and this is not kept at the edge", LATER),
}
