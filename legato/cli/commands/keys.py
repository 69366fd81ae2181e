"""`legato key`: API keys, and the keys that grants are signed with."""

from typing import Annotated

import typer

from legato.cli.arguments import Json
from legato.cli.told import errors_told
from legato.errors import BadInput

app = typer.Typer()
key_app = typer.Typer(
    help="API keys, and the keys that grants are signed with.", no_args_is_help=True
)
app.add_typer(key_app, name="key")


@key_app.command("create")
def key_create(
    tenant: Annotated[str, typer.Option(help="Whose key.")] = "local",
    label: Annotated[str, typer.Option(help="What it is for.")] = "made by legato key create",
    scope: Annotated[
        list[str] | None, typer.Option(help="read, upload or admin; none: all of them.")
    ] = None,
) -> None:
    """Make an API key and print it: it is shown this once."""
    from legato.cli.key import create_key  # noqa: PLC0415

    with errors_told():
        typer.echo(create_key(tenant, label, scope or []))


@key_app.command("list")
def key_list(
    api: Annotated[
        bool, typer.Option("--api", help="The API keys; either option below implies it.")
    ] = False,
    tenant: Annotated[str | None, typer.Option(help="Of the API keys: whose; none: all.")] = None,
    json: Json = False,
) -> None:
    """Show the signing keys: which signs, which verify, which is staged; never a secret."""
    from legato.cli.key import list_api_keys  # noqa: PLC0415
    from legato.cli.signing_key import list_signing_keys  # noqa: PLC0415

    of_api = api or json or tenant is not None
    with errors_told():
        for line in list_api_keys(tenant, as_json=json) if of_api else list_signing_keys():
            typer.echo(line)


@key_app.command("revoke")
def key_revoke(
    key_id: Annotated[str, typer.Argument(help="As `legato key list --api` shows it.")],
) -> None:
    """Let an API key be good no more, from the next request on."""
    from legato.cli.key import revoke_key  # noqa: PLC0415

    with errors_told():
        typer.echo(f"key {revoke_key(key_id)} is revoked")


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

    with errors_told():
        typer.echo(rotate_signing_keys(stage=stage, now=now))


@key_app.command("drop")
def key_drop(
    key_id: Annotated[str, typer.Argument(metavar="KID", help="As `legato key list` shows it.")],
) -> None:
    """Forget a signing key: what it signed is good no more."""
    from legato.cli.signing_key import drop_signing_key  # noqa: PLC0415

    with errors_told():
        typer.echo(drop_signing_key(key_id, lambda said: typer.echo(f"legato: {said}", err=True)))


@key_app.command("export")
def key_export(
    form: Annotated[
        str, typer.Option("--format", help="nginx, cloudfront or env: who is to read them.")
    ] = "nginx",
) -> None:
    """Print the signing keys with their secrets, for an edge."""
    from legato.cli.signing_key import KeyFormat, export_signing_keys  # noqa: PLC0415

    with errors_told():
        if form not in list(KeyFormat):
            raise BadInput("no_format", f"--format {form!r}: expected {', '.join(KeyFormat)}")
        typer.echo(export_signing_keys(KeyFormat(form)))
