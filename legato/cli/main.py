"""`legato`: one program, a command a task. Each command's imports wait until it is called."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from legato import __version__
from legato.errors import LegatoError
from legato.manifests.hls import Layout
from legato.settings import MAX_GRANT_TTL_S

app = typer.Typer(
    help="The audio path of a music streaming service.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
key_app = typer.Typer(help="API keys.", no_args_is_help=True)
app.add_typer(key_app, name="key")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def legato(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """The audio path of a music streaming service."""
    del version


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

    with _errors():
        sys.exit(ingest_paths(paths, artist=artist, skip_known=skip_known, as_json=json))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
) -> None:
    """Serve the API, the origin and the page, with one worker process."""
    from legato.cli.serve import serve_until_stopped  # noqa: PLC0415

    with _errors():
        serve_until_stopped(host, port)


@app.command()
def worker() -> None:
    """Do the work that waits in the catalogue, until stopped."""
    from legato.cli.worker import work_until_stopped  # noqa: PLC0415

    with _errors():
        work_until_stopped()


@app.command()
def url(
    track_id: str,
    ttl: Annotated[
        int | None,
        typer.Option(min=1, max=MAX_GRANT_TTL_S, help="Seconds; default LEGATO_GRANT_TTL_S."),
    ] = None,
    dialect: Annotated[str, typer.Option(help="How the grant is written: path.")] = "path",
) -> None:
    """Print a signed base URL of a track; all addresses of its asset stand below it."""
    from legato.cli.url import signed_url  # noqa: PLC0415

    with _errors():
        typer.echo(signed_url(track_id, ttl_s=ttl, dialect=dialect))


@app.command()
def export(
    track_id: str,
    folder: Annotated[Path, typer.Argument(help="An empty folder, or one to be made.")],
    layout: Annotated[
        Layout, typer.Option(help="A file a chunk, or byte ranges of a file a rendition.")
    ] = Layout.SEGMENTED,
) -> None:
    """Write a track as files that any static web server, or a bare bucket, delivers."""
    from legato.cli.export import export_track  # noqa: PLC0415

    with _errors():
        typer.echo(export_track(track_id, folder, layout))


@app.command()
def verify(
    track_ids: Annotated[list[str] | None, typer.Argument(help="Tracks; none: all.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Read what is stored as a stranger would; exit 1 on anything that is not as it must be."""
    from legato.cli.verify import verify_tracks  # noqa: PLC0415

    with _errors():
        sys.exit(verify_tracks(track_ids or [], as_json=json))


@app.command()
def doctor(
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say what was found, what is missing, and the words that mend it."""
    from legato.cli.doctor import examine  # noqa: PLC0415

    with _errors():
        sys.exit(examine(as_json=json))


@key_app.command("create")
def key_create(
    tenant: Annotated[str, typer.Option(help="Whose key; made where there is none.")] = "local",
    label: Annotated[str, typer.Option(help="What it is for.")] = "made by legato key create",
) -> None:
    """Make an API key and print it: it is shown this once."""
    from legato.cli.key import create_key  # noqa: PLC0415

    with _errors():
        typer.echo(create_key(tenant, label))


@contextmanager
def _errors() -> Iterator[None]:
    """Our own errors are told in a line, without a traceback."""
    try:
        yield
    except LegatoError as error:
        typer.echo(f"legato: {error.message} [{error.code}]", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("legato: stopped; what was taken in goes on with the next run", err=True)
        sys.exit(130)
