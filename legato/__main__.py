"""`python -m legato` is `legato`."""

from legato.cli.main import app

app()
