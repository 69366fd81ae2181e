"""One transaction at a time, on what may have no row yet that could be locked."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def alone(session: Session, subject: str) -> None:
    """From here to the end of the transaction nobody else passes here with this subject.

    On SQLite, nobody else writes at all.
    """
    if session.get_bind().dialect.name == "postgresql":
        name = func.hashtextextended(subject, 0)
        session.execute(select(func.pg_advisory_xact_lock(name)))
