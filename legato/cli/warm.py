"""`legato warm`: a release through every edge before its hour, with a bar or in JSON."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from legato.catalog import tracks
from legato.cli.url import DEFAULT_PUBLIC_URL
from legato.deployment import Deployment
from legato.errors import BadInput, LegatoError
from legato.manifests.manifest import MANIFEST_FILE, asset_key, read_manifest
from legato.origin.dialects.dialect import Dialect
from legato.origin.dialects.named import PATH, open_dialect
from legato.origin.edges.warm import EdgeReport, Fetch, addresses_to_warm, warm
from legato.origin.grants.grant import Grant, new_grant
from legato.origin.grants.signing_keys import load_signing_keys
from legato.origin.playback.public_urls import PublicUrl, parse_public_urls
from legato.origin.playback.tiers import HIGHEST_BPS, parse_tiers

FIRST_CHUNKS: Final = 3
_GRANT_TTL_S: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """One way in which listeners reach an edge: their dialect, and the bitrate they stop at."""

    url: PublicUrl
    dialect: Dialect
    highest_bps: int


def warm_tracks(
    names: Sequence[str], *, edges: Sequence[str], first_chunks: int | None, jobs: int,
    as_json: bool,
) -> int:  # fmt: skip
    """Fetch tracks, or those of releases, through edges; answers 1 if anything failed.

    A track that cannot be played is told, and keeps no other from being warmed.
    """
    deployment = Deployment()
    routes = [route for url in _urls(deployment, edges) for route in _routes(deployment, url)]
    wanted, left_out = _assets(deployment, names)
    for error in left_out:
        sys.stderr.write(f"legato: {error.message} [{error.code}]\n")
    with _bar(as_json=as_json) as progress:
        bar = progress.add_task("warming", total=len(wanted) * len(routes))
        share: dict[str, float] = {}

        def fetched(fetch: Fetch) -> None:
            progress.advance(bar, share[fetch.track_id])

        fetches = _fetches(deployment, wanted, routes, first_chunks, share)
        reports = asyncio.run(warm(fetches, jobs=jobs, on_fetched=fetched))
    for report in reports:
        _tell(report, as_json=as_json)
    return 1 if left_out or any(report.failed for report in reports) else 0


def _urls(deployment: Deployment, edges: Sequence[str]) -> list[PublicUrl]:
    """Those that were named, else those that are set."""
    if not edges:
        return list(parse_public_urls(deployment.settings.public_url or DEFAULT_PUBLIC_URL))
    try:
        return [url for edge in edges for url in parse_public_urls(edge)]
    except BadInput as error:
        raise BadInput(
            "bad_edge", "--edge: expected a URL without password or query, and maybe its dialect"
        ) from error


def _routes(deployment: Deployment, url: PublicUrl) -> Iterator[_Route]:
    """A path token leaves no trace in a cache; CDNs' own dialects have a path for each tier."""
    settings = deployment.settings
    keys = load_signing_keys(settings.signing_keys, settings.keys)
    dialect = open_dialect(url.dialect, settings, keys)
    tiers = parse_tiers(settings.tiers).by_name.values()
    rates = {HIGHEST_BPS} if url.dialect == PATH else {tier.granted_bps for tier in tiers}
    for highest_bps in sorted(rates):
        yield _Route(url=url, dialect=dialect, highest_bps=highest_bps)


def _assets(
    deployment: Deployment, names: Sequence[str]
) -> tuple[dict[str, str], list[LegatoError]]:
    """The asset of each track that is meant, and why others have none; raises NotFound."""
    with deployment.database.read() as session:
        wanted = [
            tracks.find_track(session, track_id)
            for name in names
            for track_id in tracks.tracks_of_release(session, name) or [name]
        ]
    assets: dict[str, str] = {}
    left_out: list[LegatoError] = []
    for track in wanted:
        try:
            assets[track.track_id] = tracks.playable_asset(track)
        except LegatoError as error:
            left_out.append(error)
    return assets, left_out


def _fetches(
    deployment: Deployment,
    wanted: Mapping[str, str],
    routes: Sequence[_Route],
    first_chunks: int | None,
    share: dict[str, float],
) -> Iterator[Fetch]:
    """Every fetch, one track after the other; `share` is told how much of its track one is."""
    for track_id, asset_id in wanted.items():
        key = asset_key(asset_id, MANIFEST_FILE)
        manifest = read_manifest(deployment.store.read(key))
        planned: list[Fetch] = []
        for route in routes:
            grant = _grant(track_id, asset_id, route.highest_bps)
            base = route.dialect.sign(grant, route.url.url)
            planned += [
                Fetch(
                    edge=route.url.url, track_id=track_id, base=base,
                    address=address, size_bytes=size_bytes,
                )
                for address, size_bytes in addresses_to_warm(
                    manifest, highest_bps=route.highest_bps, first_chunks=first_chunks
                )
            ]  # fmt: skip
        share[track_id] = len(routes) / len(planned)
        yield from planned


def _grant(track_id: str, asset_id: str, highest_bps: int) -> Grant:
    """A grant of our own: it asks for no rights, as the hour of release has not come."""
    return new_grant(
        track_id=track_id,
        asset_id=asset_id,
        expires_at_s=int(time.time()) + _GRANT_TTL_S,
        highest_bps=highest_bps,
    )


def _bar(*, as_json: bool) -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    quiet = as_json or not console.is_terminal
    return Progress(*columns, console=console, transient=True, disable=quiet)


def _tell(report: EdgeReport, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(asdict(report)) + "\n")
        return
    console = Console()
    mark = "[red]✗[/red]" if report.failed else "[green]✓[/green]"
    console.print(
        f"{mark} {escape(report.edge)}: {report.requests} requests, {report.size_bytes} bytes, "
        f"{report.hits} hits, {report.misses} misses, {report.failed} failed",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    for failure in report.failures:
        console.print(f"    [red]{escape(failure)}[/red]", highlight=False, soft_wrap=True)
