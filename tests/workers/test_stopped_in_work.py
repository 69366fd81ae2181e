"""A server that is asked to stop puts its work back, and goes without leaving anything."""

import time
from pathlib import Path

from legato.catalog.database import Database
from tests.running import (
    STOP_TIMEOUT_S,
    RunningServer,
    descendants,
    is_alive,
    run_legato,
)
from tests.workers.interfering import (
    SLOWLY,
    encode_job,
    files_in,
    upload_and_catch_encoding,
)


def test_a_stop_in_mid_encode_puts_the_job_back(tmp_path: Path, long_master: Path) -> None:
    with RunningServer(tmp_path / "data", SLOWLY) as server:
        upload_and_catch_encoding(server, long_master)
        children = descendants(server.pid)
        started = time.monotonic()

        assert server.stop() == 0

        assert time.monotonic() - started < STOP_TIMEOUT_S
        assert not [one for one in children if is_alive(one.pid)]

    assert files_in(tmp_path / "data" / "scratch") == []
    database = Database(f"sqlite:///{tmp_path}/data/catalog.sqlite3")
    with database.read() as session:
        job = encode_job(session)
        assert (job.state, job.owner, job.attempts, job.error_code) == ("queued", None, 0, None)
    database.close()


def test_a_port_that_is_taken_is_said_and_nothing_is_left_running(tmp_path: Path) -> None:
    with RunningServer(tmp_path / "one") as server:
        refused = run_legato("serve", "--port", str(server.port), data=tmp_path / "other")

        assert refused.returncode == 1
        assert f"127.0.0.1:{server.port}" in refused.stderr
        assert "[address_taken]" in refused.stderr
        assert "choose another with --port" in refused.stderr
        assert server.web.get("/healthz").status_code == 200
