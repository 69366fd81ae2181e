"""Entering a row that somebody else may be entering at the same moment."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from legato.catalog.schema import Table

_INSERT: Final[dict[str, Callable[..., Any]]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


def insert_if_new(session: Session, table: type[Table], **values: Any) -> None:
    """Enter a row; a no-op where one of its key is there, or of two at once for the second.

    That one waits until the first has committed, and a later statement of its sees the row.
    """
    insert = _INSERT[session.get_bind().dialect.name](table)
    session.execute(insert.values(**values).on_conflict_do_nothing())
