"""A real nginx as the edge, from the files of deploy/nginx, with `sync-denials` beside it."""

import base64
import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final, Self

import httpx

from legato.origin.grants.signing_keys import SigningKeys
from tests.running import STOP_TIMEOUT_S, wait_until
from tests.servers.server import Server

DEPLOY: Final = Path(__file__).parents[2] / "deploy" / "nginx"
COUNTRY_HEADER: Final = "x-listener-country"


class NginxEdge(Server):
    """The edge on ports and in a folder of its own; a context manager.

    It runs the files that an operator installs, with some of their words replaced (`_words`),
    each of which must stand in them.
    """

    def __init__(
        self,
        folder: Path,
        origin_url: str,
        keys: SigningKeys,
        *,
        secret: str = "",
        workers: int = 1,
        slice_kib: int = 1024,
        log_at_once: bool = False,
    ) -> None:
        self._folder = folder
        self._origin_url = origin_url
        self._keys = keys
        self._secret = secret
        self._workers = workers
        self._slice_kib = slice_kib
        self._log_buffer = "" if log_at_once else " buffer=64k flush=1s"
        self.port, self._admin_port = _free_ports(2)
        self._nginx: subprocess.Popen[bytes] | None = None
        self._sync: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def admin_url(self) -> str:
        return f"http://127.0.0.1:{self._admin_port}"

    @property
    def denials(self) -> Path:
        """Where `sync-denials` writes."""
        return self._folder / "state" / "denied"

    @property
    def index(self) -> Path:
        """Where the keys of each asset that is cached are listed."""
        return self._folder / "cache" / "index"

    @property
    def _memory(self) -> Path:
        return self._folder / "memory"

    @property
    def access_log(self) -> str:
        """All that is logged so far: a second late, unless it is to be logged at once."""
        return (self._folder / "log" / "access.log").read_text()

    @property
    def error_log(self) -> str:
        """What nginx has written, to its error log and to stderr."""
        log = self._folder / "log"
        return "".join(file.read_text() for file in (log / "error.log", log / "stderr"))

    def requests(self) -> list[dict[str, Any]]:
        """The access log, a request an entry."""
        return [json.loads(line) for line in self.access_log.splitlines()]

    def cache_files(self) -> list[Path]:
        """Every entry that is cached."""
        return [path for path in (self._folder / "cache" / "objects").rglob("*") if path.is_file()]

    def start(self) -> Self:
        self._write_configuration()
        with (self._folder / "log" / "stderr").open("ab") as stderr:
            self._nginx = subprocess.Popen(
                ["nginx", "-c", self._folder / "etc" / "nginx.conf", "-g", "daemon off;"],
                stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, start_new_session=True,
            )  # fmt: skip
        wait_until(self._answers)
        self.start_sync()
        return self

    def start_sync(self) -> None:
        """Start `sync-denials`; it needs not answer."""
        env = {
            "PATH": os.environ["PATH"],
            "LEGATO_ORIGIN": self._origin_url,
            "LEGATO_DENIALS": str(self.denials),
            "LEGATO_MEMORY": str(self._memory),
            "LEGATO_EDGE_SECRET": self._secret,
        }
        with (self._folder / "log" / "sync").open("ab") as log:
            self._sync = subprocess.Popen(
                [DEPLOY / "sync-denials"], env=env, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip

    def stop_sync(self) -> None:
        """End `sync-denials`: the list grows old from now on."""
        if self._sync is not None:
            _end(self._sync)
        self._sync = None

    def age_list(self, age_s: float) -> None:
        """Let nobody have kept the list for so long, more than 20 s."""
        self.stop_sync()
        at = time.time() - age_s
        os.utime(self.denials / ".as-of", (at, at))
        for link in self._memory.glob("open.*"):
            link.unlink()

    def wait_for_list(self) -> None:
        """Return when the origin has been asked for denials, after this was called."""
        mark = self.denials / ".as-of"
        before = mark.stat().st_mtime_ns if mark.exists() else 0
        wait_until(lambda: mark.exists() and mark.stat().st_mtime_ns > before)

    def replace_keys(self, keys: SigningKeys) -> None:
        """What an operator does after `legato key export`: write the keys, reload."""
        self._keys = keys
        assert self._nginx is not None, "nginx has not been started"
        _write_keys(self._folder / "etc" / "legato" / "keys.conf", keys)
        self._nginx.send_signal(signal.SIGHUP)

    def purge(self, asset_id: str, *, secret: str | None = None) -> httpx.Response:
        headers = {"x-legato-edge-secret": self._secret if secret is None else secret}
        return httpx.post(f"{self.admin_url}/edge/purge/{asset_id}", headers=headers)

    def stop(self) -> None:
        """Ask both to stop, as an operator does."""
        self.stop_sync()
        if self._nginx is not None:
            _end(self._nginx)
        self._nginx = None

    def _answers(self) -> bool:
        assert self._nginx is not None, "nginx has not been started"
        assert self._nginx.poll() is None, self.error_log
        try:
            return httpx.get(f"{self.admin_url}/edge/status").is_success
        except httpx.TransportError:
            return False

    def _write_configuration(self) -> None:
        for name in ("cache/index", "state/denied", "log"):
            (self._folder / name).mkdir(parents=True)
        etc = self._folder / "etc"
        shutil.copytree(DEPLOY, etc)
        files = [etc / "nginx.conf", *sorted((etc / "legato").iterdir())]
        texts = {file: file.read_text() for file in files}
        for word, other in self._words().items():
            assert any(word in text for text in texts.values()), f"{word!r} is in no file"
            texts = {file: text.replace(word, other) for file, text in texts.items()}
        for file, text in texts.items():
            file.write_text(text)
        _write_keys(etc / "legato" / "keys.conf", self._keys)

    def _words(self) -> Mapping[str, str]:
        """What an operator would set otherwise: users, ports, folders, and settings.conf."""
        return {
            "user www-data;": f"user {getpass.getuser()};",
            "worker_processes auto;": f"worker_processes {self._workers};",
            "listen 80;": f"listen 127.0.0.1:{self.port};",
            "listen 127.0.0.1:8081;": f"listen 127.0.0.1:{self._admin_port};",
            "server 127.0.0.1:8000;": f"server {self._origin_url.removeprefix('http://')};",
            'map "" $legato_edge_secret {\n    default "";': (
                f'map "" $legato_edge_secret {{\n    default "{self._secret}";'
            ),
            'map "" $legato_country {\n    default "";': (
                f"map $http_{COUNTRY_HEADER.replace('-', '_')} $legato_country {{\n"
                f"    default $http_{COUNTRY_HEADER.replace('-', '_')};"
            ),
            "min_free=1g ": "",
            " buffer=64k flush=1s": self._log_buffer,
            "slice 1m;": f"slice {self._slice_kib}k;",
            "SLICE_BYTES = 1024 * 1024": f"SLICE_BYTES = {self._slice_kib} * 1024",
            "/etc/nginx/legato": str(self._folder / "etc" / "legato"),
            "/var/cache/legato-edge": str(self._folder / "cache"),
            "/var/lib/legato-edge": str(self._folder / "state"),
            "/run/legato-edge": str(self._memory),
            "/var/log/nginx": str(self._folder / "log"),
            "/run/nginx.pid": str(self._folder / "nginx.pid"),
        }


def _write_keys(file: Path, keys: SigningKeys) -> None:
    """What `legato key export --format nginx` prints."""
    encoded = {key_id: base64.b64encode(key).decode() for key_id, key in keys.by_id.items()}
    file.write_text("".join(f'"{key_id}" "{key}";\n' for key_id, key in encoded.items()))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process and its children to stop, then end what is left of them."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_TIMEOUT_S)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_TIMEOUT_S)


def _free_ports(count: int) -> list[int]:
    """Ports on which nobody listens, no two the same."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
