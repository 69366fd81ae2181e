"""Real legato processes: the server, the command line, and waiting for what they do."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx

from legato.manifests.manifest import Manifest, read_manifest

START_TIMEOUT_S: Final = 60
STOP_TIMEOUT_S: Final = 15
WORK_TIMEOUT_S: Final = 120
_LOOK_EVERY_S: Final = 0.05
_NEVER: Final = threading.Event()
_FINAL: Final = ("ready", "refused", "failed")

T = TypeVar("T")


def wait_until(condition: Callable[[], T | None], timeout_s: float = 30) -> T:
    """What `condition` answers as soon as that is true; a failure when the time is up."""
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"in {timeout_s} s it has not come true"
        _NEVER.wait(_LOOK_EVERY_S)
    return found


def run_legato(
    *args: str | bytes | Path, data: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a `legato` command on the data folder `data`, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "legato", *args],
        env=environment(data, env), cwd=folder_without_dotenv(data), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, errors="replace", timeout=WORK_TIMEOUT_S, check=False,
    )  # fmt: skip


def environment(data: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without anybody's own LEGATO_ settings; logs and help without colour."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LEGATO")}
    return {**inherited, "LEGATO_DATA": str(data), "NO_COLOR": "1", **(more or {})}


def folder_without_dotenv(data: Path) -> Path:
    data.mkdir(parents=True, exist_ok=True)
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    pid: int
    parent: int
    name: str
    command: str


def descendants(pid: int) -> list[Process]:
    """The living processes that `pid` has started, and those that they have."""
    every = [one for path in Path("/proc").glob("[0-9]*") if (one := _process(path))]
    family: dict[int, Process] = {}
    while new := [one for one in every if one.parent in (pid, *family) and one.pid not in family]:
        family |= {one.pid: one for one in new}
    return list(family.values())


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    return _process(Path(f"/proc/{pid}")) is not None


def _process(path: Path) -> Process | None:
    """A living process, from proc(5)'s `stat`: pid (name) state parent …"""
    try:
        before, _, after = (path / "stat").read_text().rpartition(")")
        command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return None
    state, parent, *_ = after.split()
    if state in "ZX":
        return None
    name = before.partition("(")[2]
    return Process(pid=int(path.name), parent=int(parent), name=name, command=command.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyTrack:
    """A track that plays, and what is stored of it."""

    track_id: str
    asset_id: str
    stored: Path
    manifest: Manifest

    @property
    def path(self) -> str:
        return f"/audio/{self.asset_id}/"


class RunningServer:
    """`legato serve` on a port and a data folder of its own; a context manager.

    With `tls`, it is one that has been told to speak HTTPS, and this is how to speak to it.
    """

    def __init__(
        self,
        data: Path,
        env: Mapping[str, str] | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        port: int | None = None,
    ) -> None:
        self.data = data
        self.port = port or free_port()
        self.log_file = data.with_name(f"{data.name}.log")
        self._env = environment(data, env)
        self._tls = tls
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server has not been started"
        return self._process.pid

    @property
    def status(self) -> int | None:
        """How it has ended, or None while it runs."""
        assert self._process is not None, "the server has not been started"
        return self._process.poll()

    @property
    def log(self) -> str:
        """All that it has written, to stdout and to stderr."""
        return self.log_file.read_text()

    @property
    def api_key(self) -> str:
        return (self.data / "keys" / "page-key").read_text().strip()

    @cached_property
    def api(self) -> httpx.Client:
        """Speaks for the tenant `local`."""
        headers = {"authorization": f"Bearer {self.api_key}"}
        return httpx.Client(
            base_url=self.url, headers=headers, timeout=STOP_TIMEOUT_S, verify=self._tls or False
        )

    @cached_property
    def web(self) -> httpx.Client:
        """A listener: no API key."""
        return httpx.Client(base_url=self.url, timeout=STOP_TIMEOUT_S, verify=self._tls or False)

    def start(self) -> Self:
        """Start it, in a process group of its own, and wait until it is ready."""
        command = [sys.executable, "-m", "legato", "serve", "--port", str(self.port)]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=self._env, cwd=folder_without_dotenv(self.data),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            wait_until(self._is_ready, START_TIMEOUT_S)
        except AssertionError:
            self._end_group()
            raise
        return self

    def stop(self) -> int:
        """Ask it to stop, as an operator does; answers its exit status."""
        assert self._process is not None, "the server has not been started"
        self._close_clients()
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """End every process of it at once, as a power cut does."""
        assert self._process is not None, "the server has not been started"
        self._close_clients()
        self._end_group()

    def upload(self, master: Path, **form: str) -> httpx.Response:
        with master.open("rb") as file:
            return self.api.post("/v1/tracks", data=form, files={"file": (master.name, file)})

    def track(self, track_id: str) -> dict[str, Any]:
        answer = self.api.get(f"/v1/tracks/{track_id}")
        answer.raise_for_status()
        view: dict[str, Any] = answer.json()
        return view

    def final_track(self, track_id: str) -> dict[str, Any]:
        """The track as soon as nothing more will happen to it."""
        wait_until(lambda: self.track(track_id)["state"] in _FINAL, WORK_TIMEOUT_S)
        return self.track(track_id)

    def ready_track(self, master: Path, **form: str) -> ReadyTrack:
        """Upload a master and wait until it plays."""
        uploaded = self.upload(master, **form)
        assert uploaded.status_code == 202, uploaded.text
        track = self.final_track(uploaded.json()["track_id"])
        assert track["state"] == "ready", track
        stored = self.data / "objects" / "audio" / track["asset_id"]
        return ReadyTrack(
            track_id=track["track_id"],
            asset_id=track["asset_id"],
            stored=stored,
            manifest=read_manifest((stored / "manifest.json").read_bytes()),
        )

    def _is_ready(self) -> bool:
        assert self.status is None, f"the server ended with {self.status}:\n{self.log}"
        try:
            return httpx.get(f"{self.url}/readyz", verify=self._tls or False).is_success
        except httpx.TransportError:
            return False

    def _end_group(self) -> None:
        assert self._process is not None, "the server has not been started"
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_TIMEOUT_S)

    def _close_clients(self) -> None:
        for name in ("api", "web"):
            client = self.__dict__.pop(name, None)
            if client is not None:
                client.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """A server that still runs must stop cleanly, unless the test has failed already."""
        try:
            if kind is None and self.status is None:
                assert self.stop() == 0, self.log
        finally:
            self.kill()


def free_port() -> int:
    """A port on which nobody listens, for now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
