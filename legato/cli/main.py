"""`legato`: one program, a command a task. Each command's imports wait until it is called."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from legato import __version__
from legato.errors import BadInput, LegatoError
from legato.manifests.hls import Layout
from legato.settings import MAX_GRANT_TTL_S

app = typer.Typer(
    help="The audio path of a music streaming service.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
key_app = typer.Typer(
    help="API keys, and the keys that grants are signed with.", no_args_is_help=True
)
app.add_typer(key_app, name="key")
deny_app = typer.Typer(help="Let what was granted be good no more.", no_args_is_help=True)
app.add_typer(deny_app, name="deny")
allow_app = typer.Typer(help="Withdraw a denial.", no_args_is_help=True)
app.add_typer(allow_app, name="allow")


TrackId = Annotated[str, typer.Argument(help="A track's id, as `legato ingest` told it.")]


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

    with _errors("stopped; what was taken in goes on with the next run"):
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
    track_id: TrackId,
    ttl: Annotated[
        int | None,
        typer.Option(min=1, max=MAX_GRANT_TTL_S, help="Seconds; default LEGATO_GRANT_TTL_S."),
    ] = None,
    dialect: Annotated[
        str | None,
        typer.Option(help="How the grant is written; default: as LEGATO_PUBLIC_URL has it first."),
    ] = None,
) -> None:
    """Print a signed base URL of a track; all addresses of its asset stand below it.

    A query or cookies that every request needs stand on the lines after it.
    """
    from legato.cli.url import signed_url  # noqa: PLC0415

    with _errors():
        typer.echo("\n".join(signed_url(track_id, ttl_s=ttl, dialect=dialect)))


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


@key_app.command("list")
def key_list() -> None:
    """Show the signing keys: which signs, which verify, which is staged; never a secret."""
    from legato.cli.signing_key import list_signing_keys  # noqa: PLC0415

    with _errors():
        for line in list_signing_keys():
            typer.echo(line)


@key_app.command("rotate")
def key_rotate(
    stage: Annotated[
        bool, typer.Option("--stage", help="Only make the next key, for edges to be given it.")
    ] = False,
    now: Annotated[
        bool, typer.Option("--now", help="Without a staged key make one, that no edge knows yet.")
    ] = False,
) -> None:
    """Sign with the staged key; those before it still verify."""
    from legato.cli.signing_key import rotate_signing_keys  # noqa: PLC0415

    with _errors():
        typer.echo(rotate_signing_keys(stage=stage, now=now))


@key_app.command("drop")
def key_drop(
    key_id: Annotated[str, typer.Argument(metavar="KID", help="As `legato key list` shows it.")],
) -> None:
    """Forget a signing key: what it signed is good no more."""
    from legato.cli.signing_key import drop_signing_key  # noqa: PLC0415

    with _errors():
        typer.echo(drop_signing_key(key_id, lambda said: typer.echo(f"legato: {said}", err=True)))


@key_app.command("export")
def key_export(
    form: Annotated[
        str, typer.Option("--format", help="nginx, cloudfront or env: who is to read them.")
    ] = "nginx",
) -> None:
    """Print the signing keys with their secrets, for an edge."""
    from legato.cli.signing_key import KeyFormat, export_signing_keys  # noqa: PLC0415

    with _errors():
        if form not in list(KeyFormat):
            raise BadInput("no_format", f"--format {form!r}: expected {', '.join(KeyFormat)}")
        typer.echo(export_signing_keys(KeyFormat(form)))


@deny_app.command("grant")
def deny_grant(
    grant: Annotated[str, typer.Argument(help="Its id, or an address that it signs.")],
) -> None:
    """Deny one grant: at the origin and at our own edges within 5 seconds."""
    from legato.cli import deny  # noqa: PLC0415

    with _errors():
        typer.echo(f"grant {deny.deny_grant(grant)} is denied")


@deny_app.command("track")
def deny_track(track_id: TrackId) -> None:
    """Deny all that was granted of a track until now; the next `play` is good."""
    from legato.cli import deny  # noqa: PLC0415

    with _errors():
        typer.echo(f"grants of track {deny.deny_track(track_id)} until now are denied")


@allow_app.command("grant")
def allow_grant(
    grant: Annotated[str, typer.Argument(help="Its id, or an address that it signs.")],
) -> None:
    """Withdraw the denial of a grant."""
    from legato.cli import deny  # noqa: PLC0415

    with _errors():
        typer.echo(f"grant {deny.allow_grant(grant)} is good again")


@allow_app.command("track")
def allow_track(track_id: TrackId) -> None:
    """Withdraw the denial of a track's grants."""
    from legato.cli import deny  # noqa: PLC0415

    with _errors():
        typer.echo(f"grants of track {deny.allow_track(track_id)} are good again")


@app.command()
def takedown(
    track_id: TrackId,
    reason: Annotated[str | None, typer.Option(help="Why; kept with the track.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Let it be played again.")] = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for edges.")] = 30.0,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Take a track down and wait for every edge; exit 3 while one has not confirmed."""
    from legato.cli.takedown import restore_track, take_track_down  # noqa: PLC0415

    with _errors("stopped waiting; where the track is down, a running server goes on asking edges"):
        if undo and reason:
            raise BadInput(
                "reason_for_undo", "--undo: found --reason, expected none: it is not kept"
            )
        if undo:
            typer.echo(restore_track(track_id, as_json=json))
        elif reason:
            sys.exit(take_track_down(track_id, reason=reason, wait_s=wait, as_json=json))
        else:
            raise BadInput("no_reason", "--reason: found none, expected why it is taken down")


@app.command()
def warm(
    names: Annotated[list[str], typer.Argument(metavar="TRACK…", help="Tracks or releases.")],
    edge: Annotated[
        list[str] | None, typer.Option(help="`URL [dialect]`; default LEGATO_PUBLIC_URL.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every chunk, not the first 3.")] = False,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Fetches at a time.")] = 16,
    json: Annotated[bool, typer.Option("--json", help="One JSON object an edge.")] = False,
) -> None:
    """Fetch tracks through edges before listeners do; exit 1 if anything was not as it must be."""
    from legato.cli.warm import FIRST_CHUNKS, warm_tracks  # noqa: PLC0415

    with _errors():
        first_chunks = None if every else FIRST_CHUNKS
        sys.exit(
            warm_tracks(names, edges=edge or [], first_chunks=first_chunks, jobs=jobs, as_json=json)
        )


@contextmanager
def _errors(stopped: str = "stopped") -> Iterator[None]:
    """Our own errors are told in a line, without a traceback, and so is a stop by Ctrl-C."""
    try:
        yield
    except LegatoError as error:
        typer.echo(f"legato: {error.message} [{error.code}]", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo(f"legato: {stopped}", err=True)
        sys.exit(130)
