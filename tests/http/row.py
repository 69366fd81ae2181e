"""What a row of the table is: a request, and all that is promised of its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from tests.http.fields import Profile, Value

CHUNK: Final = "aac-160/1.m4s"
WHOLE_FILE: Final = "aac-320.mp4"
PLAYLIST: Final = "aac-160/index.m3u8"

LOCAL, S3, EDGE = "local", "s3", "edge"
EVERYWHERE: Final = (LOCAL, S3, EDGE)


class Under(StrEnum):
    """What a request shows for itself, and of which asset it asks."""

    FULL = "a grant for up to 320 kbit/s"
    FREE = "a grant for up to 160 kbit/s"
    UNSIGNED = "nothing"
    UNSIGNED_UPTO = "nothing, below `/upto/320/`"
    UNSIGNED_ABSENT = "nothing, of an asset that is not there"
    NO_TOKEN = "what is no token"  # noqa: S105 - a description
    ALTERED = "a grant with one digit altered"
    ALTERED_ABSENT = "a grant with one digit altered, of an asset that is not there"
    FOREIGN = "a grant for another asset"
    EXPIRED = "a grant that has expired"
    BOUND = "a grant bound to another country"
    DENIED = "a grant that has been denied"
    DENIED_TRACK = "a grant of a track whose grants have been denied"
    TAKEN_DOWN = "a grant for an asset that no live track uses"
    ABSENT = "a grant for an asset that is not there"
    DAMAGED = "a grant for an asset whose manifest is damaged"
    UNREACHABLE = "a grant for an asset that the store cannot read for now"
    NOT_THE_EDGE = "a grant, but not the secret of the edge"


@dataclass(frozen=True, slots=True)
class Whole:
    """All that the address stands for."""

    def __str__(self) -> str:
        return "all"


@dataclass(frozen=True, slots=True)
class Gzipped:
    """All that the address stands for, gzipped."""

    def __str__(self) -> str:
        return "all, gzipped"


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of it, counted as Python's slices are: from its end where they are negative."""

    start: int
    end: int | None

    def __str__(self) -> str:
        return f"[{self.start}:{'' if self.end is None else self.end}]"


@dataclass(frozen=True, slots=True)
class Parts:
    """Several parts of it, `multipart/byteranges`."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        shown = " ".join(map(str, self.parts[:3]))
        return shown if len(self.parts) <= 3 else f"{shown} … ({len(self.parts)} parts)"


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing, by the nature of the status."""

    def __str__(self) -> str:
        return "none"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A problem detail (RFC 9457) with this code."""

    code: str

    def __str__(self) -> str:
        return f"error `{self.code}`"


Body = Whole | Gzipped | Part | Parts | Empty | Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class AtEdge:
    """What nginx answers otherwise, and why. What is not said here is as at the origin.

    `until_cached`: only where nginx fetches it from the origin at the same time. `may_close`: it
    may end the connection, though nobody has asked for that.
    """

    why: str
    until_cached: bool = False
    status: int | None = None
    fields: Profile | None = None
    also: Mapping[str, Value] | None = None
    body: Body | None = None
    may_close: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A request, and its answer: `what` is a claim, of which no two are the same.

    `fields` and `also` are all the header fields of the answer, but for Date, Server and
    Connection. In values and in what is sent, `{etag}` stands for the tag of what is there, and
    so on: see `tests.http.stands.Stands`.
    """

    what: str
    address: str = CHUNK
    under: Under = Under.FULL
    method: str = "GET"
    sent: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    version: str = "HTTP/1.1"
    status: int
    fields: Profile
    also: Mapping[str, Value] = field(default_factory=dict)
    body: Body
    closes: bool = False
    may_close: bool = False
    at: tuple[str, ...] = EVERYWHERE
    at_edge: AtEdge | None = None

    def as_seen(self, server: str, *, cached: bool) -> "Row":
        """The row as `server` has to answer it, the first time or again."""
        other = self.at_edge
        if server != EDGE or other is None or (cached and other.until_cached):
            return self
        return replace(
            self,
            status=other.status or self.status,
            fields=other.fields or self.fields,
            also=self.also if other.also is None else other.also,
            body=other.body or self.body,
            may_close=other.may_close,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Rows about one thing, and what is to be said of them."""

    title: str
    says: str
    rows: tuple[Row, ...]
