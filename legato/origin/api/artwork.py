"""`/v1/tracks/{id}/artwork`: the cover that a track shows."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from legato.catalog import tracks
from legato.catalog.accounts import audit
from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.objects import artworks
from legato.catalog.objects.artworks import artwork_key
from legato.deployment import Deployment
from legato.errors import BadInput, NotFound
from legato.ingest.artwork import enter_image
from legato.origin.api.authentication import caller

MOST_BYTES: Final = 20 << 20
MEDIA_TYPES: Final = ("image/jpeg", "image/png", "image/webp")
# Images of one tenant at a time, and images that are decoded at a time.
_OF_A_TENANT: Final = 4
_AT_WORK: Final = 2
# A body of which nothing comes for so long gives its turn back.
_STALL_S: Final = 60.0
_IMAGE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in MEDIA_TYPES},
    }
}


class SquareView(BaseModel):
    """A square JPEG of so many pixels a side, at an address that never changes its bytes."""

    size: int
    url: str


class ArtworkView(BaseModel):
    """What a track shows, largest first; addresses are relative to the origin, or to its edge."""

    artwork: list[SquareView]


def squares(session: Session, track_id: str) -> list[SquareView] | None:
    """The artwork of a track, if it has one."""
    found = artworks.artwork_of_track(session, track_id)
    if found is None:
        return None
    return [
        SquareView(size=size, url=f"/{artwork_key(found.artwork_id, size)}") for size in found.sizes
    ]


def artwork_router(deployment: Deployment) -> APIRouter:
    """A tenant's own covers."""
    router = APIRouter()
    reader = Annotated[KeyHolder, Depends(caller(deployment, Scope.READ))]
    uploader = Annotated[KeyHolder, Depends(caller(deployment, Scope.UPLOAD))]
    change, turns = _Change(deployment), _Turns()

    @router.get("/v1/tracks/{track_id}/artwork")
    def read_artwork(by: reader, track_id: str) -> ArtworkView:
        """The addresses of a track's cover."""
        return change.view(by, track_id)

    @router.put("/v1/tracks/{track_id}/artwork", openapi_extra=_IMAGE)
    async def put_artwork(by: uploader, track_id: str, request: Request) -> ArtworkView:
        """Show another cover: a JPEG, PNG or WebP image of up to 20 MB, cut to a square."""
        _check_media_type(request.headers.get("content-type", ""))
        with turns.one_of(by.tenant_id):
            await run_in_threadpool(change.check, by, track_id)
            image = await _body(request)
            async with turns.at_work:
                await run_in_threadpool(change.to_image, by, track_id, image)
        return await run_in_threadpool(change.view, by, track_id)

    @router.delete("/v1/tracks/{track_id}/artwork", status_code=204)
    def delete_artwork(by: uploader, track_id: str) -> None:
        """Show no cover any more."""
        change.to_none(by, track_id)

    return router


class _Turns:
    """So that one who sends image after image costs others neither memory nor threads."""

    def __init__(self) -> None:
        self.at_work = asyncio.Semaphore(_AT_WORK)
        self._in_hand: Counter[str] = Counter()

    @contextmanager
    def one_of(self, tenant_id: str) -> Iterator[None]:
        """One image of a tenant; raises BadInput `too_many_requests`."""
        if self._in_hand[tenant_id] >= _OF_A_TENANT:
            raise BadInput(
                "too_many_requests",
                f"artwork: found {_OF_A_TENANT} images on their way, expected fewer: come again",
            )
        self._in_hand[tenant_id] += 1
        try:
            yield
        finally:
            self._in_hand[tenant_id] -= 1


class _Change:
    """What a tenant does to the artwork of a track of its own; raises NotFound `no_track`."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def check(self, by: KeyHolder, track_id: str) -> None:
        with self._deployment.database.read() as session:
            tracks.find_track(session, track_id, by.tenant_id)

    def view(self, by: KeyHolder, track_id: str) -> ArtworkView:
        """Raises NotFound `no_artwork`."""
        with self._deployment.database.read() as session:
            tracks.find_track(session, track_id, by.tenant_id)
            found = squares(session, track_id)
        if found is None:
            raise NotFound("no_artwork", f"track {track_id}: shows no artwork")
        return ArtworkView(artwork=found)

    def to_image(self, by: KeyHolder, track_id: str, image: bytes) -> None:
        def show(session: Session, artwork_id: str) -> None:
            self._show(session, by, track_id, artwork_id)

        enter_image(self._deployment.database, self._deployment.store, image, show)

    def to_none(self, by: KeyHolder, track_id: str) -> None:
        with self._deployment.database.write() as session:
            self._show(session, by, track_id, None)

    def _show(self, session: Session, by: KeyHolder, track_id: str, artwork_id: str | None) -> None:
        tracks.find_track(session, track_id, by.tenant_id)
        artworks.show_artwork(session, track_id, artwork_id)
        audit.record(
            session, tenant_id=by.tenant_id, actor=by.actor, action="track.artwork_changed",
            subject=track_id, details={"artwork_id": artwork_id},
        )  # fmt: skip


def _check_media_type(found: str) -> None:
    """What the image is, its bytes say; this is for whoever sends a form or JSON by mistake."""
    if found.partition(";")[0].strip().lower() not in MEDIA_TYPES:
        raise BadInput(
            "artwork_media_type",
            f"content-type: found {found[:80]!r}, expected {', '.join(MEDIA_TYPES)}",
        )


async def _body(request: Request, stall_s: float = _STALL_S) -> bytes:
    """All that is sent, as long as it is no more than may be, and goes on coming."""
    image, now = bytearray(), asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(stall_s) as limit:
            async for block in request.stream():
                limit.reschedule(now() + stall_s)
                image += block
                if len(image) > MOST_BYTES:
                    raise BadInput(
                        "artwork_too_large",
                        f"artwork: found more than {MOST_BYTES} bytes, expected at most as many",
                    )
    except TimeoutError as error:
        raise BadInput(
            "body_stalled", f"artwork: found nothing of it in {stall_s:g} s, expected the rest"
        ) from error
    except ClientDisconnect as error:
        raise BadInput(
            "bad_request", f"artwork: its sender left after {len(image)} bytes"
        ) from error
    return bytes(image)
