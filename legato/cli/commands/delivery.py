"""To listeners and no further: addresses, caches, takedowns, denials."""

import sys
from typing import Annotated

import typer

from legato.cli.arguments import TrackId
from legato.cli.told import errors_told
from legato.errors import BadInput
from legato.settings import MAX_GRANT_TTL_S

app = typer.Typer()
deny_app = typer.Typer(help="Let what was granted be good no more.", no_args_is_help=True)
app.add_typer(deny_app, name="deny")
allow_app = typer.Typer(help="Withdraw a denial.", no_args_is_help=True)
app.add_typer(allow_app, name="allow")


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

    with errors_told():
        typer.echo("\n".join(signed_url(track_id, ttl_s=ttl, dialect=dialect)))


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

    with errors_told():
        first_chunks = None if every else FIRST_CHUNKS
        sys.exit(
            warm_tracks(names, edges=edge or [], first_chunks=first_chunks, jobs=jobs, as_json=json)
        )


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

    with errors_told(
        "stopped waiting; where the track is down, a running server goes on asking edges"
    ):
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


@deny_app.command("grant")
def deny_grant(
    grant: Annotated[str, typer.Argument(help="Its id, or an address that it signs.")],
) -> None:
    """Deny one grant: at the origin and at our own edges within 5 seconds."""
    from legato.cli import deny  # noqa: PLC0415

    with errors_told():
        typer.echo(f"grant {deny.deny_grant(grant)} is denied")


@deny_app.command("track")
def deny_track(track_id: TrackId) -> None:
    """Deny all that was granted of a track until now; the next `play` is good."""
    from legato.cli import deny  # noqa: PLC0415

    with errors_told():
        typer.echo(f"grants of track {deny.deny_track(track_id)} until now are denied")


@allow_app.command("grant")
def allow_grant(
    grant: Annotated[str, typer.Argument(help="Its id, or an address that it signs.")],
) -> None:
    """Withdraw the denial of a grant."""
    from legato.cli import deny  # noqa: PLC0415

    with errors_told():
        typer.echo(f"grant {deny.allow_grant(grant)} is good again")


@allow_app.command("track")
def allow_track(track_id: TrackId) -> None:
    """Withdraw the denial of a track's grants."""
    from legato.cli import deny  # noqa: PLC0415

    with errors_told():
        typer.echo(f"grants of track {deny.allow_track(track_id)} are good again")
