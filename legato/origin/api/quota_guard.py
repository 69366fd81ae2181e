"""Stands before uploads as forms: a quota that is full is said before the master is sent."""

from starlette.concurrency import run_in_threadpool

from legato.catalog.accounts import quotas
from legato.catalog.database import Database
from legato.errors import LegatoError
from legato.origin.api.upload_guard import FORM_BYTES, HOLDER, declared_bytes, is_upload
from legato.origin.asgi import App, Receive, Scope, Send, refuse


class QuotaGuard:
    """Passes everything on but a form that cannot but go over its tenant's quotas.

    Stands behind UploadGuard, and behind the Idempotency-Key: what has been done is answered
    again, though its quota is full by now.
    """

    def __init__(self, app: App, database: Database) -> None:
        self._app = app
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if is_upload(scope):
                await run_in_threadpool(self._check, scope)
        except LegatoError as error:
            await refuse(error, send)
        else:
            await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        declared = declared_bytes(scope)
        with self._database.read() as session:
            quotas.check_coming(
                session,
                scope[HOLDER].tenant_id,
                least_bytes=max(0, declared - FORM_BYTES),
                most_bytes=declared,
                new_tracks=1 if scope["method"] == "POST" else 0,
            )
