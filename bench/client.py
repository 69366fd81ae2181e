"""One listener's requests: each is judged and written down, and made again until it is right."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError
from yarl import URL

from bench.catalogue import Piece
from bench.tally import RIGHT, WRONG_BYTES, Asked
from bench.venue import Venue

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 1.0


class GaveUp(Exception):
    """A listener's patience has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request; of media also its address and the SHA-256 that the answer must have."""

    method: str
    url: URL
    headers: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    digest: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """`status` is an exception's name where none came; `cached` is X-Cache."""

    status: str
    cached: str
    body: bytes = b""


class Client:
    """Knows for how many seconds it has waited for what."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._waited: dict[Asked, float] = dict.fromkeys(Asked, 0.0)

    async def press_play(self, piece: Piece) -> Mapping[str, Any]:
        """The answer of `POST /v1/tracks/{id}/play`."""
        body = await self._insist(
            Question(
                method="POST",
                url=URL(f"{self._venue.edge_url}/v1/tracks/{piece.track_id}/play"),
                headers={"authorization": f"Bearer {self._venue.api_key}"},
            )
        )
        grant: Mapping[str, Any] = json.loads(body)
        return grant

    def at_the_edge(self, base_url: str) -> str:
        """A grant's base URL at our edge, whatever host it names."""
        return self._venue.edge_url + urlsplit(base_url).path

    async def fetch(self, piece: Piece, base_url: str, name: str) -> bytes:
        """The bytes of one address of a piece."""
        return await self._insist(
            Question(
                method="GET",
                url=URL(base_url + name, encoded=True),
                address=f"{piece.asset_id}/{name}",
                digest=piece.digests[name],
            )
        )

    def most_awaited(self) -> Asked:
        """What it has waited for the longest since `forget_waiting`."""
        return max(self._waited, key=self._waited.__getitem__)

    def forget_waiting(self) -> None:
        self._waited = dict.fromkeys(Asked, 0.0)

    async def _insist(self, question: Question) -> bytes:
        """The right answer, asked for until it comes; raises GaveUp."""
        began, pause_s = time.perf_counter(), _FIRST_PAUSE_S
        awaited = self._kind(question)
        while (body := await self._ask(question)) is None:
            if time.perf_counter() - began + pause_s > self._venue.habits.patience_s:
                self._venue.ledger.now.given_up[awaited] += 1
                raise GaveUp(question.url.path)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        self._waited[awaited] += time.perf_counter() - began
        return body

    def _kind(self, question: Question) -> Asked:
        if not question.address:
            return Asked.PLAY
        return Asked.KNOWN if question.address in self._venue.known else Asked.NEW

    async def _ask(self, question: Question) -> bytes | None:
        """Ask once, and write down how that went; the body where it is right."""
        asked, began = self._kind(question), time.perf_counter()
        answer = await self._request(question)
        took_s = time.perf_counter() - began
        outcome, tally = _judge(answer, question), self._venue.ledger.now
        tally.answered(asked, outcome, took_s)
        if question.address and answer.cached:
            tally.media_answered(question.address, outcome, answer.cached, len(answer.body))
        if outcome != RIGHT:
            return None
        if question.address:
            self._venue.known.add(question.address)
        return answer.body

    async def _request(self, question: Question) -> _Answer:
        cached = ""
        try:
            async with self._venue.http.request(
                question.method, question.url, headers=question.headers
            ) as answer:
                cached = answer.headers.get("x-cache", "no X-Cache")
                body = await answer.read()
                return _Answer(status=str(answer.status), cached=cached, body=body)
        except (ClientError, TimeoutError) as error:
            return _Answer(status=type(error).__name__, cached=cached)


def _judge(answer: _Answer, question: Question) -> str:
    if answer.status != "200":
        return answer.status
    if question.digest and sha256(answer.body).digest() != question.digest:
        return WRONG_BYTES
    return RIGHT
