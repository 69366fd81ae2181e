"""Uploads to a bucket: in parts, checked by the server and by us, whole or not at all."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from legato.errors import Corrupt, LegatoError, Unavailable
from legato.storage.s3 import S3Store
from legato.storage.s3_upload import PART_SIZE
from tests.servers.meddling_proxy import Exchange, MeddlingProxy
from tests.servers.seaweedfs import SeaweedServer
from tests.storage.bucket import Bucket

KEY = "masters/ab/ab12"
WAV = "audio/wav"
LARGE = 70_000_000
TWO_PARTS = PART_SIZE + 1_000_000
MEMORY_BYTES = 60_000_000


def master(folder: Path, size: int, seed: int = 0) -> Path:
    path = folder / f"master-{seed}"
    path.write_bytes(Random(seed).randbytes(size))
    return path


def test_a_large_file_goes_in_parts_and_is_whole(
    s3: S3Store, bucket: Bucket, tmp_path: Path
) -> None:
    path = master(tmp_path, LARGE)
    body = path.read_bytes()

    s3.put_file(KEY, path, media_type=WAV)

    assert s3.size(KEY) == LARGE
    assert s3.read(KEY, PART_SIZE - 10, 20) == body[PART_SIZE - 10 : PART_SIZE + 10]
    with s3.local_copy(KEY) as copy:
        assert copy.read_bytes() == body
    head = bucket.head(KEY)
    assert head["ChecksumSHA256"].endswith("-14")
    assert head["ContentType"] == WAV
    assert bucket.unfinished_uploads() == []


def test_what_stands_is_not_sent_again(
    through_proxy: S3Store, proxy: MeddlingProxy, tmp_path: Path
) -> None:
    through_proxy.put_file(KEY, master(tmp_path, TWO_PARTS), media_type=WAV)
    proxy.exchanges.clear()

    through_proxy.put_file(KEY, master(tmp_path, TWO_PARTS), media_type=WAV)
    with pytest.raises(Corrupt, match="other bytes"):
        through_proxy.put_file(KEY, master(tmp_path, TWO_PARTS, seed=1), media_type=WAV)

    assert {asked.method for asked in proxy.exchanges} == {"HEAD"}


def test_of_two_files_in_parts_at_once_one_stands_and_the_other_is_told(
    s3: S3Store, bucket: Bucket, tmp_path: Path
) -> None:
    paths = [master(tmp_path, TWO_PARTS, seed) for seed in (0, 1)]
    bodies = [path.read_bytes() for path in paths]

    def put(path: Path) -> LegatoError | None:
        try:
            s3.put_file(KEY, path, media_type=WAV)
        except LegatoError as error:
            return error
        return None

    with ThreadPoolExecutor(2) as executor:
        said = list(executor.map(put, paths))

    [winner] = [index for index, error in enumerate(said) if error is None]
    loser = said[1 - winner]
    assert loser is not None
    assert loser.code == "key_taken"
    assert s3.read(KEY) == bodies[winner]
    assert bucket.unfinished_uploads() == []


def is_part(exchange: Exchange) -> bool:
    return exchange.method == "PUT" and "partNumber=" in exchange.path


@pytest.mark.parametrize("size", [1000, TWO_PARTS], ids=["whole", "in-parts"])
def test_what_is_damaged_on_its_way_is_refused_and_leaves_nothing(
    through_proxy: S3Store, proxy: MeddlingProxy, bucket: Bucket, tmp_path: Path, size: int
) -> None:
    path = master(tmp_path, size)

    def damage(exchange: Exchange) -> None:
        if exchange.method == "PUT":
            exchange.body = exchange.body[:-1] + bytes([exchange.body[-1] ^ 1])

    proxy.on_request = damage

    with pytest.raises(Unavailable, match="BadDigest"):
        through_proxy.put_file(KEY, path, media_type=WAV)

    assert path.exists()
    assert bucket.objects() == []
    assert bucket.unfinished_uploads() == []


def test_a_part_that_the_server_loses_is_sent_again(
    through_proxy: S3Store, proxy: MeddlingProxy, tmp_path: Path
) -> None:
    path = master(tmp_path, TWO_PARTS)
    body = path.read_bytes()

    def lose_the_first(exchange: Exchange) -> None:
        if sum(map(is_part, proxy.exchanges)) == 1 and is_part(exchange):
            exchange.status = 503

    proxy.on_request = lose_the_first

    through_proxy.put_file(KEY, path, media_type=WAV)

    assert through_proxy.read(KEY) == body
    assert sum(map(is_part, proxy.exchanges)) == 3


def test_a_server_that_says_yes_and_stores_other_bytes_is_found_out(
    through_proxy: S3Store, proxy: MeddlingProxy, bucket: Bucket
) -> None:
    def overwrite(exchange: Exchange) -> None:
        if exchange.method == "PUT":
            bucket.put(KEY, b"noise", {"sha256": exchange.headers["x-amz-meta-sha256"]})

    proxy.on_answer = overwrite

    with pytest.raises(Unavailable, match="in the store, expected"):
        through_proxy.put(KEY, b"sound", media_type=WAV)

    assert bucket.objects() == []


def test_a_server_without_checksums_is_read_back(
    through_proxy: S3Store, proxy: MeddlingProxy
) -> None:
    def keep_none(exchange: Exchange) -> None:
        exchange.answer_headers.pop("x-amz-checksum-sha256", None)

    proxy.on_answer = keep_none

    through_proxy.put(KEY, b"sound", media_type=WAV)
    through_proxy.put(KEY, b"sound", media_type=WAV)

    assert [asked.method for asked in proxy.exchanges] == [
        "HEAD",
        "PUT",
        "HEAD",
        "GET",
        "GET",
        "HEAD",
    ]


def test_a_server_that_knows_no_conditions_is_asked_first(
    through_proxy: S3Store, proxy: MeddlingProxy
) -> None:
    def refuse_conditions(exchange: Exchange) -> None:
        if "if-none-match" in exchange.headers:
            exchange.status = 501
            exchange.answer = b"<Error><Code>NotImplemented</Code></Error>"

    proxy.on_request = refuse_conditions

    through_proxy.put(KEY, b"sound", media_type=WAV)
    with pytest.raises(Corrupt):
        through_proxy.put(KEY, b"noise", media_type=WAV)

    assert through_proxy.read(KEY) == b"sound"


def test_an_answer_that_was_lost_is_no_clash(
    through_proxy: S3Store, proxy: MeddlingProxy, tmp_path: Path
) -> None:
    lost: list[Exchange] = []

    def lose_the_first(exchange: Exchange) -> None:
        if "if-none-match" in exchange.headers and not lost:
            lost.append(exchange)
            exchange.status, exchange.answer = 500, b""

    proxy.on_answer = lose_the_first

    through_proxy.put_file(KEY, master(tmp_path, TWO_PARTS), media_type=WAV)

    assert lost[0].method == "POST"
    assert through_proxy.size(KEY) == TWO_PARTS


PEAK = r"""
import re, sys
from pathlib import Path
from legato.storage.open_store import open_store

STATUS = Path("/proc/self/status")

def memory(field):
    [kilobytes] = re.findall(rf"^{field}:\s+(\d+) kB$", STATUS.read_text(), re.MULTILINE)
    return int(kilobytes) * 1024

store = open_store(sys.argv[1], Path(sys.argv[3]))
store.put("small", b"small", media_type="audio/wav")
store.read("small")
Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew: proc(5)
before, size = memory("VmRSS"), Path(sys.argv[2]).stat().st_size
store.put_file("large", Path(sys.argv[2]), media_type="audio/wav")
with store.local_copy("large") as copy:
    assert copy.stat().st_size == size
print(memory("VmHWM") - before)
"""


@pytest.mark.parametrize(
    "megabytes", [90, pytest.param(1000, marks=pytest.mark.soak, id="1000-soak")]
)
def test_memory_is_bounded_however_large_the_file(
    seaweed: SeaweedServer, tmp_path: Path, megabytes: int
) -> None:
    """A master goes to S3 and comes back in less than 60 MB of memory."""
    path = tmp_path / "master"
    block = Random(0).randbytes(1_000_000)
    with path.open("wb") as file:
        file.writelines(block for _ in range(megabytes))

    done = subprocess.run(
        [sys.executable, "-c", PEAK, seaweed.new_bucket(), path, tmp_path / "scratch"],
        env=seaweed.env, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < MEMORY_BYTES
