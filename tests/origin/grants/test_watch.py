"""The watch: it looks on, whatever happens, and says once what is wrong."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import structlog
from structlog.testing import capture_logs

from legato.catalog import denials as catalogue
from legato.catalog.database import Database
from legato.catalog.denials import DenialKind
from legato.errors import Unavailable
from legato.origin.grants.denials import Denials
from legato.origin.grants.kept_denials import KeptDenials
from legato.origin.grants.key_rotation import change_key_file, stage
from legato.origin.grants.signing_keys import KeyRing, SigningKeys
from legato.origin.grants.watch import Watch, watch_denials, watch_keys
from tests.running import wait_until

OFTEN_S = 0.01


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/catalog.sqlite3")
    database.migrate()
    yield database
    database.close()


def deny(database: Database, subject: str) -> None:
    with database.write() as session:
        catalogue.deny(session, DenialKind.GRANT, subject, grant_ttl_s=60)


@pytest.fixture
def kept(tmp_path: Path) -> KeptDenials:
    return KeptDenials(tmp_path / "denials")


def told(denials: Denials) -> list[str]:
    return [line.split()[1] for line in denials.listing()[0].splitlines()]


def events(logs: list[Any]) -> list[str]:
    return [one["event"] for one in logs]


def test_the_first_look_is_over_when_a_watch_has_started(
    database: Database, kept: KeptDenials
) -> None:
    deny(database, "g1")
    denials = Denials()

    with watch_denials(database, denials, kept):
        assert told(denials) == ["g1"]


def test_a_denial_of_another_process_is_seen_within_two_seconds(
    database: Database, kept: KeptDenials
) -> None:
    denials = Denials()
    with watch_denials(database, denials, kept):
        deny(database, "g1")
        wait_until(lambda: told(denials) == ["g1"], timeout_s=2)


def test_an_unchanged_table_leaves_the_set_and_its_age_is_new(
    database: Database, kept: KeptDenials
) -> None:
    confirmed = threading.Semaphore(0)

    def clock() -> float:
        confirmed.release()
        return 0.0

    denials = Denials(clock)
    with watch_denials(database, denials, kept, OFTEN_S):
        before = denials._live
        for _ in range(2):
            assert confirmed.acquire(timeout=5)
        assert denials._live is before


def test_while_the_catalogue_is_away_the_last_known_set_stays(
    tmp_path: Path, kept: KeptDenials
) -> None:
    file = tmp_path / "catalog.sqlite3"
    database = Database(f"sqlite:///{file}")
    database.migrate()
    deny(database, "g1")
    denials = Denials()
    with capture_logs() as logs, watch_denials(database, denials, kept, OFTEN_S):
        database.close()
        away = file.rename(tmp_path / "away")
        file.mkdir()
        wait_until(lambda: "watch_failed" in events(logs))
        assert told(denials) == ["g1"]

        file.rmdir()
        away.rename(file)
        deny(database, "g2")
        wait_until(lambda: told(denials) == ["g1", "g2"])
    database.close()
    assert list(dict.fromkeys(events(logs))) == ["watch_failed", "watch_recovered"]


def test_a_process_that_starts_while_the_catalogue_is_away_begins_with_the_last_known_set(
    database: Database, tmp_path: Path
) -> None:
    with database.write() as session:
        catalogue.deny(session, DenialKind.GRANT, "g1", grant_ttl_s=60)
        catalogue.deny_for_good(session, DenialKind.ASSET, "a1")
    with watch_denials(database, Denials(), KeptDenials(tmp_path / "denials")):
        pass
    denials, away = Denials(), Database(f"sqlite:///{tmp_path}")

    with capture_logs(), watch_denials(away, denials, KeptDenials(tmp_path / "denials")):
        assert (told(denials), denials.denies_asset("a1")) == (["g1"], True)
        assert denials.age_s == float("inf")  # nobody has said that they hold still


def test_the_last_known_set_is_written_when_it_is_another(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "kept" / "denials"
    deny(database, "g1")
    with watch_denials(database, Denials(), KeptDenials(file)):
        written = file.stat()
    with watch_denials(database, Denials(), KeptDenials(file)):
        assert file.stat().st_ino == written.st_ino
    deny(database, "g2")
    with watch_denials(database, Denials(), KeptDenials(file)):
        assert [line.split()[1] for line in file.read_text().splitlines()] == ["g1", "g2"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_of_denials_that_cannot_be_read_is_told_and_the_catalogue_asked(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "denials").write_text("grant g9\n")
    deny(database, "g1")
    denials = Denials()

    with (
        capture_logs() as logs,
        watch_denials(database, denials, KeptDenials(tmp_path / "denials")),
    ):
        assert told(denials) == ["g1"]

    assert events(logs) == ["kept_denials_unreadable"]


def test_a_log_that_nobody_reads_ends_no_watch() -> None:
    looks = threading.Semaphore(0)

    def look() -> None:
        looks.release()
        raise Unavailable("away", "gone for now")

    def broken_pipe(*_: object) -> NoReturn:
        raise BrokenPipeError

    before = structlog.get_config()["processors"]
    structlog.configure(processors=[broken_pipe])
    try:
        with Watch("unheard", look, OFTEN_S):
            for _ in range(3):
                assert looks.acquire(timeout=5)
    finally:
        structlog.configure(processors=before)


@pytest.mark.parametrize("error", [Unavailable("away", "gone for now"), ZeroDivisionError("never")])
def test_what_goes_wrong_is_logged_once_and_ends_nothing(error: Exception) -> None:
    looks = threading.Semaphore(0)

    def look() -> None:
        looks.release()
        raise error

    with capture_logs() as logs, Watch("trouble", look, OFTEN_S):
        for _ in range(5):
            assert looks.acquire(timeout=5)

    [logged] = logs
    assert (logged["event"], logged["log_level"], logged["watch"]) == (
        "watch_failed", "error", "trouble",
    )  # fmt: skip


def test_a_watch_that_has_stopped_looks_no_more() -> None:
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1

    with Watch("counting", look, OFTEN_S) as watch:
        wait_until(lambda: looks > 2)
    seen = looks

    assert not watch._thread.is_alive()
    assert looks == seen


def test_a_rotation_is_heard_of_and_logged_without_secrets(tmp_path: Path) -> None:
    ring = KeyRing(None, tmp_path)
    while ring.reload():  # the file was made after it was looked for
        pass
    heard: list[SigningKeys] = []
    with capture_logs() as logs, watch_keys(ring, heard.append):
        change_key_file(tmp_path, stage)
        wait_until(lambda: heard, timeout_s=2)

    assert heard == [ring()]
    [logged] = logs
    assert logged == {
        "event": "signing_keys_reloaded", "log_level": "info", "key_ids": list(ring().by_id),
    }  # fmt: skip
