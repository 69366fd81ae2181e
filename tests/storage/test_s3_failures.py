"""An S3 server that fails in the middle: said as such, and nothing is half there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from legato.errors import NotFound, Unavailable
from legato.storage.open_store import open_store
from legato.storage.s3 import S3Store
from legato.storage.s3_upload import PART_SIZE
from tests.servers.meddling_proxy import Exchange, MeddlingProxy
from tests.servers.seaweedfs import SeaweedServer

KEY = "audio/ab12/aac-96.mp4"
MP4 = "audio/mp4"
MASTER, WAV = "masters/ab/ab12", "audio/wav"
BODY = bytes(range(256)) * 400


@pytest.fixture
def mortal() -> Iterator[SeaweedServer]:
    """A server that may be killed: no other test uses it."""
    with SeaweedServer() as server:
        yield server


def test_a_server_killed_in_the_middle_has_what_it_had_and_nothing_half(
    mortal: SeaweedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "master"
    path.write_bytes(BODY * (3 * PART_SIZE // len(BODY)))
    size = path.stat().st_size

    def kill_at_the_second_part(exchange: Exchange) -> None:
        if "partNumber=2" in exchange.path:
            mortal.kill()

    with MeddlingProxy(mortal.port) as proxy:
        for name, value in {**mortal.env, "AWS_ENDPOINT_URL": proxy.url}.items():
            monkeypatch.setenv(name, value)
        store = open_store(mortal.new_bucket(), tmp_path)
        store.put(KEY, BODY, media_type=MP4)
        proxy.on_request = kill_at_the_second_part

        with pytest.raises(Unavailable):
            store.put_file(MASTER, path, media_type=WAV)
        with pytest.raises(Unavailable, match="check AWS_ENDPOINT_URL and the network"):
            store.read(KEY)
        proxy.on_request = lambda _: None
        mortal.start()

        assert store.read(KEY) == BODY
        with pytest.raises(NotFound):
            store.size(MASTER)
        store.put_file(MASTER, path, media_type=WAV)
        assert store.size(MASTER) == size


def cut(exchange: Exchange) -> None:
    exchange.answer_headers["content-length"] = str(len(exchange.answer))
    exchange.answer = exchange.answer[:-1]


def another_range(exchange: Exchange) -> None:
    exchange.answer_headers["content-range"] = "bytes 0-99/102400"


def no_range(exchange: Exchange) -> None:
    del exchange.answer_headers["content-range"]


def test_a_body_that_breaks_off_is_asked_for_again(
    through_proxy: S3Store, proxy: MeddlingProxy
) -> None:
    through_proxy.put(KEY, BODY, media_type=MP4)
    proxy.exchanges.clear()
    proxy.on_answer = lambda exchange: cut(exchange) if len(proxy.exchanges) == 1 else None

    assert through_proxy.read(KEY, 1000, 500) == BODY[1000:1500]


@pytest.mark.parametrize("meddle", [cut, another_range, no_range])
def test_other_bytes_than_were_asked_for_are_no_answer(
    through_proxy: S3Store, proxy: MeddlingProxy, meddle: Callable[[Exchange], None]
) -> None:
    through_proxy.put(KEY, BODY, media_type=MP4)
    proxy.on_answer = meddle

    with pytest.raises(Unavailable) as refused:
        through_proxy.read(KEY, 1000, 500)

    assert refused.value.code == "store_unavailable"
