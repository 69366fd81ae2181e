"""The answer of `play`: a grant as addresses, at one edge and at those to fall back to."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from legato.manifests.manifest import MANIFEST_FILE
from legato.origin.dialects.dialect import SignedBase


class CookieView(BaseModel):
    """A cookie that goes along with every request below `path`."""

    name: str
    value: str
    path: str


class EdgeAddress(BaseModel):
    """A grant at one edge: `base_url` + a relative address, then `?query` where there is one."""

    base_url: Annotated[str, Field(description="Ends in `/audio/{asset_id}/`")]
    query: Annotated[str, Field(description="Without `?`; empty where there is none")]
    cookies: list[CookieView]
    manifest_url: Annotated[str, Field(description="Whole, with its query")]
    hls_url: Annotated[str, Field(description="Whole: the playlist that stops at the tier")]

    @classmethod
    def of(cls, signed: SignedBase, playlist: str) -> Self:
        """The addresses of a signed grant, whose tier has this playlist."""
        query = f"?{signed.query}" if signed.query else ""
        return cls(
            base_url=signed.base_url,
            query=signed.query,
            cookies=[CookieView(name=c.name, value=c.value, path=c.path) for c in signed.cookies],
            manifest_url=f"{signed.base_url}{MANIFEST_FILE}{query}",
            hls_url=f"{signed.base_url}{playlist}{query}",
        )


class PlaybackSession(EdgeAddress):
    """What a player is given for pressing play."""

    session_id: Annotated[str, Field(description="Names this playback; 16 hexadecimal digits")]
    fallbacks: Annotated[
        list[EdgeAddress], Field(description="The same grant at other edges, the next best first")
    ]
    renditions: Annotated[list[str], Field(description="Those that the grant covers")]
    album_loudness: Annotated[
        None, Field(description="Null: the loudness of a release is not measured")
    ] = None
    expires_at: Annotated[
        datetime, Field(description="The grant is good before this time, and not at it")
    ]
