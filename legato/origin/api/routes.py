"""The HTTP API: `/v1/…`, health, and its errors. Each route parses, calls, answers."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, File, Form, Header, Query, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from legato.catalog import tenants, tracks
from legato.deployment import Deployment
from legato.errors import Forbidden, LegatoError, http_status
from legato.ingest.intake import Submission
from legato.ingest.tags import ISRC_PATTERN, read_metadata
from legato.origin.api.track_view import TrackPage, TrackView
from legato.origin.grants.signing_keys import SigningKeys
from legato.origin.playback.play import play

_BEARER = "bearer "
_CODES = {404: "no_such_path", 405: "method_not_allowed", 413: "too_large"}

log = structlog.get_logger()


def make_router(deployment: Deployment, keys: SigningKeys) -> APIRouter:
    """The routes of one deployment."""
    router = APIRouter()
    tenant = Annotated[str, Depends(_tenant_of_request(deployment))]

    @router.post("/v1/tracks", status_code=202)
    def create_track(
        tenant_id: tenant,
        file: Annotated[UploadFile, File(description="The master")],
        title: Annotated[str | None, Form(max_length=500)] = None,
        artist: Annotated[str | None, Form(max_length=500)] = None,
        isrc: Annotated[str | None, Form(pattern=f"^{ISRC_PATTERN}$")] = None,
    ) -> TrackView:
        """Take a master in; answered as soon as its bytes are safe on disk."""
        name = PurePath(file.filename or "unnamed").name
        with deployment.intake.spool(file.file) as spooled:
            tagged = read_metadata(spooled.path, name=name, artist=artist)
            metadata = tracks.Metadata(
                title=title or tagged.title, artist=tagged.artist, isrc=isrc or tagged.isrc
            )
            submission = Submission(tenant_id=tenant_id, metadata=metadata, file_name=name)
            track_id = deployment.intake.take(spooled, submission)
        return _view(deployment, track_id, tenant_id)

    @router.get("/v1/tracks")
    def list_tracks(
        tenant_id: tenant,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        cursor: Annotated[str | None, Query(max_length=64)] = None,
    ) -> TrackPage:
        """The tenant's tracks, in the order they came."""
        with deployment.database.read() as session:
            found = tracks.list_tracks(session, tenant_id, limit=limit + 1, after=cursor)
            views = [TrackView.of(session, track) for track in found[:limit]]
        more = len(found) > limit
        return TrackPage(tracks=views, next_cursor=views[-1].track_id if more else None)

    @router.get("/v1/tracks/{track_id}")
    def read_track(tenant_id: tenant, track_id: str) -> TrackView:
        """One track: its state, how far the work on it is, what was wrong with it."""
        return _view(deployment, track_id, tenant_id)

    @router.post("/v1/tracks/{track_id}/play")
    def play_track(tenant_id: tenant, track_id: str, request: Request) -> dict[str, Any]:
        """A grant for a ready track, and the addresses that it opens."""
        with deployment.database.read() as session:
            track = tracks.find_track(session, track_id, tenant_id)
        public_url = deployment.settings.public_url or str(request.base_url)
        session_ = play(track, keys, public_url=public_url, ttl_s=deployment.settings.grant_ttl_s)
        return session_.to_json()

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/readyz")
    def readyz() -> dict[str, str]:
        """The catalogue answers too."""
        with deployment.database.read() as session:
            session.connection()
        return {"status": "ok"}

    return router


def install_errors(app: FastAPI) -> None:
    """Every error leaves as `{"error": {"code", "message"}}` with the status that fits it."""

    @app.exception_handler(LegatoError)
    def answer_error(_request: Request, error: LegatoError) -> JSONResponse:
        headers = {"www-authenticate": "Bearer"} if http_status(error) == 401 else None
        return _error(http_status(error), error.code, error.message, headers)

    @app.exception_handler(HTTPException)
    def answer_http(_request: Request, error: HTTPException) -> JSONResponse:
        code = _CODES.get(error.status_code, "bad_request")
        headers = dict(error.headers or {})
        return _error(error.status_code, code, str(error.detail), headers)

    @app.exception_handler(Exception)
    def answer_unknown(_request: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", exc_info=error)
        return _error(500, "internal", "this could not be done; the operator's log says why")

    @app.exception_handler(RequestValidationError)
    def answer_invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return _error(422, "bad_request", f"{where}: {first['msg']}")


def authenticator(deployment: Deployment) -> Callable[[str | None], str]:
    """Answers whose API key an Authorization header bears (RFC 6750 §2.1); raises Forbidden."""

    def authenticate(authorization: str | None) -> str:
        if authorization is None or not authorization.lower().startswith(_BEARER):
            raise Forbidden("no_api_key", "send the header: Authorization: Bearer YOUR-API-KEY")
        with deployment.database.read() as session:
            return tenants.tenant_of_key(session, authorization[len(_BEARER) :].strip())

    return authenticate


def _tenant_of_request(deployment: Deployment) -> Callable[..., str]:
    authenticate = authenticator(deployment)

    def tenant_of_request(authorization: Annotated[str | None, Header()] = None) -> str:
        return authenticate(authorization)

    return tenant_of_request


def _view(deployment: Deployment, track_id: str, tenant_id: str) -> TrackView:
    with deployment.database.read() as session:
        return TrackView.of(session, tracks.find_track(session, track_id, tenant_id))


def _error(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    content = {"error": {"code": code, "message": message}}
    return JSONResponse(content, status_code=status, headers=headers)
