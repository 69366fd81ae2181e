"""The catalogue's database: its engine, its transactions, its migrations."""

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from legato.errors import Unavailable

MIGRATIONS = Path(__file__).parent / "migrations"
# The newest file in migrations/versions; a test holds the two together.
REVISION = "0001"
_BUSY_TIMEOUT_MS = 30_000


class Database:
    """One catalogue. Nothing connects before the first transaction."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads. Raises Unavailable while the database is away."""
        with self._session(self._engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed where the block ends, or not at all.

        On SQLite it has the write lock from its first statement (`BEGIN IMMEDIATE`), so what
        it has read still holds when it writes.
        """
        with self._session(self._engine.execution_options(legato_write=True)) as session:
            yield session
            session.commit()

    def migrate(self) -> None:
        """Bring the tables to this version's revision; at it, this costs one query."""
        if self._current_revision() == REVISION:
            return
        from alembic import command  # noqa: PLC0415 - half a second, needed once
        from alembic.config import Config  # noqa: PLC0415

        logging.getLogger("alembic").setLevel(logging.WARNING)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self._engine.execution_options(legato_write=True).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, REVISION)

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session
        except OperationalError as error:
            raise Unavailable("catalog_unavailable", f"catalogue: {error.orig}") from error

    @cached_property
    def _engine(self) -> Engine:
        engine = create_engine(self._url)
        if engine.dialect.name == "sqlite":
            if engine.url.database:
                Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
            _prepare_sqlite(engine)
        return engine

    def _current_revision(self) -> str | None:
        try:
            with self._engine.connect() as connection:
                query = text("SELECT version_num FROM alembic_version")
                return connection.execute(query).scalar_one_or_none()
        except DBAPIError:
            return None


def _prepare_sqlite(engine: Engine) -> None:
    """WAL, so that readers never wait; full sync, so that what is committed stays."""

    def set_pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("legato_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    event.listen(engine, "connect", set_pragmas)
    event.listen(engine, "begin", begin)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """A random id of 80 bits: short enough for a URL, and not to be guessed."""
    return secrets.token_hex(10)
