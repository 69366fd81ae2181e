"""Arguments that several commands have."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
TrackId = Annotated[str, typer.Argument(help="A track's id, as `legato ingest` told it.")]
