"""`legato serve`: the web server, and one worker process of its own."""

import os
import signal
import socket
import subprocess
import sys
import threading
from typing import Any, Final, Self

import structlog
import typer
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from legato.cli.logs import log_to_stderr
from legato.cli.worker import PARENT_VARIABLE, parent_pid
from legato.deployment import Deployment
from legato.errors import BadInput, Unavailable
from legato.origin.origin import Origin
from legato.settings import Settings
from legato.web.app import Server, make_server, page_key

_STOP_TIMEOUT_S: Final = 15
_RESTART_DELAY_S: Final = 1.0
_LOOK_AT_PARENT_EVERY_S: Final = 0.5

log = structlog.get_logger()


def serve_until_stopped(host: str, port: int) -> None:
    """Serve until a stop signal. Raises Unavailable if the address is taken."""
    log_to_stderr()
    address = _free_address(host, port)
    deployment = Deployment()
    settings = deployment.settings
    log.info("ffmpeg_found", version=deployment.ffmpeg.version, path=deployment.ffmpeg.path)
    Origin(deployment)  # a setting that cannot be is told here, and not by every web process
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    shown = f"[{shown}]" if ":" in shown else shown
    tls = _tls(settings)
    scheme = "https" if tls else "http"
    typer.echo(f"legato plays at {scheme}://{shown}:{port}/#key={page_key(deployment)}")
    os.environ[PARENT_VARIABLE] = str(os.getpid())
    with _WorkerProcess():
        _granian(address, port, tls).serve()


def make_web_process() -> Server:
    """The server in one web process, which ends when the process that started it is gone."""
    threading.Thread(target=_end_with, args=(parent_pid(),), daemon=True).start()
    deployment = Deployment()
    return make_server(deployment, mutual_tls=deployment.settings.tls_client_ca is not None)


def _end_with(parent: int) -> None:
    never = threading.Event()
    while os.getppid() == parent:
        never.wait(_LOOK_AT_PARENT_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)


def _free_address(host: str, port: int) -> str:
    """The numeric address that `host` means, on which nobody listens yet.

    Granian takes no names, and would share a port with another server (SO_REUSEPORT).
    Raises BadInput or Unavailable.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise BadInput(
            "bad_address", f"--host {host}: {error.strerror}, expected an address of this machine"
        ) from error
    try:
        socket.create_server((str(address[0]), port), family=family).close()
    except OSError as error:
        raise Unavailable(
            "address_taken", f"{host}:{port}: {error.strerror}; choose another with --port"
        ) from error
    return str(address[0])


def _tls(settings: Settings) -> dict[str, Any]:
    """Granian's options for HTTPS, and for an edge that shows a certificate of its own (mTLS)."""
    named = {
        "CERT": settings.tls_cert,
        "KEY": settings.tls_key,
        "CLIENT_CA": settings.tls_client_ca,
    }
    if not any(named.values()):
        return {}
    for name, path in named.items():
        if path is None and name == "CLIENT_CA":
            continue
        if path is None or not path.is_file():
            raise BadInput("bad_setting", f"LEGATO_TLS_{name}: found {path}, expected a PEM file")
    options = {"ssl_cert": settings.tls_cert, "ssl_key": settings.tls_key}
    if settings.tls_client_ca is None:
        return options
    return {**options, "ssl_ca": settings.tls_client_ca, "ssl_client_verify": True}


def _granian(address: str, port: int, tls: dict[str, Any]) -> Any:
    return Granian(
        "legato.cli.serve:make_web_process", factory=True, address=address, port=port,
        interface=Interfaces.ASGI, log_level=LogLevels.warning, websockets=False, **tls,
    )  # fmt: skip


class _WorkerProcess:
    """Keeps one worker running for as long as the context lasts."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name="worker keeper")

    def __enter__(self) -> Self:
        self._start()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join(_STOP_TIMEOUT_S)

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen([sys.executable, "-m", "legato", "worker"])
        return self._process

    def _keep_running(self) -> None:
        while True:
            assert self._process is not None  # noqa: S101 - started by __enter__
            status = self._process.wait()
            if self._stopping.wait(_RESTART_DELAY_S if status else 0):
                return
            log.warning("worker_restarted", status=status)
            started = self._start()
            if self._stopping.is_set():  # since we looked: nobody else ends this one
                started.terminate()
