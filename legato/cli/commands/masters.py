"""Masters in, and what is made of them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from legato.cli.arguments import TrackId
from legato.cli.told import errors_told
from legato.manifests.hls import Layout

app = typer.Typer()


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files, folders and globs.")],
    artist: Annotated[str | None, typer.Option(help="Goes before what the tags say.")] = None,
    skip_known: Annotated[
        bool, typer.Option("--skip-known", help="Leave out files that are tracks already.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Take masters in, encode them, and wait until they are ready to play."""
    from legato.cli.ingest import ingest_paths  # noqa: PLC0415

    with errors_told("stopped; what was taken in goes on with the next run"):
        sys.exit(ingest_paths(paths, artist=artist, skip_known=skip_known, as_json=json))


@app.command()
def verify(
    track_ids: Annotated[list[str] | None, typer.Argument(help="Tracks; none: all.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Read what is stored as a stranger would; exit 1 on anything that is not as it must be."""
    from legato.cli.verify import verify_tracks  # noqa: PLC0415

    with errors_told():
        sys.exit(verify_tracks(track_ids or [], as_json=json))


@app.command()
def export(
    track_id: TrackId,
    folder: Annotated[Path, typer.Argument(help="An empty folder, or one to be made.")],
    layout: Annotated[
        Layout, typer.Option(help="A file a chunk, or byte ranges of a file a rendition.")
    ] = Layout.SEGMENTED,
) -> None:
    """Write a track as files that any static web server, or a bare bucket, delivers."""
    from legato.cli.export import export_track  # noqa: PLC0415

    with errors_told():
        typer.echo(export_track(track_id, folder, layout))
