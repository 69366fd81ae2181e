"""Connections and versions (RFC 9112)."""

from typing import Final

from tests.http.fields import ERROR, MEDIA, MEDIA_HEAD, MEDIA_NEWS, PART, PARTS, PREFLIGHT, TEXT
from tests.http.row import (
    PLAYLIST,
    WHOLE_FILE,
    Empty,
    Part,
    Parts,
    Refusal,
    Row,
    Section,
    Under,
    Whole,
)
from tests.http.rows.ranges import FETCHING

_CLOSE: Final = {"Connection": "close"}
_GONE: Final = {"content-range": "bytes */{size}", "accept-ranges": "bytes"}

_CLOSING: Final = (
    Row(what="close: 200", sent=_CLOSE, status=200, fields=MEDIA, body=Whole(), closes=True),
    Row(
        what="close: 200 of a whole file",
        address=WHOLE_FILE,
        sent=_CLOSE,
        status=200,
        fields=MEDIA,
        body=Whole(),
        closes=True,
    ),
    Row(
        what="close: 200 of a playlist",
        address=PLAYLIST,
        sent=_CLOSE,
        status=200,
        fields=TEXT,
        body=Whole(),
        closes=True,
    ),
    Row(
        what="close: HEAD",
        method="HEAD",
        sent=_CLOSE,
        status=200,
        fields=MEDIA_HEAD,
        body=Whole(),
        closes=True,
    ),
    Row(
        what="close: 204",
        method="OPTIONS",
        sent=_CLOSE,
        status=204,
        fields=PREFLIGHT,
        body=Empty(),
        closes=True,
    ),
    Row(
        what="close: 206",
        sent={**_CLOSE, "Range": "bytes=5-9"},
        status=206,
        fields=PART,
        body=Part(5, 10),
        closes=True,
    ),
    Row(
        what="close: 206 of several ranges",
        sent={**_CLOSE, "Range": "bytes=5-9,0-0"},
        status=206,
        fields=PARTS,
        body=Parts((Part(5, 10), Part(0, 1))),
        at_edge=FETCHING,
        closes=True,
    ),
    Row(
        what="close: 304",
        sent={**_CLOSE, "If-None-Match": "*"},
        status=304,
        fields=MEDIA_NEWS,
        body=Empty(),
        closes=True,
    ),
    Row(
        what="close: 403",
        under=Under.UNSIGNED,
        sent=_CLOSE,
        status=403,
        fields=ERROR,
        body=Refusal("no_token"),
        closes=True,
    ),
    Row(
        what="close: 416",
        sent={**_CLOSE, "Range": "bytes=999999999-"},
        status=416,
        fields=ERROR,
        also=_GONE,
        body=Refusal("range_not_satisfiable"),
        closes=True,
    ),
)
_OLD: Final = (
    Row(
        what="HTTP/1.0",
        version="HTTP/1.0",
        status=200,
        fields=MEDIA,
        body=Whole(),
        closes=True,
    ),
    Row(
        what="HTTP/1.0: HEAD",
        version="HTTP/1.0",
        method="HEAD",
        status=200,
        fields=MEDIA_HEAD,
        body=Whole(),
        closes=True,
    ),
    Row(
        what="HTTP/1.0: a range",
        version="HTTP/1.0",
        sent={"Range": "bytes=5-9"},
        status=206,
        fields=PART,
        body=Part(5, 10),
        closes=True,
    ),
    Row(
        what="HTTP/1.0: a whole file",
        version="HTTP/1.0",
        address=WHOLE_FILE,
        status=200,
        fields=MEDIA,
        body=Whole(),
        closes=True,
    ),
    Row(
        what="HTTP/1.0: unsigned",
        version="HTTP/1.0",
        under=Under.UNSIGNED,
        status=403,
        fields=ERROR,
        body=Refusal("no_token"),
        closes=True,
    ),
    Row(
        what="HTTP/1.0 that asks to keep the connection, which need not be (RFC 9112 §9.3)",
        version="HTTP/1.0",
        sent={"Connection": "keep-alive"},
        status=200,
        fields=MEDIA,
        body=Whole(),
        may_close=True,
    ),
)

CONNECTIONS: Final = Section(
    title="Connections",
    says="A connection is kept, and after every row of this document the next request on it is "
    "answered rightly. Who asks with `Connection: close`, or with HTTP/1.0, gets the answer to its "
    "last byte, then the end.",
    rows=(*_CLOSING, *_OLD),
)
