"""What an address stands for, with the header fields that describe it, prepared once."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from legato.manifests.manifest import asset_key
from legato.origin.asgi import Headers, Message, encoded
from legato.origin.media.addresses import Media, Text

IMMUTABLE: Final = "public, max-age=31536000, immutable"
# A playlist is a function of the manifest and of our code, and our code changes.
SHORT_LIVED: Final = "public, max-age=60"
# Server-Timing: where the bytes came from.
FROM_MEMORY: Final = (b"server-timing", b"memory")
CORS: Final = (
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "content-length, content-range, etag, server-timing"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("timing-allow-origin", "*"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    """Bytes `[start, end)` of an object."""

    key: str
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Bytes `[start, end)` of a part."""

    part: StoredPart
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    @property
    def is_whole(self) -> bool:
        return self.size == self.part.size


@dataclass(frozen=True, kw_only=True)
class Representation:
    """Bytes, and what is said of them. Those in memory come whole; stored ones by range, too."""

    content: bytes | StoredPart
    media_type: str
    etag: str
    cache_control: str
    tag: str
    coding: str | None = None
    negotiated: bool = False

    @property
    def size(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else self.content.size

    @cached_property
    def start_from_memory(self) -> Message:
        """How a 200 begins whose body is in memory."""
        headers = [*self.whole, FROM_MEMORY]
        return {"type": "http.response.start", "status": 200, "headers": headers}

    @cached_property
    def body(self) -> "tuple[bytes | Slice, ...]":
        """All of it, as an answer's body."""
        if isinstance(self.content, bytes):
            return (self.content,)
        return (Slice(part=self.content, start=0, end=self.content.size),)

    @cached_property
    def common(self) -> Headers:
        """What every answer about it says: 200, 206, 304 (RFC 9110 §15.4.5).

        `tag` is the key that caches are purged by, under the names that CDNs give it.
        """
        ranges = "none" if isinstance(self.content, bytes) else "bytes"
        return encoded(
            [
                ("etag", self.etag),
                ("cache-control", self.cache_control),
                ("accept-ranges", ranges),
                *([("vary", "accept-encoding")] if self.negotiated else []),
                ("surrogate-key", self.tag),
                ("cache-tag", self.tag),
                *CORS,
            ]
        )

    @cached_property
    def whole(self) -> Headers:
        """What a 200 says."""
        described = [("content-type", self.media_type), ("content-length", str(self.size))]
        if self.coding is not None:
            described.append(("content-encoding", self.coding))
        return encoded(described) + self.common


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One address: what it stands for, as it is and, for playlists, gzipped too.

    `needs_bps` is the bitrate that a grant must reach.
    """

    needs_bps: int
    plain: Representation
    gzipped: Representation | None = None

    @property
    def weight_bytes(self) -> int:
        """About what it takes in memory."""
        texts = (one.content for one in (self.plain, self.gzipped) if one is not None)
        return 4096 + sum(len(text) for text in texts if isinstance(text, bytes))


def describe(asset_id: str, rest: str, target: Text | Media) -> Resource:
    """The resource at the address `rest` of an asset."""
    if isinstance(target, Media):
        return Resource(needs_bps=target.needs_bps, plain=_stored(asset_id, rest, target))
    packed = gzip.compress(target.body, mtime=0)
    return Resource(
        needs_bps=target.needs_bps,
        plain=_made(asset_id, target, target.body, None),
        gzipped=_made(asset_id, target, packed, "gzip"),
    )


def _stored(asset_id: str, rest: str, target: Media) -> Representation:
    """The tag is strong (RFC 9110 §8.8.1): an asset id is a hash over every byte it delivers."""
    span = target.span
    return Representation(
        content=StoredPart(
            key=asset_key(asset_id, target.file), start=span.offset, end=span.offset + span.size
        ),
        media_type=target.media_type,
        etag=f'"{asset_id[:32]}-{rest.replace("/", "-")}-{span.size:x}"',
        cache_control=IMMUTABLE,
        tag=asset_id,
    )


def _made(asset_id: str, target: Text, body: bytes, coding: str | None) -> Representation:
    """Each coding has a tag of its own (§8.8.3.3), and our code shapes it as well."""
    return Representation(
        content=body,
        media_type=target.media_type,
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        cache_control=SHORT_LIVED,
        tag=asset_id,
        coding=coding,
        negotiated=True,
    )
