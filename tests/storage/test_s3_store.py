"""What is particular to a bucket as object store: what is stored, what is asked, who may."""

import os
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from legato.errors import BadInput, Corrupt, Unavailable
from legato.storage.object_store import ObjectStore
from legato.storage.open_store import open_store
from legato.storage.s3 import S3Store
from tests.running import free_port
from tests.servers.meddling_proxy import MeddlingProxy
from tests.servers.seaweedfs import SeaweedServer
from tests.storage.bucket import Bucket

KEY = "audio/ab12/vorbis-160.ogg"
BODY = bytes(range(256)) * 400
OGG = "audio/ogg"
NOBODY = f"http://127.0.0.1:{free_port()}"


def opened(monkeypatch: pytest.MonkeyPatch, env: Mapping[str, str], url: str) -> ObjectStore:
    """A store as legato opens it, with these of AWS's variables."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    return open_store(url)


def test_an_object_lies_under_the_prefix_with_what_a_cdn_must_know(
    s3: S3Store, bucket: Bucket
) -> None:
    s3.put(KEY, BODY, media_type=OGG)

    head = bucket.head(KEY)
    assert head["ContentType"] == OGG
    assert head["CacheControl"] == "public, max-age=31536000, immutable"


def test_what_is_not_delivered_is_not_for_caches(s3: S3Store, bucket: Bucket) -> None:
    s3.put("masters/ab/ab12", BODY, media_type="application/octet-stream")

    assert "CacheControl" not in bucket.head("masters/ab/ab12")


def test_a_url_opens_the_bucket_and_prefix_that_it_names(
    seaweed: SeaweedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = seaweed.new_bucket()
    opened(monkeypatch, seaweed.env, f"{url}/deep%20down/here/").put(KEY, BODY, media_type=OGG)
    opened(monkeypatch, seaweed.env, url).put(KEY, b"others", media_type=OGG)

    assert opened(monkeypatch, seaweed.env, f"{url}/deep down/here").read(KEY) == BODY
    assert opened(monkeypatch, seaweed.env, f"{url}/").read(KEY) == b"others"


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "s3://Bucket", "s3://b", "s3://a/../b"])
def test_a_url_that_names_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        open_store(url)


def test_a_read_fetches_just_the_range(through_proxy: S3Store, proxy: MeddlingProxy) -> None:
    through_proxy.put(KEY, BODY, media_type=OGG)
    proxy.exchanges.clear()

    assert through_proxy.read(KEY, 1000, 500) == BODY[1000:1500]

    [asked] = proxy.exchanges
    assert (asked.method, asked.headers["range"]) == ("GET", "bytes=1000-1499")
    assert asked.answer == BODY[1000:1500]


def test_the_size_costs_one_byte(through_proxy: S3Store, proxy: MeddlingProxy) -> None:
    through_proxy.put(KEY, BODY, media_type=OGG)
    proxy.exchanges.clear()

    assert through_proxy.size(KEY) == len(BODY)
    assert [len(asked.answer) for asked in proxy.exchanges] == [1]


def test_thirty_two_threads_read_at_once(s3: S3Store) -> None:
    s3.put(KEY, BODY, media_type=OGG)

    with ThreadPoolExecutor(32) as executor:
        read = executor.map(lambda at: s3.read(KEY, at, 1000) == BODY[at : at + 1000], range(512))

    assert all(read)


def test_objects_that_somebody_else_has_put_are_compared_by_their_bytes(
    s3: S3Store, bucket: Bucket
) -> None:
    bucket.put(KEY, BODY)

    s3.put(KEY, BODY, media_type=OGG)
    with pytest.raises(Corrupt) as refused:
        s3.put(KEY, BODY[::-1], media_type=OGG)

    assert refused.value.code == "key_taken"


def test_a_local_copy_is_gone_after_use(s3: S3Store, tmp_path: Path) -> None:
    s3.put(KEY, BODY, media_type=OGG)

    with s3.local_copy(KEY) as path:
        assert path.parent == tmp_path / "scratch"

    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_local_copy_that_a_killed_process_left_goes_with_the_next(
    s3: S3Store,
) -> None:
    s3.put(KEY, BODY, media_type=OGG)
    with s3.local_copy(KEY) as in_use:
        left = in_use.with_name("legato-copy-of-the-dead")
        left.write_bytes(BODY)
        for path in (left, in_use):
            os.utime(path, (0, 0))

        with s3.local_copy(KEY):
            assert not left.exists()

        assert in_use.read_bytes() == BODY


def test_a_scratch_folder_that_cannot_be_made_is_said(s3: S3Store, tmp_path: Path) -> None:
    s3.put(KEY, BODY, media_type=OGG)
    (tmp_path / "scratch").write_text("a file where the folder should be")

    with pytest.raises(Unavailable, match="scratch: File exists"), s3.local_copy(KEY):
        pytest.fail("there is nowhere to copy it to")


def test_who_may_only_read_reads_and_is_told_what_a_put_needs(
    s3: S3Store, seaweed: SeaweedServer, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put(KEY, BODY, media_type=OGG)
    url = f"s3://{bucket.name}/{bucket.prefix}"
    reader = opened(monkeypatch, seaweed.read_only_env, url)

    assert reader.read(KEY, 5, 5) == BODY[5:10]
    with pytest.raises(Unavailable, match=r"answers AccessDenied: .*s3:PutObject"):
        reader.put("other", BODY, media_type=OGG)
    with pytest.raises(Unavailable, match=r"answers AccessDenied: .*s3:DeleteObject"):
        reader.delete(KEY)
    assert s3.read(KEY) == BODY


ASKED: Mapping[str, Callable[[ObjectStore], object]] = {
    "read": lambda store: store.read(KEY),
    "size": lambda store: store.size(KEY),
    "put": lambda store: store.put(KEY, BODY, media_type=OGG),
    "delete": lambda store: store.delete(KEY),
}


@pytest.mark.parametrize("asked", ASKED)
def test_a_bucket_that_is_not_there_is_said(
    asked: str, seaweed: SeaweedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(monkeypatch, seaweed.env, "s3://no-such-bucket/prefix")

    with pytest.raises(Unavailable, match=r"'no-such-bucket' answers NoSuchBucket: make the buck"):
        ASKED[asked](store)


@pytest.mark.parametrize(
    ("wrong", "check"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "not-the-secret"}, "AWS_SECRET_ACCESS_KEY"),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "AWS_ACCESS_KEY_ID"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "NoCredentialsError: check AWS_"),
        ({"AWS_PROFILE": "of nobody"}, "ProfileNotFound: check AWS_"),
        ({"AWS_ENDPOINT_URL": NOBODY}, "AWS_ENDPOINT_URL and the network"),
    ],
)
def test_what_to_check_is_said_and_no_secret(
    wrong: dict[str, str], check: str, seaweed: SeaweedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = seaweed.new_bucket()
    env = {name: value for name, value in {**seaweed.env, **wrong}.items() if value}
    store = opened(monkeypatch, env, bucket)

    for asked in ("read", "put"):
        with pytest.raises(Unavailable) as refused:
            ASKED[asked](store)
        assert refused.value.code == "store_unavailable"
        assert check in refused.value.message
        told = "".join(traceback.format_exception(refused.value))
        assert env.get("AWS_SECRET_ACCESS_KEY", "not there") not in told


def test_an_endpoint_that_is_no_address_is_a_bad_setting(
    seaweed: SeaweedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(monkeypatch, {**seaweed.env, "AWS_ENDPOINT_URL": "nowhere"}, "s3://bucket")

    with pytest.raises(BadInput, match="AWS_ENDPOINT_URL"):
        store.read(KEY)
