"""`legato`: one program, a command a task. Each command's imports wait until it is called."""

from typing import Annotated

import typer

from legato import __version__
from legato.cli.commands import delivery, keys, masters, reviews, running, tenants, webhooks

app = typer.Typer(
    help="The audio path of a music streaming service.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for commands in (masters, running, delivery, keys, tenants, webhooks, reviews):
    app.add_typer(commands.app)


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
