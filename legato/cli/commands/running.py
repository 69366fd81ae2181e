"""What runs for long, and what is looked after by hand."""

import sys
from typing import Annotated

import typer

from legato.cli.told import errors_told

app = typer.Typer()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
) -> None:
    """Serve the API, the origin and the page, with one worker process."""
    from legato.cli.serve import serve_until_stopped  # noqa: PLC0415

    with errors_told():
        serve_until_stopped(host, port)


@app.command()
def worker() -> None:
    """Do the work that waits in the catalogue, until stopped."""
    from legato.cli.worker import work_until_stopped  # noqa: PLC0415

    with errors_told():
        work_until_stopped()


@app.command()
def doctor(
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say what was found, what is missing, and the words that mend it."""
    from legato.cli.doctor import examine  # noqa: PLC0415

    with errors_told():
        sys.exit(examine(as_json=json))


@app.command()
def gc(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would go, and change nothing.")
    ] = False,
    grace: Annotated[
        float | None,
        typer.Option(min=0, help="Seconds; default LEGATO_GC_GRACE_S."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Remove what nothing has needed for the grace period; safe beside anything that runs."""
    from legato.cli.gc import collect  # noqa: PLC0415

    with errors_told("stopped; the next run goes on"):
        typer.echo(collect(dry_run=dry_run, grace_s=grace, as_json=json))
