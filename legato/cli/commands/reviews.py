"""`legato review`: recordings that may be one performance."""

from typing import Annotated

import typer

from legato.cli.arguments import Json
from legato.cli.told import errors_told

app = typer.Typer()
review_app = typer.Typer(help="Recordings that may be one performance.", no_args_is_help=True)
app.add_typer(review_app, name="review")
ReviewId = Annotated[str, typer.Argument(help="As `legato review list` shows it.")]


@review_app.command("list")
def review_list(
    every: Annotated[bool, typer.Option("--all", help="Those that are decided, too.")] = False,
    json: Json = False,
) -> None:
    """Show the reviews that are open, the oldest first."""
    from legato.cli.review import list_reviews  # noqa: PLC0415

    with errors_told():
        for line in list_reviews(every=every, as_json=json):
            typer.echo(line)


@review_app.command("show")
def review_show(review_id: ReviewId) -> None:
    """Show two recordings, and every track that is one of them."""
    from legato.cli.review import show_review  # noqa: PLC0415

    with errors_told():
        for line in show_review(review_id):
            typer.echo(line)


@review_app.command("decide")
def review_decide(
    review_id: ReviewId,
    decision: Annotated[str, typer.Argument(metavar="same|different")],
    note: Annotated[str | None, typer.Option(help="Why; kept with the review.")] = None,
) -> None:
    """Write down what was found; nothing is merged."""
    from legato.cli.review import decide_review  # noqa: PLC0415

    with errors_told():
        typer.echo(decide_review(review_id, decision, note))
