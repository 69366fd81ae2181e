"""`legato serve`: the web server, and one worker process of its own."""

import os
import socket
import subprocess
import sys
import threading
from typing import Final, Self

import structlog
import typer

from legato.cli.logs import log_to_stderr
from legato.cli.parent import PARENT_VARIABLE
from legato.deployment import Deployment
from legato.errors import BadInput, Unavailable
from legato.web.app import make_server, page_key
from legato.web.http_server import serve_http, tls_options

_STOP_TIMEOUT_S: Final = 15
_RESTART_DELAY_S: Final = 1.0
_BACKLOG: Final = 2048

log = structlog.get_logger()


def serve_until_stopped(host: str, port: int) -> None:
    """Serve until a stop signal. Raises Unavailable if the address is taken."""
    log_to_stderr()
    listener = _listen(host, port)
    deployment = Deployment()
    settings = deployment.settings
    log.info("ffmpeg_found", version=deployment.ffmpeg.version, path=deployment.ffmpeg.path)
    tls = tls_options(settings)
    server = make_server(deployment, mutual_tls="ssl_cert_reqs" in tls)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    shown = f"[{shown}]" if ":" in shown else shown
    scheme = "https" if tls else "http"
    typer.echo(f"legato plays at {scheme}://{shown}:{port}/#key={page_key(deployment)}")
    os.environ[PARENT_VARIABLE] = str(os.getpid())
    with _WorkerProcess():
        serve_http(server, listener, tls, server.end_streams)


def _listen(host: str, port: int) -> socket.socket:
    """A socket bound to what `host` means; raises BadInput or Unavailable."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise BadInput(
            "bad_address", f"--host {host}: {error.strerror}, expected an address of this machine"
        ) from error
    try:
        return socket.create_server((str(address[0]), port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise Unavailable(
            "address_taken", f"{host}:{port}: {error.strerror}; choose another with --port"
        ) from error


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
