"""What is served: every kind of address, every method."""

from typing import Final

from tests.http.fields import ERROR, MEDIA, MEDIA_HEAD, METHODS, PREFLIGHT, TEXT
from tests.http.row import (
    CHUNK,
    PLAYLIST,
    AtEdge,
    Empty,
    Refusal,
    Row,
    Section,
    Under,
    Whole,
)

_MEDIA_KINDS: Final = {
    "an AAC chunk": CHUNK,
    "the first AAC chunk": "aac-96/0.m4s",
    "an AAC init segment": "aac-160/init.mp4",
    "a whole AAC file": "aac-320.mp4",
    "a Vorbis chunk, its pre-roll included": "vorbis-160/1.ogg",
    "a Vorbis init segment": "vorbis-160/init.ogg",
    "a whole Vorbis file": "vorbis-320.ogg",
    "the peaks": "peaks.json",
}
_TEXT_KINDS: Final = {
    "the manifest": "manifest.json",
    "the multivariant playlist": "index.m3u8",
    "a tier's multivariant playlist": "index-160.m3u8",
    "a media playlist": PLAYLIST,
}

_KINDS: Final = (
    *(
        Row(what=what, address=address, status=200, fields=MEDIA, body=Whole())
        for what, address in _MEDIA_KINDS.items()
    ),
    *(
        Row(
            what=f"{what}: HEAD",
            address=address,
            method="HEAD",
            status=200,
            fields=MEDIA_HEAD,
            body=Whole(),
        )
        for what, address in _MEDIA_KINDS.items()
    ),
    *(
        Row(
            what=what if method == "GET" else f"{what}: HEAD",
            address=address,
            method=method,
            status=200,
            fields=TEXT,
            body=Whole(),
        )
        for method in ("GET", "HEAD")
        for what, address in _TEXT_KINDS.items()
    ),
    Row(
        what="a query says nothing to the origin",
        address=f"{CHUNK}?anything=1",
        status=200,
        fields=MEDIA,
        body=Whole(),
    ),
    Row(
        what="content that comes with a GET is passed over (§9.3.1)",
        content=b"hello",
        status=200,
        fields=MEDIA,
        body=Whole(),
    ),
)

_METHODS: Final = (
    *(
        Row(
            what=f"{method} is not allowed",
            method=method,
            content=b"hello" if method in ("POST", "PUT", "PATCH") else b"",
            status=405,
            fields=ERROR,
            also={"allow": METHODS},
            body=Refusal("method_not_allowed"),
        )
        for method in ("POST", "PUT", "PATCH", "DELETE", "PROPFIND")
    ),
    Row(
        what="TRACE is not allowed",
        method="TRACE",
        status=405,
        fields=ERROR,
        also={"allow": METHODS},
        body=Refusal("method_not_allowed"),
        at_edge=AtEdge(why="nginx ends the connection after it", may_close=True),
    ),
    Row(
        what="a method is refused before the grant is looked at",
        method="POST",
        under=Under.UNSIGNED,
        status=405,
        fields=ERROR,
        also={"allow": METHODS},
        body=Refusal("method_not_allowed"),
    ),
)

_PREFLIGHTS: Final = (
    Row(
        what="a preflight for ranges",
        method="OPTIONS",
        sent={
            "Origin": "https://player.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "range",
        },
        status=204,
        fields=PREFLIGHT,
        body=Empty(),
    ),
    Row(
        what="OPTIONS that is no preflight",
        method="OPTIONS",
        address=PLAYLIST,
        status=204,
        fields=PREFLIGHT,
        body=Empty(),
    ),
    Row(
        what="a preflight asks nothing of the address, and learns nothing of it",
        method="OPTIONS",
        under=Under.UNSIGNED_ABSENT,
        address="no/such/thing",
        status=204,
        fields=PREFLIGHT,
        body=Empty(),
    ),
    Row(
        what="a player on another page may read media",
        sent={"Origin": "https://player.example"},
        status=200,
        fields=MEDIA,
        body=Whole(),
    ),
    Row(
        what="a player on another page may read a refusal",
        sent={"Origin": "https://player.example"},
        under=Under.UNSIGNED,
        status=403,
        fields=ERROR,
        body=Refusal("no_token"),
    ),
)

SERVED: Final = Section(
    title="Addresses",
    says="Every kind of address. HEAD answers the fields of GET without the body (§9.3.2).",
    rows=_KINDS,
)
METHODS_ALLOWED: Final = Section(
    title="Methods and CORS",
    says="GET and HEAD fetch, OPTIONS answers a CORS preflight (Fetch §4.8); nothing else does "
    "anything.",
    rows=(*_METHODS, *_PREFLIGHTS),
)
