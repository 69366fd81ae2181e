"""Alembic's entry point: it runs on the connection that `Database.migrate` hands it."""

from alembic import context

from legato.catalog.schema import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
