"""Errors of a command, as people are told of them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from legato.errors import LegatoError


@contextmanager
def errors_told(stopped: str = "stopped") -> Iterator[None]:
    """Our own errors are told in a line, without a traceback, and so is a stop by Ctrl-C."""
    try:
        yield
    except LegatoError as error:
        typer.echo(f"legato: {error.message} [{error.code}]", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo(f"legato: {stopped}", err=True)
        sys.exit(130)
