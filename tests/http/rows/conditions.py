"""Conditional requests (RFC 9110 §13)."""

from collections.abc import Mapping
from typing import Final

from tests.http.fields import (
    ERROR,
    MEDIA,
    MEDIA_HEAD,
    MEDIA_NEWS,
    PACKED,
    PART,
    PARTS,
    TEXT,
    TEXT_NEWS,
)
from tests.http.row import (
    CHUNK,
    PLAYLIST,
    WHOLE_FILE,
    AtEdge,
    Empty,
    Gzipped,
    Part,
    Parts,
    Refusal,
    Row,
    Section,
    Whole,
)
from tests.http.rows.ranges import FETCHING

_OTHER: Final = '"another"'
_ANOTHER: Final = Refusal("precondition_failed")
_DATE: Final = "Sat, 21 Nov 2026 11:40:48 GMT"


def _all(what: str, sent: Mapping[str, str], address: str = CHUNK) -> Row:
    return Row(what=what, address=address, sent=sent, status=200, fields=MEDIA, body=Whole())


def _news(what: str, sent: Mapping[str, str], address: str = CHUNK, method: str = "GET") -> Row:
    fields = TEXT_NEWS if address.endswith("m3u8") else MEDIA_NEWS
    return Row(
        what=what, address=address, method=method, sent=sent, status=304, fields=fields,
        body=Empty(),
    )  # fmt: skip


def _failed(what: str, sent: Mapping[str, str], address: str = CHUNK, method: str = "GET") -> Row:
    return Row(
        what=what, address=address, method=method, sent=sent, status=412, fields=ERROR,
        body=_ANOTHER, at_edge=AtEdge(why="nginx may end the connection after it", may_close=True),
    )  # fmt: skip


_IF_NONE_MATCH: Final = (
    _news("If-None-Match: the tag", {"If-None-Match": "{etag}"}),
    _news("If-None-Match: the tag, marked weak (§13.1.2)", {"If-None-Match": "W/{etag}"}),
    _news("If-None-Match: a list with the tag", {"If-None-Match": f"{_OTHER}, {{etag}}"}),
    _news("If-None-Match: *", {"If-None-Match": "*"}),
    _news("If-None-Match: HEAD", {"If-None-Match": "{etag}"}, method="HEAD"),
    _news("If-None-Match: a whole file", {"If-None-Match": "{etag}"}, WHOLE_FILE),
    _news("If-None-Match: a playlist", {"If-None-Match": "{etag}"}, PLAYLIST),
    _all("If-None-Match: another tag", {"If-None-Match": _OTHER}),
    _all("If-None-Match: the tag without its quotes is no tag", {"If-None-Match": "{bare_etag}"}),
    _all("If-None-Match: an empty list", {"If-None-Match": ""}),
)
_OF_A_CODING: Final = (
    Row(
        what="If-None-Match: the tag of the gzipped, with gzip welcome",
        address=PLAYLIST,
        sent={"If-None-Match": "{gzip_etag}", "Accept-Encoding": "gzip"},
        status=304,
        fields=TEXT_NEWS,
        also={"etag": "{gzip_etag}"},
        body=Empty(),
    ),
    Row(
        what="If-None-Match: the tag of the gzipped, without gzip",
        address=PLAYLIST,
        sent={"If-None-Match": "{gzip_etag}"},
        status=200,
        fields=TEXT,
        body=Whole(),
    ),
    Row(
        what="If-None-Match: the tag of the plain, with gzip welcome",
        address=PLAYLIST,
        sent={"If-None-Match": "{etag}", "Accept-Encoding": "gzip"},
        status=200,
        fields=PACKED,
        body=Gzipped(),
    ),
)
_IF_MATCH: Final = (
    _all("If-Match: the tag", {"If-Match": "{etag}"}),
    _all("If-Match: a list with the tag", {"If-Match": f"{_OTHER}, {{etag}}"}),
    _all("If-Match: *", {"If-Match": "*"}),
    _failed("If-Match: another tag", {"If-Match": _OTHER}),
    _failed("If-Match: the tag, marked weak (§13.1.1)", {"If-Match": "W/{etag}"}),
    _failed("If-Match: another tag, HEAD", {"If-Match": _OTHER}, method="HEAD"),
    _failed("If-Match: another tag, of a whole file", {"If-Match": _OTHER}, WHOLE_FILE),
    _failed("If-Match: another tag, of a playlist", {"If-Match": _OTHER}, PLAYLIST),
)
_IF_RANGE: Final = (
    Row(
        what="If-Range: the tag",
        sent={"If-Range": "{etag}", "Range": "bytes=5-9"},
        status=206,
        fields=PART,
        body=Part(5, 10),
    ),
    Row(
        what="If-Range: the tag, several ranges",
        sent={"If-Range": "{etag}", "Range": "bytes=5-9,0-0"},
        status=206,
        fields=PARTS,
        body=Parts((Part(5, 10), Part(0, 1))),
        at_edge=FETCHING,
    ),
    *(
        _all(f"If-Range: {what}", {"If-Range": sent, "Range": "bytes=5-9"})
        for what, sent in {
            "the tag, marked weak (§13.1.5)": "W/{etag}",
            "another tag": _OTHER,
            "a date, since we send no Last-Modified": _DATE,
            "what is neither": "yes",
        }.items()
    ),
    _all(
        "If-Range: another tag, nothing there",
        {"If-Range": _OTHER, "Range": "bytes=999999999-"},
    ),
    _all("If-Range without Range is ignored", {"If-Range": _OTHER}),
)
_ORDER: Final = (
    _news("If-None-Match goes before Range", {"If-None-Match": "{etag}", "Range": "bytes=0-4"}),
    _news(
        "If-None-Match goes before a range of nothing",
        {"If-None-Match": "{etag}", "Range": "bytes=999999999-"},
    ),
    _failed("If-Match goes before Range", {"If-Match": _OTHER, "Range": "bytes=0-4"}),
    _failed("If-Match goes before If-None-Match", {"If-Match": _OTHER, "If-None-Match": "{etag}"}),
    _news(
        "If-Match that holds leaves the word to If-None-Match",
        {"If-Match": "{etag}", "If-None-Match": "{etag}"},
    ),
    Row(
        what="If-Match that holds leaves the word to Range",
        sent={"If-Match": "{etag}", "Range": "bytes=0-4"},
        status=206,
        fields=PART,
        body=Part(0, 5),
    ),
    Row(
        what="If-None-Match that names another leaves the word to Range",
        sent={"If-None-Match": _OTHER, "Range": "bytes=0-4"},
        status=206,
        fields=PART,
        body=Part(0, 5),
    ),
    _all("If-Modified-Since is ignored: there is no Last-Modified", {"If-Modified-Since": _DATE}),
    Row(
        what="If-Unmodified-Since is ignored: there is no Last-Modified",
        sent={"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"},
        status=200,
        fields=MEDIA,
        body=Whole(),
        at_edge=AtEdge(
            why="nginx takes what has no date for modified, and may end the connection after it",
            status=412,
            fields=ERROR,
            body=_ANOTHER,
            may_close=True,
        ),
    ),
    Row(
        what="conditions with HEAD that let it through",
        method="HEAD",
        sent={"If-Match": "{etag}", "If-None-Match": _OTHER},
        status=200,
        fields=MEDIA_HEAD,
        body=Whole(),
    ),
)

CONDITIONS: Final = Section(
    title="Conditions",
    says="By entity tag alone, in the order of §13.2.2: If-Match (a strong comparison), then "
    "If-None-Match (weak), then If-Range (strong). A 304 has every field that a cache may have to "
    "update (§15.4.5).",
    rows=(*_IF_NONE_MATCH, *_OF_A_CODING, *_IF_MATCH, *_IF_RANGE, *_ORDER),
)
