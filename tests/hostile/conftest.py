"""A server that nobody is to call, and a file that nobody is to read."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from fixtures.hostile import Bait
from legato.ingest.identity import Listening
from legato.transcode.ffmpeg_binary import FfmpegBinary


class Listener:
    """A server on 127.0.0.1 that counts who calls; a context manager."""

    def __init__(self) -> None:
        self.calls = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/song.flac"
        self._thread = threading.Thread(target=self._count, daemon=True)

    def _count(self) -> None:
        with suppress(OSError):
            while True:
                self._server.accept()[0].close()
                self.calls += 1

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


@pytest.fixture(scope="session")
def bait(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Bait:
    file = tmp_path_factory.mktemp("bait") / "secret.flac"
    file.write_bytes((Path(__file__).parents[2] / "fixtures/small/0.4-seconds.flac").read_bytes())
    return Bait(file=file, url=listener.url)


@pytest.fixture(scope="session")
def listening(ffmpeg: FfmpegBinary) -> Listening:
    return Listening(binary=ffmpeg.path, stall_s=60, shortest_s=0, longest_s=6 * 3600)
