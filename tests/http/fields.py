"""The header fields that answers share, as profiles with a name: what rows promise.

`{etag}`, `{size}` and the like stand for what is there: see `tests.http.stands.Stands`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Like:
    """A value that is not known beforehand: how it is described, and what it must match."""

    shown: str
    pattern: re.Pattern[str]


Value = str | Like


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Header fields under one name; those of a 304 or an error are profiles too."""

    name: str
    says: str
    values: Mapping[str, Value]


DATE: Final = Like(
    "an IMF-fixdate",
    re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"),
)
SERVER_TIMING: Final = Like(
    "`memory`, or `store;dur=` and milliseconds", re.compile(r"memory|store;dur=\d+\.\d")
)
DIGITS: Final = Like("the body's length", re.compile(r"[1-9]\d*"))
MULTIPART: Final = Like(
    "multipart/byteranges; boundary=…", re.compile(r"multipart/byteranges; boundary=[0-9A-Za-z]+")
)

METHODS: Final = "GET, HEAD, OPTIONS"
CORS: Final[Mapping[str, Value]] = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "content-length, content-range, etag, server-timing",
    "cross-origin-resource-policy": "cross-origin",
    "timing-allow-origin": "*",
}
_PURGED_BY: Final[Mapping[str, Value]] = {
    "surrogate-key": "{asset}",
    "cache-tag": "{asset}",
}
_MEDIA: Final[Mapping[str, Value]] = {
    "etag": "{etag}",
    "cache-control": "public, max-age=31536000, immutable",
    "accept-ranges": "bytes",
    **_PURGED_BY,
    **CORS,
}
_TEXT: Final[Mapping[str, Value]] = {
    "etag": "{etag}",
    "cache-control": "public, max-age=60",
    "accept-ranges": "none",
    "vary": "accept-encoding",
    **_PURGED_BY,
    **CORS,
}
_DESCRIBED: Final[Mapping[str, Value]] = {"content-type": "{type}", "content-length": "{length}"}

MEDIA_NEWS: Final = Profile(
    name="media-304", says="media that the client has already", values=_MEDIA
)
MEDIA_HEAD: Final = Profile(
    name="media-head",
    says="media, asked for with HEAD: no body is made, so nothing can be timed (RFC 9110 §9.3.2)",
    values={**_DESCRIBED, **_MEDIA},
)
MEDIA: Final = Profile(
    name="media",
    says="chunks, init segments, whole files, peaks",
    values={**MEDIA_HEAD.values, "server-timing": SERVER_TIMING},
)
PART: Final = Profile(
    name="media-part",
    says="one part of media",
    values={**MEDIA.values, "content-range": "{content_range}"},
)
PARTS: Final = Profile(
    name="media-parts",
    says="several parts of media: each has its Content-Type and Content-Range in the body",
    values={**MEDIA.values, "content-type": MULTIPART, "content-length": DIGITS},
)
TEXT_NEWS: Final = Profile(
    name="text-304", says="a playlist or manifest that the client has already", values=_TEXT
)
TEXT: Final = Profile(
    name="text", says="playlists and the manifest", values={**_DESCRIBED, **_TEXT}
)
PACKED: Final = Profile(
    name="text-gzip",
    says="the same, gzipped",
    values={**TEXT.values, "content-encoding": "gzip", "etag": "{gzip_etag}"},
)
ERROR: Final = Profile(
    name="error",
    says="every refusal",
    values={
        "content-type": "application/problem+json",
        "content-length": DIGITS,
        "cache-control": "no-store",
        **CORS,
    },
)
PREFLIGHT: Final = Profile(
    name="preflight",
    says="the answer to OPTIONS",
    values={
        **CORS,
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": "range, if-range, if-none-match, if-match",
        "access-control-max-age": "86400",
        "allow": METHODS,
    },
)
PROFILES: Final = (
    MEDIA, MEDIA_HEAD, MEDIA_NEWS, PART, PARTS, TEXT, PACKED, TEXT_NEWS, ERROR, PREFLIGHT
)  # fmt: skip
