"""PostgreSQL: a catalogue with many writers at once, as the system has it."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final, Self

import psycopg

from legato.catalog.database import Database
from tests.running import wait_until
from tests.servers.server import Server

_VERSIONS: Final = Path("/usr/lib/postgresql")
# It will not run as root.
_USERS: Final = ("postgres", "nobody")
# Below 108 bytes with the socket's name (unix(7)), whatever TMPDIR says.
_FOLDER: Final = Path("/tmp")  # noqa: S108 - of a random name, and nobody else's
# Nothing here is about what survives a power cut.
_OPTIONS: Final = (
    "listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off",
    "shared_buffers=16MB", "max_connections=200", "deadlock_timeout=50ms",
)  # fmt: skip
_TEMPLATE: Final = "migrated"


class PostgresServer(Server):
    """A server of one's own, on a socket in a folder of its own; a context manager."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=_FOLDER))
        self._databases = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text()

    def empty_database(self) -> str:
        """Make a database without a table; answers its URL."""
        return self._create(f"empty{next(self._databases)}", "template1")

    def new_catalogue(self) -> str:
        """Make a catalogue that has been migrated; answers its URL."""
        return self._create(f"catalogue{next(self._databases)}", _TEMPLATE)

    def start(self) -> Self:
        """Start it, and wait until it answers."""
        if os.geteuid() == 0:
            shutil.chown(self._folder, _user())
        data = self._folder / "data"
        arguments = ("--auth=trust", "--username=legato", "--no-sync", "--encoding=UTF8")
        subprocess.run(
            _as_nobody(_program("initdb"), *arguments, "--locale=C", "-D", str(data)),
            check=True, capture_output=True, cwd="/",
        )  # fmt: skip
        options = [
            f"-c{option}" for option in (*_OPTIONS, f"unix_socket_directories={data.parent}")
        ]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                _as_nobody(_program("postgres"), "-D", str(data), f"-k{self._folder}", *options),
                cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_until(self._answers)
        database = Database(self._create(_TEMPLATE, "template1"))
        database.migrate()
        database.close()
        return self

    def stop(self) -> None:
        """End it at once: whoever is connected is cut off (`immediate`, postgres(1))."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
        shutil.rmtree(self._folder)

    def _create(self, name: str, template: str) -> str:
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return f"postgresql://legato@/{name}?host={self._folder}"

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=str(self._folder), user="legato", dbname="postgres", autocommit=True
        )

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"the server has ended:\n{self.log}"
        with suppress(psycopg.OperationalError), self._connect():
            return True
        return False


def _program(name: str) -> str:
    """A server's program, of the newest version that is there; Debian puts none on the path."""
    found = sorted(_VERSIONS.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    program = found[-1] if found else shutil.which(name)
    assert program, f"missing: PostgreSQL's {name}; `make judges` installs it"
    return str(program)


def _as_nobody(*command: str) -> list[str]:
    if os.geteuid() != 0:
        return list(command)
    user = _user()
    group = str(pwd.getpwnam(user).pw_gid)
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *command]


def _user() -> str:
    known = {user.pw_name for user in pwd.getpwall()}
    return next(user for user in _USERS if user in known)
