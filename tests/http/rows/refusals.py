"""Refusals: who may not, what is not there, what is broken."""

from collections.abc import Mapping
from typing import Final

from tests.http.fields import ERROR, Value
from tests.http.row import CHUNK, EDGE, EVERYWHERE, LOCAL, S3, AtEdge, Refusal, Row, Section, Under


def _refused(
    what: str,
    code: str,
    status: int = 403,
    *,
    under: Under = Under.FULL,
    address: str = CHUNK,
    method: str = "GET",
    sent: Mapping[str, str] | None = None,
    also: Mapping[str, Value] | None = None,
    at: tuple[str, ...] = EVERYWHERE,
    at_edge: AtEdge | None = None,
) -> Row:
    return Row(
        what=what, address=address, under=under, method=method, sent=sent or {}, status=status,
        fields=ERROR, also=also or {}, body=Refusal(code), at=at, at_edge=at_edge,
    )  # fmt: skip


_UNSIGNED: Final = (
    _refused("unsigned", "no_token", under=Under.UNSIGNED),
    _refused("unsigned: HEAD", "no_token", under=Under.UNSIGNED, method="HEAD"),
    _refused(
        "unsigned: what is not there",
        "no_token",
        under=Under.UNSIGNED,
        address="no/such/thing",
    ),
    _refused("unsigned: an asset that is not there", "no_token", under=Under.UNSIGNED_ABSENT),
    _refused("unsigned: the folder of an asset", "no_token", under=Under.UNSIGNED, address=""),
    _refused("signed, with an escape that no address needs", "no_token", address="aac-160/%31.m4s"),
    _refused("unsigned: with a limit", "no_token", under=Under.UNSIGNED_UPTO),
    _refused(
        "unsigned: a condition opens nothing",
        "no_token",
        under=Under.UNSIGNED,
        sent={"If-None-Match": "*"},
    ),
    _refused(
        "unsigned: a range opens nothing",
        "no_token",
        under=Under.UNSIGNED,
        sent={"Range": "bytes=999999999-"},
    ),
)
_TOKENS: Final = (
    _refused("what is no token", "bad_token", under=Under.NO_TOKEN),
    _refused("an altered token", "bad_token", under=Under.ALTERED),
    _refused("an altered token: HEAD", "bad_token", under=Under.ALTERED, method="HEAD"),
    _refused(
        "an altered token: what is not there",
        "bad_token",
        under=Under.ALTERED,
        address="no/such/thing",
    ),
    _refused(
        "an altered token: an asset that is not there", "bad_token", under=Under.ALTERED_ABSENT
    ),
    _refused("a token of another asset", "bad_token", under=Under.FOREIGN),
    _refused("an expired token", "expired_token", under=Under.EXPIRED),
    _refused("a token bound to somebody else", "wrong_listener", under=Under.BOUND),
    _refused("a denied grant", "denied_grant", under=Under.DENIED),
    _refused("a grant of a denied track", "denied_grant", under=Under.DENIED_TRACK),
    _refused(
        "a grant, but not through the edge that the origin belongs to",
        "not_the_edge",
        under=Under.NOT_THE_EDGE,
        at=(S3,),
    ),
)
_TIERS: Final = tuple(
    _refused(f"above the tier: {what}", "tier", under=Under.FREE, address=address, sent=sent)
    for what, address, sent in (
        ("a chunk", "aac-320/1.m4s", {}),
        ("an init segment", "aac-320/init.mp4", {}),
        ("a whole file", "aac-320.mp4", {}),
        ("a media playlist", "aac-320/index.m3u8", {}),
        ("the playlist of all variants", "index.m3u8", {}),
        ("a condition opens nothing", "aac-320.mp4", {"If-None-Match": "*"}),
        ("a range opens nothing", "aac-320.mp4", {"Range": "bytes=0-0"}),
    )
)
_NOT_THERE: Final = (
    *(
        _refused(f"not there: {what}", code, 404, address=address)
        for what, code, address in (
            ("a chunk behind the last", "no_chunk", "aac-160/999999.m4s"),
            ("a chunk number with a zero before it", "no_address", "aac-160/01.m4s"),
            ("a chunk with another extension", "no_address", "aac-160/1.mp4"),
            ("a rendition", "no_rendition", "aac-128/1.m4s"),
            ("a whole file of no rendition", "no_rendition", "aac-128.mp4"),
            ("a playlist of Vorbis", "no_playlist", "vorbis-160/index.m3u8"),
            ("a playlist of no variant", "no_variant", "index-64.m3u8"),
            ("an address", "no_address", "no/such/thing"),
        )
    ),
    _refused("not there: HEAD", "no_address", 404, address="no/such/thing", method="HEAD"),
    _refused(
        "not there: a condition does not make it so",
        "no_chunk",
        404,
        address="aac-160/999999.m4s",
        sent={"If-None-Match": "*"},
    ),
    _refused(
        "not there: nor does If-Match (§13.2.1)",
        "no_chunk",
        404,
        address="aac-160/999999.m4s",
        sent={"If-Match": '"another"'},
    ),
    _refused("not there: the asset", "no_object", 404, under=Under.ABSENT),
    _refused("taken down", "taken_down", 410, under=Under.TAKEN_DOWN),
)
_BROKEN: Final = (
    _refused("a manifest that cannot be read", "bad_manifest", 500, under=Under.DAMAGED),
    _refused(
        "a store that is away",
        "store_unavailable",
        503,
        under=Under.UNREACHABLE,
        also={"retry-after": "1"},
        at=(LOCAL, EDGE),
    ),
)

REFUSALS: Final = Section(
    title="Refusals",
    says="A problem detail (RFC 9457; [all codes](errors.md)), that any player may read and no "
    "cache may keep. What is refused for want of a grant is refused in the same bytes whether it "
    "exists or not.",
    rows=(*_UNSIGNED, *_TOKENS, *_TIERS, *_NOT_THERE, *_BROKEN),
)
