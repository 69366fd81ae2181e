"""One writer an upload: the newest request for it, since a client has but one line to us."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.concurrency import run_in_threadpool

from legato.errors import BadInput
from legato.ingest.uploads.upload_file import UploadFile
from legato.ingest.uploads.upload_folder import UploadFolder

# A line on which nothing comes for so long is dead.
STALL_S: Final = 60.0
# Whoever is asked to let go has so long to do it.
PATIENCE_S: Final = 3.0
_LOOK_EVERY_S: Final = 0.02


class Receiving:
    """Somebody who receives, for as long as something comes and nobody newer asks."""

    def __init__(self, limit: asyncio.Timeout) -> None:
        self._limit = limit
        self._stopped = False

    def go_on(self) -> None:
        """Something has come."""
        if not self._stopped:
            self._limit.reschedule(asyncio.get_running_loop().time() + STALL_S)

    def stop(self) -> None:
        """Somebody newer asks."""
        if not self._stopped and not self._limit.expired():
            self._stopped = True
            self._limit.reschedule(asyncio.get_running_loop().time())


class Writers:
    """Who receives which upload in this process; for the thread of the event loop.

    The file's lock says it for all processes; only one's own can be asked to stop.
    """

    def __init__(self, folder: UploadFolder) -> None:
        self._folder = folder
        self._receiving: dict[str, Receiving] = {}

    @asynccontextmanager
    async def hold(self, upload_id: str) -> AsyncIterator[UploadFile]:
        """An upload's file, from whoever has it; raises BadInput `upload_locked`."""
        file = await self._take_over(upload_id)
        try:
            yield file
        finally:
            await run_in_threadpool(file.let_go)

    @asynccontextmanager
    async def receiving(self, upload_id: str) -> AsyncIterator[Receiving]:
        """Raises BadInput `upload_interrupted` where it has to end."""
        try:
            async with asyncio.timeout(STALL_S) as limit:
                self._receiving[upload_id] = Receiving(limit)
                try:
                    yield self._receiving[upload_id]
                finally:
                    del self._receiving[upload_id]
        except TimeoutError as error:
            raise BadInput(
                "upload_interrupted",
                f"upload {upload_id}: found a newer request for it, or nothing in {STALL_S:.0f} s, "
                "expected the rest of the body",
            ) from error

    def interrupt(self) -> None:
        """Stop everybody; what has arrived stays."""
        for one in self._receiving.values():
            one.stop()

    async def _take_over(self, upload_id: str) -> UploadFile:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_S
        while loop.time() < deadline:
            if upload_id in self._receiving:
                self._receiving[upload_id].stop()
            file = await run_in_threadpool(self._folder.hold, upload_id)
            if file is not None:
                return file
            await asyncio.sleep(_LOOK_EVERY_S)
        raise BadInput(
            "upload_locked",
            f"upload {upload_id}: found another request at it, expected it to let go in "
            f"{PATIENCE_S:.0f} s",
        )
