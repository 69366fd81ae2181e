"""The tables that migrations make are the tables that the code speaks of."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from legato.catalog.database import MIGRATIONS, REVISION, Database
from legato.catalog.schema import Table

PROCESSES = 2
MIGRATE = """
import sys
import alembic.command
from legato.catalog.database import Database
print("ready", flush=True)
sys.stdin.readline()
Database(sys.argv[1]).migrate()
"""


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def migrated(path: Path) -> Path:
    database = Database(url_of(path))
    database.migrate()
    database.close()
    return path


def schema_of(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    try:
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_fresh_database_has_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    engine = create_engine(url_of(migrated(tmp_path / "catalog.sqlite3")))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, Table.metadata) == []

    engine.dispose()


def test_the_models_constraints_have_the_names_that_migrations_gave_them(tmp_path: Path) -> None:
    by_migration = schema_of(migrated(tmp_path / "migrated.sqlite3"))
    engine = create_engine(url_of(tmp_path / "models.sqlite3"))
    Table.metadata.create_all(engine)
    engine.dispose()

    names = {name for name, _ in schema_of(tmp_path / "models.sqlite3")}

    assert {name for name, _ in by_migration} - {"alembic_version"} == names


def test_the_revision_of_this_version_is_the_newest_file() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_migrating_again_changes_nothing_and_keeps_what_is_there(tmp_path: Path) -> None:
    path = migrated(tmp_path / "catalog.sqlite3")
    connection = sqlite3.connect(path)
    connection.execute(
        "INSERT INTO tenants (tenant_id, name, created_at_ms) VALUES ('t1', 'local', 0)"
    )
    connection.commit()
    before = list(connection.iterdump())

    migrated(path)

    assert list(connection.iterdump()) == before
    connection.close()


def test_two_processes_may_migrate_at_once(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    processes = [start_migrating(path) for _ in range(PROCESSES)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("now\n")
        process.stdin.flush()

    said = [process.communicate(timeout=60)[1] for process in processes]

    assert [process.returncode for process in processes] == [0] * PROCESSES, said
    assert schema_of(path) == schema_of(migrated(tmp_path / "alone.sqlite3"))


def start_migrating(path: Path) -> subprocess.Popen[str]:
    """A process that has imported all it needs, and migrates at a word."""
    return subprocess.Popen(
        [sys.executable, "-c", MIGRATE, url_of(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_database_that_was_migrated_holds_its_references(tmp_path: Path) -> None:
    """SQLite declares foreign keys and ignores them unless it is told otherwise."""
    database = Database(url_of(migrated(tmp_path / "catalog.sqlite3")))
    with database.read() as session:
        enforced = session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar()
        journal = session.connection().exec_driver_sql("PRAGMA journal_mode").scalar()

    assert (enforced, journal) == (1, "wal")
    database.close()
