"""`legato tenant` and `legato audit`: who sends masters, and what they did."""

from typing import Annotated

import typer

from legato.cli.arguments import Json
from legato.cli.told import errors_told

app = typer.Typer()
tenant_app = typer.Typer(
    help="Artists and labels, and the most that each may have.", no_args_is_help=True
)
app.add_typer(tenant_app, name="tenant")
TenantName = Annotated[
    str, typer.Argument(metavar="NAME", help="As `legato tenant list` shows it.")
]
MaxBytes = Annotated[str | None, typer.Option(help="The most bytes of masters, or none.")]
MaxTracks = Annotated[str | None, typer.Option(help="The most tracks, or none.")]
MaxUploads = Annotated[str | None, typer.Option(help="The most uploads at a time, or none.")]


@tenant_app.command("create")
def tenant_create(
    name: Annotated[str, typer.Argument(help="What it is called, here alone.")],
    kind: Annotated[str, typer.Option(help="artist, label or operator.")] = "artist",
    max_bytes: MaxBytes = None,
    max_tracks: MaxTracks = None,
    max_uploads: MaxUploads = None,
) -> None:
    """Enter an artist or a label; prints its id."""
    from legato.cli import tenant  # noqa: PLC0415

    most = {"max_bytes": max_bytes, "max_tracks": max_tracks, "max_uploads": max_uploads}
    with errors_told():
        typer.echo(tenant.create_tenant(name, kind, most))


@tenant_app.command("change")
def tenant_change(
    name: TenantName,
    kind: Annotated[str | None, typer.Option(help="artist, label or operator.")] = None,
    max_bytes: MaxBytes = None,
    max_tracks: MaxTracks = None,
    max_uploads: MaxUploads = None,
) -> None:
    """Change what is given; `none` lifts a quota."""
    from legato.cli import tenant  # noqa: PLC0415

    most = {"max_bytes": max_bytes, "max_tracks": max_tracks, "max_uploads": max_uploads}
    with errors_told():
        typer.echo(tenant.change_tenant(name, kind, most))


@tenant_app.command("list")
def tenant_list(json: Json = False) -> None:
    """Show every tenant, and what it uses of the most that it may have."""
    from legato.cli import tenant  # noqa: PLC0415

    with errors_told():
        for line in tenant.list_tenants(as_json=json):
            typer.echo(line)


@tenant_app.command("usage")
def tenant_usage(name: TenantName, json: Json = False) -> None:
    """Show what one tenant uses."""
    from legato.cli import tenant  # noqa: PLC0415

    with errors_told():
        typer.echo(tenant.show_usage(name, as_json=json))


@app.command()
def audit(
    tenant: Annotated[str | None, typer.Option(help="Whose; none: everybody's.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 100,
    json: Json = False,
) -> None:
    """Show who has changed what, the newest first."""
    from legato.cli.audit import list_entries  # noqa: PLC0415

    with errors_told():
        for line in list_entries(tenant, limit=limit, as_json=json):
            typer.echo(line)
