"""A server in the middle of an encode, and what is left when it has been interfered with."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from legato.catalog.database import Database
from legato.catalog.jobs import JobKind
from legato.catalog.schema import AssetRow, JobRow
from tests.running import Process, RunningServer, descendants, wait_until

# One core, so that the encode takes its time also where there are many.
SLOWLY: Final = {"LEGATO_CORES": "1"}


def upload_and_catch_encoding(server: RunningServer, master: Path) -> str:
    """Upload a master; answers its track's id while ffmpeg is at work on it."""
    track_id: str = server.upload(master).json()["track_id"]
    wait_until(lambda: is_encoding(server.track(track_id)), timeout_s=60)
    return track_id


def is_encoding(track: dict[str, Any]) -> bool:
    progress = track["progress"]
    return bool(progress) and progress["stage"] == "encode" and progress["fraction"] > 0


def worker_of(server: RunningServer) -> Process | None:
    """The worker process that the server keeps."""
    own = descendants(server.pid)
    return next((one for one in own if one.command.endswith("legato worker")), None)


def ffmpegs_of(server: RunningServer) -> list[Process]:
    return [one for one in descendants(server.pid) if one.name == "ffmpeg"]


def encode_job(session: Session) -> JobRow:
    return session.scalars(select(JobRow).where(JobRow.kind == JobKind.ENCODE)).one()


def count_assets(data: Path) -> int:
    """How many assets the catalogue has; the object store has the same."""
    database = Database(f"sqlite:///{data}/catalog.sqlite3")
    with database.read() as session:
        in_catalogue = {row.asset_id for row in session.query(AssetRow)}
    database.close()
    assert {path.name for path in (data / "objects" / "audio").iterdir()} == in_catalogue
    return len(in_catalogue)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
