"""A server that the table is held against."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.http.judge import differences
from tests.http.row import CHUNK, EDGE, Row, Under
from tests.http.stands import Stands, cut
from tests.http.wire import Answer, Kept, Request, ask_to_the_end

_STRONG_TAG: Final = re.compile(r'"[!#-~]+"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One server. `brings` goes with every request; `forget` empties its cache of the asset."""

    name: str
    port: int
    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]
    bases: Mapping[Under, str]
    brings: Mapping[str, str] = field(default_factory=dict)
    forget: Callable[[], object] = lambda: None
    _known: dict[str, Stands] = field(default_factory=dict)

    @property
    def asset_id(self) -> str:
        return str(self.manifest["asset_id"])

    def stands(self, address: str) -> Stands:
        """What is there, and the tags that the server gives it; a playlist is as it came first."""
        if address not in self._known:
            self._known[address] = self._learn(address)
        return self._known[address]

    def _learn(self, address: str) -> Stands:
        stored = cut(self.manifest, self.files, address)
        with Kept(self.port) as connection:
            plain = connection.ask(self.request(address))
            packed = connection.ask(self.request(address, {"Accept-Encoding": "gzip"}))
        there = plain.status == 200
        found = Stands(
            asset=self.asset_id,
            address=address,
            body=plain.body if there and stored is None else stored or b"",
            etag=plain.fields["etag"] if there else "",
        )
        assert not there or _STRONG_TAG.fullmatch(found.etag), found.etag
        if "content-encoding" not in packed.fields:
            return found
        return replace(found, gzip_etag=packed.fields["etag"], gzip_size=len(packed.body))

    def request(
        self, address: str, fields: Mapping[str, str] | None = None, under: Under = Under.FULL
    ) -> Request:
        """A GET, with a good grant unless another is named."""
        return Request(path=self.bases[under] + address, fields={**self.brings, **(fields or {})})

    def ask(self, row: Row, *, cached: bool) -> list[str]:
        """Ask what the row asks: whatever is wrong with the answer, or with the next one."""
        request, stands = self._request_of(row), self.stands(row.address)
        seen = row.as_seen(self.name, cached=cached)
        cache = ("HIT" if cached else "MISS") if self.name == EDGE else None
        if seen.closes:
            return differences(ask_to_the_end(self.port, request), seen, stands, cache)
        with Kept(self.port) as connection:
            answer = connection.ask(request)
            found = differences(answer, seen, stands, cache)
            # Who answers before the content has come may end the connection, and says so.
            if not (seen.may_close or (row.content and answer.ends_connection)):
                found += self._after(connection)
        return found

    def _after(self, connection: Kept) -> list[str]:
        """Whatever is wrong with the next answer on the same connection."""
        answer = connection.ask(self.request(CHUNK, {"Connection": "keep-alive"}))
        right = (answer.status, answer.body) == (200, self.stands(CHUNK).body)
        return [] if right else [f"the next answer on the connection: {answer.status}"]

    def _request_of(self, row: Row) -> Request:
        stands = self.stands(row.address)
        sent = {name: stands.fill(value, row) for name, value in row.sent.items()}
        brings = {} if row.under is Under.NOT_THE_EDGE else self.brings
        return Request(
            path=self.bases[row.under] + row.address, method=row.method, version=row.version,
            fields={**brings, **sent}, content=row.content,
        )  # fmt: skip

    def answer(self, address: str, under: Under, method: str = "GET") -> Answer:
        """What is answered to somebody with a grant of this kind."""
        with Kept(self.port) as connection:
            return connection.ask(replace(self.request(address, under=under), method=method))
