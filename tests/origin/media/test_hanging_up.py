"""A listener who hangs up in a long body: nothing more is read for them."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from legato.origin.dialects.path_token import PathTokenVerifier
from legato.origin.grants.denials import Denials
from legato.origin.grants.signing_keys import SigningKeys
from legato.origin.media.access import Access
from legato.origin.media.answer import Answer
from legato.origin.media.app import MediaApp
from legato.origin.media.object_reader import PIECE_BYTES
from legato.origin.media.representation import Slice, StoredPart
from tests.origin.media.counting_store import BODY, CountingStore

PIECES = len(BODY) // PIECE_BYTES + 1
ACCESS = Access(verifier=PathTokenVerifier(SigningKeys(by_id={"k1": bytes(32)})), denied=Denials())
WHOLE = StoredPart(key="audio/a/aac-320.mp4", start=0, end=len(BODY))
ANSWER = Answer(status=200, headers=[], body=(Slice(part=WHOLE, start=0, end=len(BODY)),))


def stream(store: CountingStore, *, hang_up_after: int) -> list[bytes]:
    """Send all of a long file to a listener who hangs up after so many pieces."""
    came: list[bytes] = []
    hung_up = asyncio.Event()

    async def receive() -> MutableMapping[str, Any]:
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        came.append(message.get("body", b""))
        if len([body for body in came if body]) == hang_up_after:
            hung_up.set()
            await asyncio.sleep(0)

    async def run() -> None:
        app = MediaApp(store, ACCESS, memory_bytes=0)
        await app._stream(ANSWER, receive, send)

    asyncio.run(run())
    return came


def test_who_hangs_up_is_read_nothing_more() -> None:
    store = CountingStore()

    stream(store, hang_up_after=1)

    assert len(store.reads) <= 3 < PIECES


def test_who_stays_gets_all() -> None:
    store = CountingStore()

    came = stream(store, hang_up_after=PIECES + 1)

    assert b"".join(came) == BODY
    assert len(store.reads) == PIECES
