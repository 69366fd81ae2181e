"""`legato export`: an asset as files that any static web server delivers."""

from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from legato.catalog import tracks
from legato.deployment import Deployment
from legato.manifests.hls import Layout
from legato.manifests.manifest import MANIFEST_FILE, asset_key, read_manifest
from legato.origin.export import export_asset


def export_track(track_id: str, folder: Path, layout: Layout) -> str:
    """Write a ready track's asset into a folder; answers what was written."""
    deployment = Deployment()
    with deployment.database.read() as session:
        asset_id = tracks.asset_of_track(session, track_id)
    manifest = read_manifest(deployment.store.read(asset_key(asset_id, MANIFEST_FILE)))
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("writing files")
        files = export_asset(
            deployment.store, manifest, folder, layout,
            lambda done, every: progress.update(bar, completed=done, total=every),
        )  # fmt: skip
    return f"{files} files in {folder}; players start at {folder / 'index.m3u8'}"
