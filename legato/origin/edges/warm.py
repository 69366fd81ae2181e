"""Warming edges: fetching through them what listeners will ask for first, before they do."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import httpx

from legato.errors import NotFound
from legato.manifests.hls import variants
from legato.manifests.manifest import (
    CHUNK_EXTENSIONS,
    FILE_EXTENSIONS,
    MANIFEST_FILE,
    PEAKS_FILE,
    Manifest,
)
from legato.origin.dialects.dialect import SignedBase
from legato.origin.media.addresses import Text, resolve

_TIMEOUT_S: Final = 30.0
# What browsers' players ask for too: a playlist is kept once a coding.
_HEADERS: Final = {"accept-encoding": "gzip"}
_FAILURES_KEPT: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One address at one edge, and how long its body must be, in bytes without any coding."""

    edge: str
    track_id: str
    base: SignedBase
    address: str
    size_bytes: int


@dataclass(slots=True, kw_only=True)
class EdgeReport:
    """What one edge answered. A hit is an `X-Cache` that says so; one without it is neither."""

    edge: str
    requests: int = 0
    size_bytes: int = 0
    hits: int = 0
    misses: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)

    def fail(self, failure: str) -> None:
        """Count a failure; the first few are kept in words, without tokens."""
        self.failed += 1
        if len(self.failures) < _FAILURES_KEPT:
            self.failures.append(failure)


def addresses_to_warm(
    manifest: Manifest, *, highest_bps: int, first_chunks: int | None
) -> Iterator[tuple[str, int]]:
    """Addresses and their bodies' lengths, in the order in which players come to them.

    Manifest and playlists, then the init segments, then every rendition's first chunk, its
    second …: `first_chunks` of each, or all with None, and then the peaks too. Nothing above
    `highest_bps`, and no whole file.
    """
    for address in _addresses(manifest, highest_bps, first_chunks):
        try:
            found = resolve(manifest, address)
        except NotFound:  # a playlist that would name no variant
            continue
        if found.needs_bps <= highest_bps:
            size_bytes = len(found.body) if isinstance(found, Text) else found.span.size
            yield address, size_bytes


def _addresses(manifest: Manifest, highest_bps: int, first_chunks: int | None) -> Iterator[str]:
    entries = [entry for entry in manifest.renditions if entry.nominal_bps <= highest_bps]
    playable = [entry for entry in variants(manifest) if entry.nominal_bps <= highest_bps]
    yield MANIFEST_FILE
    yield "index.m3u8"
    yield from (f"index-{entry.nominal_bps // 1000}.m3u8" for entry in playable)
    yield from (f"{entry.name}/index.m3u8" for entry in playable)
    yield from (f"{entry.name}/init{FILE_EXTENSIONS[entry.codec]}" for entry in entries)
    longest = max((len(entry.chunks) for entry in entries), default=0)
    for index in range(longest if first_chunks is None else min(first_chunks, longest)):
        yield from (
            f"{entry.name}/{index}{CHUNK_EXTENSIONS[entry.codec]}"
            for entry in entries
            if index < len(entry.chunks)
        )
    if first_chunks is None:
        yield PEAKS_FILE


async def warm(
    fetches: Iterable[Fetch], *, jobs: int, on_fetched: Callable[[Fetch], None]
) -> list[EdgeReport]:
    """Fetch everything, `jobs` at a time, keeping no body; answers a report an edge."""
    reports: dict[str, EdgeReport] = {}
    waiting = iter(fetches)
    limits = httpx.Limits(max_connections=jobs, max_keepalive_connections=jobs)
    async with httpx.AsyncClient(limits=limits, timeout=_TIMEOUT_S, headers=_HEADERS) as client:

        async def work() -> None:
            for fetch in waiting:  # all workers draw from the one iterator
                report = reports.setdefault(fetch.edge, EdgeReport(edge=fetch.edge))
                await _fetch(client, fetch, report)
                on_fetched(fetch)

        await asyncio.gather(*(work() for _ in range(jobs)))
    return list(reports.values())


async def _fetch(client: httpx.AsyncClient, fetch: Fetch, report: EdgeReport) -> None:
    query = f"?{fetch.base.query}" if fetch.base.query else ""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in fetch.base.cookies)
    url, what = f"{fetch.base.base_url}{fetch.address}{query}", f"{fetch.track_id} {fetch.address}"
    report.requests += 1
    size_bytes = 0
    try:
        async with client.stream(
            "GET", url, headers={"cookie": cookies} if cookies else {}
        ) as answer:
            async for block in answer.aiter_bytes():
                size_bytes += len(block)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        report.fail(f"{what}: {type(error).__name__} after {size_bytes} bytes")
        return
    report.size_bytes += size_bytes
    if answer.status_code != httpx.codes.OK:
        report.fail(f"{what}: status {answer.status_code}, expected 200")
    elif size_bytes != fetch.size_bytes:
        report.fail(f"{what}: {size_bytes} bytes, expected {fetch.size_bytes}")
    else:
        cached = answer.headers.get("x-cache", "").lower()
        report.hits += "hit" in cached
        report.misses += "hit" not in cached and "miss" in cached
