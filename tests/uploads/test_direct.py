"""Uploads straight to a bucket, over a line to it that is cut at random points."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.edge_cases import SMALL
from tests.running import RunningServer, wait_until
from tests.servers.seaweedfs import SeaweedServer
from tests.uploads.cutting_proxy import CuttingProxy
from tests.uploads.direct import DirectClient
from tests.uploads.noise import write_noise

MB = 1_000_000
SOME, MANY = (40 * MB, 4), (1_000 * MB, 20)
RECEIVED_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBucket:
    """A server whose store is a bucket, and the line on which clients reach that."""

    server: RunningServer
    client: DirectClient
    line: CuttingProxy
    seaweed: SeaweedServer
    bucket: str

    def keys(self, prefix: str) -> list[str]:
        listed = self.seaweed.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [one["Key"] for one in listed.get("Contents", [])]

    def sha256(self, key: str) -> str:
        body = self.seaweed.client.get_object(Bucket=self.bucket, Key=key)["Body"]
        digest = hashlib.sha256()
        for block in body.iter_chunks(1 << 20):
            digest.update(block)
        return digest.hexdigest()


@pytest.fixture(scope="module")
def place(seaweed: SeaweedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnBucket]:
    store = seaweed.new_bucket()
    with CuttingProxy(seaweed.port, []) as line:
        env = {
            **seaweed.env,
            "LEGATO_STORE": store,
            "LEGATO_STORE_PUBLIC_URL": line.url,
            "LEGATO_MIN_DURATION_S": "0",
        }
        with RunningServer(tmp_path_factory.mktemp("direct") / "data", env) as server:
            yield OnBucket(
                server=server,
                client=DirectClient(api=server.api),
                line=line,
                seaweed=seaweed,
                bucket=store.removeprefix("s3://"),
            )


def send_over_a_bad_line(place: OnBucket, folder: Path, size: int, cuts: int) -> None:
    file = folder / f"direct-{size}.bin"
    sha256 = write_noise(file, size)
    seed, before = random.Random(size), place.line.cut
    place.line.cut_after(*[seed.randrange(1, size // cuts) for _ in range(cuts)])
    begun = place.client.begin(file)

    parts = place.client.send(begun, file)
    completed = place.client.complete(begun, parts)

    assert completed.status_code == 202, completed.text
    assert place.line.cut - before == cuts
    wait_until(lambda: place.client.upload(begun)["state"] == "finished", RECEIVED_S)
    assert place.sha256(f"masters/{sha256[:2]}/{sha256}") == sha256
    wait_until(lambda: place.keys("incoming/") == [])


def test_what_is_cut_off_is_sent_again_and_nothing_else(place: OnBucket, tmp_path: Path) -> None:
    send_over_a_bad_line(place, tmp_path, *SOME)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_gigabyte_goes_straight_to_the_bucket(place: OnBucket, tmp_path: Path) -> None:
    """1 GB to SeaweedFS, cut 20 times at random points: the stored bytes are the sent ones."""
    send_over_a_bad_line(place, tmp_path, *MANY)


def test_a_master_becomes_a_track_that_plays(place: OnBucket) -> None:
    master = SMALL / "mono-8000.wav"
    begun = place.client.begin(master, title="Straight")

    parts = place.client.send(begun, master)
    place.client.complete(begun, parts)
    again = place.client.complete(begun, parts)

    assert again.status_code == 202, again.text
    wait_until(lambda: place.client.upload(begun)["track_id"], RECEIVED_S)
    track = place.server.final_track(place.client.upload(begun)["track_id"])
    assert (track["state"], track["title"]) == ("ready", "Straight")


def test_an_upload_that_is_not_whole_is_not_completed(place: OnBucket) -> None:
    master = SMALL / "mono-8000.wav"
    begun = place.client.begin(master)
    size = master.stat().st_size
    part = {"number": 1, "size_bytes": size, "sha256": "0" * 64}

    refused = place.client.complete(begun, [part])

    assert (refused.status_code, refused.json()["code"]) == (400, "bad_part")
    ended = place.server.api.delete(f"/v1/direct-uploads/{begun['upload']['upload_id']}")
    assert ended.status_code == 204
    assert place.client.upload(begun)["state"] == "ended"


def test_nothing_goes_straight_to_a_folder(server: RunningServer) -> None:
    wanted = {"file_name": "master.flac", "size_bytes": 1}

    refused = server.api.post("/v1/direct-uploads", json=wanted)

    assert (refused.status_code, refused.json()["code"]) == (409, "no_direct_uploads")
