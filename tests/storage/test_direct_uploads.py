"""Uploads straight to a bucket: what an address binds, and what becomes of the parts."""

import hashlib
from random import Random

import httpx
import pytest

from legato.errors import BadInput, NotFound
from legato.storage.direct_uploads import Part, incoming_key
from legato.storage.s3 import S3Store
from legato.storage.s3_direct import S3DirectUploads
from tests.servers.seaweedfs import SeaweedServer
from tests.storage.bucket import Bucket

PART = 5 << 20
UPLOAD = "0123456789abcdef0123"
BODIES = (Random(1).randbytes(PART), Random(2).randbytes(1000))
TTL_S = 60


def part_of(number: int) -> Part:
    body = BODIES[number - 1]
    return Part(number=number, size_bytes=len(body), sha256=hashlib.sha256(body).digest())


PARTS = [part_of(1), part_of(2)]


@pytest.fixture
def direct(
    bucket: Bucket, seaweed: SeaweedServer, monkeypatch: pytest.MonkeyPatch
) -> S3DirectUploads:
    for name, value in seaweed.env.items():
        monkeypatch.setenv(name, value)
    return S3DirectUploads(bucket.name, bucket.prefix)


def put(direct: S3DirectUploads, begun: str, number: int, body: bytes | None = None) -> int:
    address = direct.address(UPLOAD, begun, part_of(number), ttl_s=TTL_S)
    sent = BODIES[number - 1] if body is None else body
    return httpx.put(address.url, content=sent, headers=dict(address.headers)).status_code


def test_parts_become_the_object_that_was_sent(direct: S3DirectUploads, s3: S3Store) -> None:
    begun = direct.begin(UPLOAD)

    assert [put(direct, begun, number) for number in (2, 1)] == [200, 200]
    assert [part.size_bytes for part in direct.stored(UPLOAD, begun)] == [PART, 1000]
    direct.complete(UPLOAD, begun, PARTS)
    direct.complete(UPLOAD, begun, PARTS)

    assert s3.read(incoming_key(UPLOAD)) == b"".join(BODIES)


def test_an_address_takes_no_other_bytes_than_it_was_made_for(direct: S3DirectUploads) -> None:
    begun = direct.begin(UPLOAD)
    altered = BODIES[1][:-1] + bytes([BODIES[1][-1] ^ 1])

    refused = [put(direct, begun, 2, body) for body in (altered, BODIES[1] + b"x", b"")]

    assert all(400 <= status < 500 for status in refused), refused
    assert direct.stored(UPLOAD, begun) == []


def test_what_is_not_all_there_is_not_completed(direct: S3DirectUploads, bucket: Bucket) -> None:
    begun = direct.begin(UPLOAD)
    put(direct, begun, 1)

    with pytest.raises(BadInput, match="part 2: found nothing, expected 1000 bytes"):
        direct.complete(UPLOAD, begun, PARTS)

    assert bucket.objects() == []


def test_an_upload_that_is_given_up_leaves_nothing(direct: S3DirectUploads, bucket: Bucket) -> None:
    begun = direct.begin(UPLOAD)
    put(direct, begun, 2)

    direct.abort(UPLOAD, begun)
    direct.abort(UPLOAD, begun)

    assert bucket.unfinished_uploads() == []
    with pytest.raises(NotFound):
        direct.stored(UPLOAD, begun)
    with pytest.raises(NotFound):
        direct.complete(UPLOAD, begun, PARTS)
