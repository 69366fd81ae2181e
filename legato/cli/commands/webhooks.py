"""`legato webhook`: who is told of what happens."""

from typing import Annotated

import typer

from legato.cli.told import errors_told

app = typer.Typer()
webhook_app = typer.Typer(help="Who is told of what happens to tracks.", no_args_is_help=True)
app.add_typer(webhook_app, name="webhook")
WebhookId = Annotated[str, typer.Argument(help="As `legato webhook list` shows it.")]


@webhook_app.command("add")
def webhook_add(
    url: Annotated[str, typer.Argument(help="https, at a public address.")],
    tenant: Annotated[str, typer.Option(help="Who is told.")] = "local",
    event: Annotated[list[str] | None, typer.Option(help="Of what; none: of everything.")] = None,
) -> None:
    """Tell a tenant of what happens to its tracks; prints an id, and a secret shown this once."""
    from legato.cli.webhook import add_webhook  # noqa: PLC0415

    with errors_told():
        typer.echo("\n".join(add_webhook(url, tenant, event or [])))


@webhook_app.command("list")
def webhook_list() -> None:
    """Show every webhook; never a secret."""
    from legato.cli.webhook import list_webhooks  # noqa: PLC0415

    with errors_told():
        for line in list_webhooks():
            typer.echo(line)


@webhook_app.command("remove")
def webhook_remove(webhook_id: WebhookId) -> None:
    """Tell a webhook nothing more, of what waits neither."""
    from legato.cli.webhook import remove_webhook  # noqa: PLC0415

    with errors_told():
        remove_webhook(webhook_id)
        typer.echo(f"webhook {webhook_id} is told nothing more")


@webhook_app.command("messages")
def webhook_messages(webhook_id: WebhookId) -> None:
    """Show what a webhook was told, is to be told still, and why it has not heard."""
    from legato.cli.webhook import list_messages  # noqa: PLC0415

    with errors_told():
        for line in list_messages(webhook_id):
            typer.echo(line)
