"""Request bodies straight from the socket: read into buffers that are used again and again.

The usual way copies each byte four times before it is anybody's; this one does not, so that
an upload costs little more than reading, hashing and writing it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from legato.origin.api.tus.body import BATCH_BYTES, LINGER_S, Batch

# One that fills, and those in work: what bounds the memory of one body.
_BUFFERS: Final = 4


class StraightBody(asyncio.BufferedProtocol):
    """The rest of one body, as a Body; for that time it is the connection's protocol.

    `over` is called when the last byte has come; the transport is then paused.
    """

    def __init__(
        self, before: asyncio.Protocol, transport: asyncio.Transport, over: Callable[[], None]
    ) -> None:
        self._before = before
        self._transport = transport
        self._over = over
        self._left = 0
        self._cut = False
        self._ready: deque[Batch] = deque()
        self._free: list[bytearray] = []
        self._made = 0
        self._buffer: bytearray | None = None
        self._filled = 0
        self._something = asyncio.Event()
        self._batch = asyncio.Event()

    def start(self, begin: bytes, left: int) -> None:
        """Take the connection over from its protocol; `begin` has come already, so much has not."""
        self._ready.append(Batch(memoryview(begin)))
        self._left = left
        self._transport.set_protocol(self)
        self._fill_another()

    @property
    def whole(self) -> bool:
        return self._left == 0

    async def next(self) -> Batch | None:
        if not self._ready and not self._filled and not self._ended:
            self._something.clear()
            await self._something.wait()
        if not self._ready and not self._ended:
            self._batch.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_S):
                    await self._batch.wait()
        if not self._ready:
            self._hand_on()
        return self._ready.popleft() if self._ready else None

    def rest(self) -> list[Batch]:
        self._hand_on()
        rest = list(self._ready)
        self._ready.clear()
        return rest

    def get_buffer(self, sizehint: int) -> memoryview:
        del sizehint
        assert self._buffer is not None  # noqa: S101 - the transport is paused while there is none
        return memoryview(self._buffer)[self._filled : self._filled + self._left]

    def buffer_updated(self, nbytes: int) -> None:
        self._filled += nbytes
        self._left -= nbytes
        if self._left == 0 or self._filled == BATCH_BYTES:
            self._hand_on()
        self._something.set()
        if self._left == 0:
            self._transport.pause_reading()
            self._transport.set_protocol(self._before)
            self._over()

    def eof_received(self) -> bool | None:
        return self._before.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cut = True
        self._something.set()
        self._batch.set()
        self._before.connection_lost(exc)

    def pause_writing(self) -> None:
        self._before.pause_writing()

    def resume_writing(self) -> None:
        self._before.resume_writing()

    @property
    def _ended(self) -> bool:
        return self._cut or self._left == 0

    def _hand_on(self) -> None:
        """What the buffer holds is a batch; another buffer is filled next."""
        if self._buffer is None or not self._filled:
            return
        batch = memoryview(self._buffer)[: self._filled]
        self._ready.append(Batch(batch, partial(self._done, self._buffer)))
        self._buffer, self._filled = None, 0
        self._batch.set()
        self._fill_another()

    def _done(self, buffer: bytearray) -> None:
        self._free.append(buffer)
        if self._buffer is None:
            self._fill_another()

    def _fill_another(self) -> None:
        """Read on where there is a buffer, else wait for one."""
        if self._ended:
            return
        if self._free:
            self._buffer = self._free.pop()
        elif self._made < _BUFFERS:
            self._buffer = bytearray(BATCH_BYTES)
            self._made += 1
        if self._buffer is None:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()
