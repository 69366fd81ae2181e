"""From a request's body into an upload's file, hashed on the way."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from starlette.concurrency import run_in_threadpool

from legato.ingest.uploads.running_hash import RunningHash, RunningHashes
from legato.ingest.uploads.upload_file import UploadFile
from legato.origin.api.tus.checksum import Checksum
from legato.origin.api.tus.exchange import Exchange
from legato.origin.api.tus.landing import Landing, Work
from legato.origin.api.tus.writers import Writers

# Two for each of four uploads that come as fast as they can; more of them take turns.
_THREADS: Final = 8


class Receiver:
    """Receives bodies; what has arrived is safe and stays, however the request ends."""

    def __init__(self, writers: Writers, hashes: RunningHashes) -> None:
        self._writers = writers
        self._hashes = hashes
        self._executor = ThreadPoolExecutor(_THREADS, "upload")

    async def receive(
        self, exchange: Exchange, upload_id: str, file: UploadFile, left: int
    ) -> None:
        """Append a body of at most `left` bytes to a file that is held.

        Of a body with a checksum all is kept or nothing. Raises BadInput `checksum_mismatch`,
        `bad_checksum`, `too_large`, `upload_interrupted`; Unavailable where the disk fails.
        """
        checksum = Checksum.of(exchange.request.text("upload-checksum"))
        running = self._hashes.take(upload_id)
        try:
            await run_in_threadpool(running.catch_up, file)
            if checksum is None:
                works = (running.update, file.append)
                await self._land(exchange, upload_id, works, left)
            else:
                running = await self._land_checked(
                    exchange, upload_id, file, left, running, checksum
                )
        finally:
            await run_in_threadpool(file.sync)
            self._hashes.keep(upload_id, running, file)

    async def _land_checked(  # noqa: PLR0913, PLR0917 - what is landed, and by what it is judged
        self,
        exchange: Exchange,
        upload_id: str,
        file: UploadFile,
        left: int,
        running: RunningHash,
        checksum: Checksum,
    ) -> RunningHash:
        ahead, unchecked = running.copy(), await run_in_threadpool(file.beside)
        try:
            works = (ahead.update, unchecked.append, checksum.update)
            await self._land(exchange, upload_id, works, left)
            if exchange.body is None or not exchange.body.whole:
                return running
            checksum.check()
            await run_in_threadpool(file.append_all_of, unchecked)
            return ahead
        finally:
            await run_in_threadpool(unchecked.drop)

    async def _land(
        self, exchange: Exchange, upload_id: str, works: Sequence[Work], left: int
    ) -> None:
        landing = Landing(self._executor, works, left)
        try:
            async with self._writers.receiving(upload_id) as receiving:
                body = await exchange.open_body()
                await landing.room()
                while (batch := await body.next()) is not None:
                    receiving.go_on()
                    landing.put(batch)
                    await landing.room()
        finally:
            try:
                for batch in exchange.body.rest() if exchange.body is not None else ():
                    landing.put(batch)
            finally:
                await landing.settle()
