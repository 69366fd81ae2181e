"""`/v1/uploads` for tus clients: begin, ask, go on, end."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import structlog
from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool

from legato.catalog.accounts.api_keys import KeyHolder
from legato.catalog.database import now_ms
from legato.catalog.objects.uploads import Announced, Upload, UploadState
from legato.errors import BadInput, Corrupt, LegatoError, Unavailable
from legato.ingest.uploads.upload_file import UploadFile
from legato.ingest.uploads.uploads import Uploads
from legato.origin.api.tus.exchange import Exchange
from legato.origin.api.tus.metadata import read_metadata
from legato.origin.api.tus.protocol import (
    MEDIA_TYPE,
    PATH,
    TusRequest,
    described_fields,
    server_fields,
    upload_fields,
)
from legato.origin.api.tus.receive import Receiver
from legato.origin.api.tus.writers import Writers
from legato.origin.asgi import AUTHENTICATED, App, Receive, Scope, Send

# Uploads that are stored at a time: S3 takes 45 MB of memory for each.
_FINISHING: Final = 2

log = structlog.get_logger()


class TusUploads:
    """Answers tus's requests, and passes everything else on.

    `authenticate` says whose an Authorization header is, or raises LegatoError.
    """

    def __init__(
        self, app: App, uploads: Uploads, authenticate: Callable[[str | None], KeyHolder]
    ) -> None:
        self._app = app
        self._uploads = uploads
        self._authenticate = authenticate
        self._writers = Writers(uploads.folder)
        self._receiver = Receiver(self._writers, uploads.hashes)
        self._finishing = CapacityLimiter(_FINISHING)

    def interrupt(self) -> None:
        """Receive no more of what is coming now; on the event loop. Clients ask, and go on."""
        self._writers.interrupt()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = TusRequest.of(scope)
        if request is None:
            await self._app(scope, receive, send)
            return
        exchange = Exchange(request, scope, receive, send)
        try:
            await self._answer(exchange, scope)
        except LegatoError as error:
            fields = server_fields(self._uploads.max_bytes) if error.code == "tus_version" else []
            await exchange.refuse(error, fields)

    async def _answer(self, exchange: Exchange, scope: Scope) -> None:
        request = exchange.request
        if request.method == "OPTIONS":
            await exchange.answer(204, server_fields(self._uploads.max_bytes))
            return
        request.check_version()
        by = await run_in_threadpool(self._authenticate, request.text("authorization"))
        scope[AUTHENTICATED] = True
        if request.upload_id is None:
            await self._begin(exchange, by)
            return
        do = {"HEAD": self._ask, "PATCH": self._go_on, "DELETE": self._end}[request.method]
        await do(exchange, request.upload_id, by)

    async def _begin(self, exchange: Exchange, by: KeyHolder) -> None:
        """POST: an upload, and the beginning of its bytes where they come along."""
        request = exchange.request
        request.check_extensions()
        said = read_metadata(request.text("upload-metadata"))
        announced = Announced(
            tenant_id=by.tenant_id,
            size_bytes=request.number("upload-length"),
            file_name=said.file_name,
            described=said.described,
            replaces=said.replaces,
        )
        upload = await run_in_threadpool(self._uploads.begin, announced, by.actor)
        position = 0
        if request.text("content-type") == MEDIA_TYPE or upload.size_bytes == 0:
            upload, position = await self._receive_with_begin(exchange, upload, by)
        if exchange.cut:
            return
        location = ("location", f"{PATH}/{upload.upload_id}")
        await exchange.answer(201, [location, *upload_fields(upload, position)])

    async def _receive_with_begin(
        self, exchange: Exchange, upload: Upload, by: KeyHolder
    ) -> tuple[Upload, int]:
        """What goes wrong ends the upload: its sender has not heard yet where it is."""
        async with self._writers.hold(upload.upload_id) as file:
            try:
                upload = await self._receive(exchange, upload, file, by)
            except LegatoError:
                await self._forget(upload, file, by)
                raise
            if exchange.cut:
                await self._forget(upload, file, by)
            return upload, file.size

    async def _ask(self, exchange: Exchange, upload_id: str, by: KeyHolder) -> None:
        """HEAD: how much has arrived and is safe; whoever was sending it is held to be gone."""
        async with self._held(upload_id, by) as (found, file):
            upload, position = found, found.size_bytes
            if file is not None:
                await run_in_threadpool(file.sync)
                position = file.size
                upload = await self._finish_if_whole(found, file, by)
        await exchange.answer(200, [*upload_fields(upload, position), *described_fields(upload)])

    async def _go_on(self, exchange: Exchange, upload_id: str, by: KeyHolder) -> None:
        """PATCH: more bytes; acknowledged when they would survive a power cut."""
        request = exchange.request
        request.check_media_type()
        offset = request.number("upload-offset")
        async with self._held(upload_id, by) as (found, file):
            upload, position = found, found.size_bytes if file is None else file.size
            if offset != position:
                raise BadInput("upload_offset", f"found {offset}, expected {position}")
            if file is not None:
                upload = await self._receive(exchange, found, file, by)
                position = file.size
        if not exchange.cut:
            await exchange.answer(204, upload_fields(upload, position))

    async def _end(self, exchange: Exchange, upload_id: str, by: KeyHolder) -> None:
        """DELETE: nothing of it stays."""
        async with self._held(upload_id, by) as (upload, file):
            if file is None:
                raise BadInput(
                    "upload_finished",
                    f"upload {upload_id}: found track {upload.track_id} made of it, expected an "
                    "upload that goes on",
                )
            await self._forget(upload, file, by)
        await exchange.answer(204, [])

    @asynccontextmanager
    async def _held(
        self, upload_id: str, by: KeyHolder
    ) -> AsyncIterator[tuple[Upload, UploadFile | None]]:
        """An upload and its file while nobody else has it; no file once it is a track.

        Raises NotFound `no_upload`, BadInput `upload_over` and `upload_locked`, Unavailable
        `upload_elsewhere`.
        """
        find = partial(self._uploads.find, upload_id, by.tenant_id)
        upload = await run_in_threadpool(find)
        if upload.state is not UploadState.RECEIVING:
            yield _not_over(upload), None
            return
        await run_in_threadpool(self._uploads.check_here, upload)
        async with self._writers.hold(upload_id) as file:
            upload = _not_over(await run_in_threadpool(find))
            late = upload.expires_at_ms <= now_ms() and file.size < upload.size_bytes
            if late:
                raise _over(upload_id, "expired")
            yield upload, file if upload.state is UploadState.RECEIVING else None

    async def _receive(
        self, exchange: Exchange, upload: Upload, file: UploadFile, by: KeyHolder
    ) -> Upload:
        """Take a body in; whatever it ends with, what has arrived is safe."""
        left = upload.size_bytes - file.size
        if (exchange.request.body_size or 0) > left:
            raise BadInput(
                "too_large", f"the body: found {exchange.request.body_size} bytes, expected {left}"
            )
        await self._receiver.receive(exchange, upload.upload_id, file, left)
        if file.size < upload.size_bytes:
            return await run_in_threadpool(self._uploads.prolong, upload.upload_id)
        return await self._finish_if_whole(upload, file, by)

    async def _finish_if_whole(self, upload: Upload, file: UploadFile, by: KeyHolder) -> Upload:
        """Make a track of it; where that cannot be done now, the worker will do it later."""
        if file.size < upload.size_bytes:
            return upload
        running = self._uploads.hashes.take(upload.upload_id)
        finish = partial(self._uploads.finish, upload, file, running, by.actor)
        try:
            return await to_thread.run_sync(finish, limiter=self._finishing)
        except (Corrupt, Unavailable) as error:
            log.warning(
                "upload_unfinished", upload=upload.upload_id, code=error.code, error=error.message
            )
            self._uploads.hashes.keep(upload.upload_id, running, file)
            await run_in_threadpool(self._uploads.mark_complete, upload)
            return upload

    async def _forget(self, upload: Upload, file: UploadFile, by: KeyHolder) -> None:
        end = partial(self._uploads.end, upload, file, by.actor, UploadState.ENDED)
        await run_in_threadpool(end)


def _not_over(upload: Upload) -> Upload:
    """The upload, where it goes on or has become a track."""
    if upload.state not in (UploadState.RECEIVING, UploadState.FINISHED):
        why = f"{upload.state}, {upload.error_message}" if upload.error_message else upload.state
        raise _over(upload.upload_id, why)
    return upload


def _over(upload_id: str, why: str) -> BadInput:
    return BadInput("upload_over", f"upload {upload_id}: found it {why}, expected one that goes on")
