"""Byte ranges (RFC 9110 §14)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tests.http.fields import ERROR, MEDIA, MEDIA_HEAD, PACKED, PART, PARTS, TEXT
from tests.http.row import (
    CHUNK,
    PLAYLIST,
    WHOLE_FILE,
    AtEdge,
    Gzipped,
    Part,
    Parts,
    Refusal,
    Row,
    Section,
    Whole,
)

MIB: Final = 1 << 20
_HUGE: Final = "9" * 40
_NOTHING_THERE: Final = {"content-range": "bytes */{size}", "accept-ranges": "bytes"}
_NONE: Final = Refusal("range_not_satisfiable")
_SIXTEEN: Final = tuple(Part(10 * n, 10 * n + 5) for n in range(16))
_ASKED_SIXTEEN: Final = ",".join(f"{part.start}-{part.start + 4}" for part in _SIXTEEN)

FETCHING: Final = AtEdge(
    why="nginx cuts several ranges out of what it has, and not out of what it fetches; §14.2 lets "
    "a server ignore them",
    until_cached=True,
    status=200,
    fields=MEDIA,
    body=Whole(),
)
_SLICED: Final = AtEdge(
    why="nginx cannot cut several ranges out of its slices of a whole file",
    status=200,
    fields=MEDIA,
    body=Whole(),
)
_MALFORMED: Final = AtEdge(
    why="nginx rejects what is malformed, as §14.2 lets a server do",
    status=416,
    fields=ERROR,
    also=_NOTHING_THERE,
    body=_NONE,
)
_TOO_FAR: Final = replace(_MALFORMED, why="nginx counts in 63 bits, and rejects what is beyond")
_EMPTY: Final = replace(_MALFORMED, why="to nginx an empty element is malformed")
_HEAD: Final = AtEdge(
    why="nginx takes HEAD for a GET whose body it keeps back, and so gives the fields of a 206",
    status=206,
    fields=PART,
    body=Part(0, 5),
)


def _one(
    what: str, asked: str, part: Part, address: str = CHUNK, at_edge: AtEdge | None = None
) -> Row:
    return Row(
        what=what, address=address, sent={"Range": asked}, status=206, fields=PART, body=part,
        at_edge=at_edge,
    )  # fmt: skip


def _several(
    what: str,
    asked: str,
    parts: tuple[Part, ...],
    address: str = CHUNK,
    at_edge: AtEdge = FETCHING,
) -> Row:
    return Row(
        what=what, address=address, sent={"Range": asked}, status=206, fields=PARTS,
        body=Parts(parts), at_edge=at_edge,
    )  # fmt: skip


def _ignored(what: str, sent: Mapping[str, str], at_edge: AtEdge | None = None) -> Row:
    return Row(what=what, sent=sent, status=200, fields=MEDIA, body=Whole(), at_edge=at_edge)


def _nothing(what: str, asked: str, address: str = CHUNK) -> Row:
    return Row(
        what=what, address=address, sent={"Range": asked}, status=416, fields=ERROR,
        also=_NOTHING_THERE, body=_NONE,
    )  # fmt: skip


_SATISFIED: Final = (
    _one("the first byte", "bytes=0-0", Part(0, 1)),
    _one("the first bytes", "bytes=0-499", Part(0, 500)),
    _one("bytes in the middle", "bytes=500-999", Part(500, 1000)),
    _one("the last byte", "bytes=-1", Part(-1, None)),
    _one("the last bytes", "bytes=-500", Part(-500, None)),
    _one("from a byte to the end", "bytes=500-", Part(500, None)),
    _one("all, as a range", "bytes=0-", Part(0, None)),
    _one("a range is cut at the end", "bytes=500-999999999", Part(500, None)),
    _one(
        "a range is cut at the end, however far it goes",
        f"bytes=500-{_HUGE}",
        Part(500, None),
        at_edge=_TOO_FAR,
    ),
    _one("a suffix longer than there is gets all", "bytes=-999999999", Part(0, None)),
    _one("leading zeros", "bytes=000500-000999", Part(500, 1000)),
    _one("units are case-insensitive (§14.1)", "Bytes=500-999", Part(500, 1000)),
    _one(
        "an empty element of the list is passed over (§5.6.1)",
        "bytes=,5-9",
        Part(5, 10),
        at_edge=_EMPTY,
    ),
    _one("of a Vorbis chunk", "bytes=500-999", Part(500, 1000), "vorbis-160/1.ogg"),
    _one("of an init segment", "bytes=4-7", Part(4, 8), "aac-160/init.mp4"),
    _one("of the peaks", "bytes=10-19", Part(10, 20), "peaks.json"),
    _one("of a whole file", "bytes=500-999", Part(500, 1000), WHOLE_FILE),
    _one(
        "of a whole file, across the first mebibyte",
        f"bytes={MIB - 500}-{MIB + 499}",
        Part(MIB - 500, MIB + 500),
        WHOLE_FILE,
    ),
    _one("the end of a whole file", "bytes=-500", Part(-500, None), WHOLE_FILE),
)

_SEVERAL: Final = (
    _several("two ranges", "bytes=0-99,500-599", (Part(0, 100), Part(500, 600))),
    _several(
        "in the order they are asked for, a suffix too",
        "bytes=500-599, 0-0, -7",
        (Part(500, 600), Part(0, 1), Part(-7, None)),
    ),
    _several("ranges that overlap", "bytes=0-99,50-149", (Part(0, 100), Part(50, 150))),
    _several("sixteen ranges", f"bytes={_ASKED_SIXTEEN}", _SIXTEEN),
    _several(
        "two ranges of a whole file", "bytes=0-99,500-599", (Part(0, 100), Part(500, 600)),
        WHOLE_FILE, _SLICED,
    ),
    _one("what does not exist of several is left out", "bytes=0-9,999999999-", Part(0, 10)),
    _ignored("seventeen ranges get all", {"Range": f"bytes={_ASKED_SIXTEEN},200-204"}),
    _ignored("ranges of more bytes than there are get all", {"Range": "bytes=0-,1-"}),
    _ignored("a suffix and a start that overlap in all get all", {"Range": "bytes=0-,-1"}),
)  # fmt: skip

_IGNORED: Final = (
    *(
        _ignored(f"ignored: {what}", {"Range": asked})
        for what, asked in {
            "a unit that is unknown (§14.2)": "seconds=0-4",
            "no unit": "0-4",
            "no range": "bytes=",
        }.items()
    ),
    *(
        _ignored(f"ignored: {what}", {"Range": asked}, _MALFORMED)
        for what, asked in {
            "neither first nor last": "bytes=-",
            "the last before the first": "bytes=9-2",
            "no digits": "bytes=a-b",
            "one of several malformed": "bytes=0-4,a-b",
            "a hexadecimal number": "bytes=0x1-2",
            "semicolons between": "bytes=0-1;3-4",
        }.items()
    ),
    Row(
        what="ignored: with HEAD (§14.2 defines Range for GET)",
        method="HEAD",
        sent={"Range": "bytes=0-4"},
        status=200,
        fields=MEDIA_HEAD,
        body=Whole(),
        at_edge=_HEAD,
    ),
    Row(
        what="ignored: with HEAD, even where nothing of it is there",
        method="HEAD",
        sent={"Range": "bytes=999999999-"},
        status=200,
        fields=MEDIA_HEAD,
        body=Whole(),
        at_edge=replace(_HEAD, status=416, fields=ERROR, also=_NOTHING_THERE, body=_NONE),
    ),
    *(
        Row(
            what=f"ignored: of {what}",
            address=address,
            sent={"Range": "bytes=0-4"},
            status=200,
            fields=TEXT,
            body=Whole(),
        )
        for what, address in {
            "a media playlist": PLAYLIST,
            "a multivariant playlist": "index.m3u8",
            "the manifest": "manifest.json",
        }.items()
    ),
    Row(
        what="ignored: of a playlist that is gzipped",
        address=PLAYLIST,
        sent={"Range": "bytes=0-4", "Accept-Encoding": "gzip"},
        status=200,
        fields=PACKED,
        body=Gzipped(),
    ),
    Row(
        what="ignored: of a playlist, even where nothing of it is there",
        address=PLAYLIST,
        sent={"Range": "bytes=999999999-"},
        status=200,
        fields=TEXT,
        body=Whole(),
    ),
)

_UNSATISFIED: Final = (
    _nothing("nothing there: behind the end", "bytes=999999999-"),
    _nothing("nothing there: behind the end, however far", f"bytes={_HUGE}-"),
    _nothing("nothing there: the first byte behind the end", "bytes={size}-"),
    _nothing("nothing there: a suffix of no bytes", "bytes=-0"),
    _nothing("nothing there: of none of several", "bytes=999999999-,888888888-999999999"),
    _nothing("nothing there: of a whole file", "bytes=999999999-", WHOLE_FILE),
)

RANGES: Final = Section(
    title="Ranges",
    says="Of media alone, and with GET alone. One range, or as many as 16 of no more bytes than "
    "there are; who asks for more, or for what is no byte range, gets all (§14.2). A range of "
    "which nothing is there is left out; where none is left: 416 (§15.5.17).",
    rows=(*_SATISFIED, *_SEVERAL, *_IGNORED, *_UNSATISFIED),
)
