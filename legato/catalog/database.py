"""The catalogue's database: its engine, its transactions, its migrations."""

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    IntegrityError,
    OperationalError,
)
from sqlalchemy.orm import Session

from legato.errors import BadInput, Corrupt, Unavailable

MIGRATIONS = Path(__file__).parent / "migrations"
# The newest file in migrations/versions; a test holds the two together.
REVISION = "0003"
_BUSY_TIMEOUT_MS = 30_000
_POSTGRESQL = "postgresql+psycopg"  # SQLAlchemy's own choice is the driver's older version
# Of processes that migrate at once, one does. Any number will do that nobody else has.
_MIGRATION_LOCK = 0x1E6A70


class Database:
    """One catalogue. Nothing connects before the first transaction."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads.

        Raises Unavailable while the database is away, Corrupt where it is none, BadInput where
        its URL is none.
        """
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
        engine = self._engine.execution_options(legato_write=True)
        with _our_errors(), engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            config.attributes["connection"] = connection
            command.upgrade(config, REVISION)

    def close(self) -> None:
        """Close its connections; the next transaction opens others."""
        self._engine.dispose()

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        with _our_errors(), Session(engine, expire_on_commit=False) as session:
            yield session

    @cached_property
    def _engine(self) -> Engine:
        engine = _engine_of(self._url)
        if engine.dialect.name == "sqlite":
            if engine.url.database:
                _make_folder(Path(engine.url.database).parent)
            _prepare_sqlite(engine)
        return engine

    def _current_revision(self) -> str | None:
        try:
            with self._engine.connect() as connection:
                query = text("SELECT version_num FROM alembic_version")
                return connection.execute(query).scalar_one_or_none()
        except DBAPIError:
            return None


def _engine_of(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername=_POSTGRESQL)
        return create_engine(parsed)
    except ArgumentError as error:
        raise BadInput("bad_setting", f"LEGATO_DATABASE: {error}") from error
    except ImportError as error:
        message = f"LEGATO_DATABASE: {error}: for PostgreSQL, pip install 'legato[postgresql]'"
        raise BadInput("bad_setting", message) from error


@contextmanager
def _our_errors() -> Iterator[None]:
    """What a database says, in our words; a broken statement of ours stays what it is."""
    try:
        yield
    except IntegrityError as error:  # two at once, or what a row names has just gone
        raise Unavailable("catalog_conflict", f"catalogue: {error.orig}") from error
    except OperationalError as error:
        raise Unavailable("catalog_unavailable", f"catalogue: {error.orig}") from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:
            raise
        raise Corrupt("catalog_corrupt", f"catalogue: {error.orig}") from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # masters are nobody else's
    except OSError as error:
        raise Unavailable("catalog_unavailable", f"catalogue: {error}") from error


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
