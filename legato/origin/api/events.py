"""`/v1/tracks/{id}/events`: how far a track is, as server-sent events (WHATWG HTML §9.2)."""

import hashlib
from collections.abc import AsyncIterator, Collection
from typing import Annotated, Any, Final, Self

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from legato.catalog import tracks
from legato.catalog.accounts.api_keys import KeyHolder, Scope
from legato.catalog.track_progress import TrackProgress, progress_of
from legato.catalog.track_state import TrackState
from legato.deployment import Deployment
from legato.errors import NotFound
from legato.ingest.encode_subject import encode_subject
from legato.origin import asgi
from legato.origin.api.authentication import caller
from legato.origin.api.track_view import ErrorView, ProgressView
from legato.origin.api.watching import Watcher, Watching

# Proxies end what is silent for a minute, some for less.
_HEARTBEAT_S: Final = 15.0
_RECONNECT_MS: Final = 2000
_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Events", "content": {"text/event-stream": {}}},
    204: {"description": "Nothing will happen after the event of `Last-Event-ID`: stop"},
    404: {"description": "`no_track`"},
    429: {"description": "`too_many_streams`"},
}


class TrackEvent(BaseModel):
    """How far a track is; `progress` while it is worked on, `error` where that ended badly."""

    track_id: str
    state: TrackState
    progress: ProgressView | None
    error: ErrorView | None
    asset_id: str | None

    @classmethod
    def of(cls, track: TrackProgress) -> Self:
        error = track.error_code
        return cls(
            track_id=track.track_id,
            state=track.state,
            progress=None if track.state.final else ProgressView.of(track.progress),
            error=ErrorView(code=error, message=track.error_message or "") if error else None,
            asset_id=track.asset_id,
        )

    def event_id(self) -> str:
        """The same for the same content, from whatever process: a stream resumes anywhere."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def lines(self) -> bytes:
        return f"id: {self.event_id()}\ndata: {self.model_dump_json()}\n\n".encode()


class EventStream(StreamingResponse):
    """The events of a watcher, who is forgotten as soon as nobody listens."""

    def __init__(self, watching: Watching, watcher: Watcher, last_event_id: str | None) -> None:
        super().__init__(
            events_of(watcher, last_event_id), media_type="text/event-stream", headers=_HEADERS
        )
        self._watching = watching
        self._watcher = watcher

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._watching.forget(self._watcher)


def events_router(deployment: Deployment, watching: Watching) -> APIRouter:
    """What a page listens to while a track is worked on."""
    router = APIRouter()
    reader = Annotated[KeyHolder, Depends(caller(deployment, Scope.READ))]

    @router.get("/v1/tracks/{track_id}/events", response_class=Response, responses=_ANSWERS)
    async def read_events(
        by: reader, track_id: str, last_event_id: Annotated[str | None, Header()] = None
    ) -> Response:
        """An event now, and one at each change, until the track is ready, refused or failed."""
        track = await run_in_threadpool(_find, deployment, track_id, by.tenant_id)
        if track.state.final and last_event_id == TrackEvent.of(track).event_id():
            return Response(status_code=204, headers=_HEADERS)
        return EventStream(watching, watching.begin(track, by.tenant_id), last_event_id)

    return router


def watch_tracks(deployment: Deployment) -> Watching:
    """Whoever watches tracks of a deployment in this process."""

    def look(track_ids: Collection[str]) -> dict[str, TrackProgress]:
        with deployment.database.read() as session:
            return progress_of(session, track_ids, encode_prefix=encode_subject(""))

    return Watching(look)


def _find(deployment: Deployment, track_id: str, tenant_id: str) -> TrackProgress:
    with deployment.database.read() as session:
        tracks.find_track(session, track_id, tenant_id)
        found = progress_of(session, [track_id], encode_prefix=encode_subject(""))
    if track_id not in found:
        raise NotFound("no_track", f"track {track_id!r}: not in the catalogue")
    return found[track_id]


async def events_of(
    watcher: Watcher, seen: str | None, heartbeat_s: float = _HEARTBEAT_S
) -> AsyncIterator[bytes]:
    """What has not been `seen`, up to the final state, or until the track or the process goes."""
    yield f"retry: {_RECONNECT_MS}\n\n".encode()
    while watcher.now is not None and not watcher.over:
        event = TrackEvent.of(watcher.now)
        if event.event_id() != seen:
            seen = event.event_id()
            yield event.lines()
        if event.state.final:
            return
        while not await watcher.changed(heartbeat_s):
            yield b":\n\n"
