"""A transaction is there as a whole or not at all; a catalogue that is away says so."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread

import pytest

from legato.catalog.database import Database
from legato.catalog.schema import TenantRow
from legato.errors import BadInput, Corrupt, LegatoError, Unavailable
from tests.tenants import made_tenant

WRITERS = 8
TIMES = 10


class TheWorkFailedError(Exception):
    pass


def tenant_names(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(row.name for row in session.query(TenantRow))


def test_what_a_block_wrote_is_there_when_it_ends(database: Database) -> None:
    with database.write() as session:
        made_tenant(session, "ensemble")

    assert tenant_names(database) == ["ensemble"]


def test_nothing_of_a_block_that_failed_is_there(database: Database) -> None:
    def work() -> None:
        with database.write() as session:
            made_tenant(session, "ensemble")
            raise TheWorkFailedError

    with pytest.raises(TheWorkFailedError):
        work()

    assert tenant_names(database) == []


def test_nothing_of_a_block_that_only_reads_is_kept(database: Database) -> None:
    with database.read() as session:
        made_tenant(session, "ensemble")

    assert tenant_names(database) == []


def test_a_reader_sees_what_was_there_while_somebody_writes(database: Database) -> None:
    with database.write() as session:
        made_tenant(session, "ensemble")
        assert tenant_names(database) == []

    assert tenant_names(database) == ["ensemble"]


def test_what_a_writer_has_read_still_holds_when_it_writes(database: Database) -> None:
    """Each adds one to a number that it has read; no addition is lost."""
    with database.write() as session:
        session.add(TenantRow(tenant_id="t1", name="counter", created_at_ms=0))
    barrier = Barrier(WRITERS)

    def count() -> None:
        barrier.wait()
        for _ in range(TIMES):
            with database.write() as session:
                row = session.get_one(TenantRow, "t1")
                row.created_at_ms += 1

    together(count)

    with database.read() as session:
        assert session.get_one(TenantRow, "t1").created_at_ms == WRITERS * TIMES


def together(work: Callable[[], None]) -> None:
    threads = [Thread(target=work) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def folder_in_its_place(path: Path) -> str:
    path.mkdir()
    return f"sqlite:///{path}"


def other_bytes_in_its_place(path: Path) -> str:
    path.write_bytes(b"this is no database, and longer than the header of one" * 100)
    return f"sqlite:///{path}"


def file_above_it(path: Path) -> str:
    path.write_text("a file where its folder should be")
    return f"sqlite:///{path}/catalog.sqlite3"


@pytest.mark.parametrize(
    ("make_url", "expected"),
    [
        (folder_in_its_place, Unavailable),
        (file_above_it, Unavailable),
        (other_bytes_in_its_place, Corrupt),
        (lambda _: "no url at all", BadInput),
        (lambda _: "nosuchdialect://host/name", BadInput),
    ],
    ids=["folder", "file-above", "other-bytes", "no-url", "no-dialect"],
)
def test_a_catalogue_that_cannot_be_opened_is_said_in_our_own_words(
    tmp_path: Path, make_url: Callable[[Path], str], expected: type[LegatoError]
) -> None:
    database = Database(make_url(tmp_path / "catalog.sqlite3"))

    with pytest.raises(expected):
        database.migrate()
    with pytest.raises(expected), database.read() as session:
        session.connection()
    with pytest.raises(expected), database.write() as session:
        session.connection()


def test_a_driver_that_is_not_there_is_said_with_what_brings_one() -> None:
    database = Database("postgresql+psycopg2://host/name")

    with pytest.raises(BadInput, match=r"psycopg2.*pip install 'legato\[postgresql\]'"):
        database.migrate()


def test_a_transaction_on_a_locked_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.read() as session:
        session.connection().exec_driver_sql("PRAGMA busy_timeout=1")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unavailable, match="locked"), database.write() as session:
        session.connection()

    other.close()
    database.close()


def test_nothing_connects_before_the_first_transaction(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path}/deeper/catalog.sqlite3")

    assert list(tmp_path.iterdir()) == []
