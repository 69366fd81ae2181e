"""What the object store port promises, asked of every adapter."""

import os
import time
from pathlib import Path

import pytest

from legato.errors import BadInput, Corrupt, NotFound
from legato.storage.object_store import ObjectStore

KEY = "audio/ab12/vorbis-160.ogg"
BODY = bytes(range(256)) * 5
OGG = "audio/ogg"
# A server of its own has whole seconds.
CLOCKS_APART_S = 1.5


def file_with(folder: Path, body: bytes) -> Path:
    path = folder / "a file of the caller's own"
    path.write_bytes(body)
    return path


def test_what_is_put_is_read(store: ObjectStore) -> None:
    store.put(KEY, BODY, media_type=OGG)

    assert store.read(KEY) == BODY
    assert store.size(KEY) == len(BODY)


def test_a_file_is_taken_over_with_all_its_bytes(store: ObjectStore, tmp_path: Path) -> None:
    path = file_with(tmp_path, BODY)

    store.put_file(KEY, path, media_type=OGG)

    assert store.read(KEY) == BODY
    assert not path.exists()


def test_an_empty_object_is_an_object(store: ObjectStore) -> None:
    store.put(KEY, b"", media_type=OGG)

    assert store.size(KEY) == 0
    assert store.read(KEY) == b""


def test_objects_do_not_see_each_other(store: ObjectStore) -> None:
    store.put("audio/a/one.ogg", b"one", media_type=OGG)
    store.put("audio/a/two.ogg", b"two", media_type=OGG)

    assert store.read("audio/a/one.ogg") == b"one"
    assert store.read("audio/a/two.ogg") == b"two"


def test_the_same_bytes_again_change_nothing(store: ObjectStore, tmp_path: Path) -> None:
    path = file_with(tmp_path, BODY)
    store.put(KEY, BODY, media_type=OGG)

    store.put(KEY, BODY, media_type=OGG)
    store.put_file(KEY, path, media_type=OGG)

    assert store.read(KEY) == BODY
    assert not path.exists()


@pytest.mark.parametrize(
    "other",
    [BODY[:-1], BODY + b"\0", BODY[:-1] + b"\0", b"\xff" + BODY[1:], b""],
    ids=["shorter", "longer", "other-end", "other-start", "empty"],
)
def test_other_bytes_at_a_taken_key_are_refused(
    store: ObjectStore, tmp_path: Path, other: bytes
) -> None:
    store.put(KEY, BODY, media_type=OGG)

    with pytest.raises(Corrupt) as of_bytes:
        store.put(KEY, other, media_type=OGG)
    with pytest.raises(Corrupt) as of_file:
        store.put_file(KEY, file_with(tmp_path, other), media_type=OGG)

    assert of_bytes.value.code == of_file.value.code == "key_taken"
    assert store.read(KEY) == BODY


@pytest.mark.parametrize(
    ("offset", "size", "expected"),
    [
        (0, 3, BODY[:3]),
        (5, 1, BODY[5:6]),
        (7, 0, b""),
        (200, None, BODY[200:]),
        (len(BODY) - 2, 2, BODY[-2:]),
        (len(BODY) - 2, 3, BODY[-2:]),
        (len(BODY), 1, b""),
        (len(BODY) + 10, 4, b""),
        (len(BODY) + 10, None, b""),
        (0, 10**12, BODY),
    ],
)
def test_a_range_is_read_as_far_as_there_are_bytes(
    store: ObjectStore, offset: int, size: int | None, expected: bytes
) -> None:
    store.put(KEY, BODY, media_type=OGG)

    assert store.read(KEY, offset, size) == expected


def test_a_local_copy_has_the_objects_bytes(store: ObjectStore) -> None:
    store.put(KEY, BODY, media_type=OGG)

    with store.local_copy(KEY) as path:
        assert path.read_bytes() == BODY

    assert store.read(KEY) == BODY


def test_a_deleted_object_is_gone_and_its_key_is_free(store: ObjectStore) -> None:
    store.put(KEY, BODY, media_type=OGG)

    store.delete(KEY)

    with pytest.raises(NotFound):
        store.read(KEY)
    store.put(KEY, b"others", media_type=OGG)
    assert store.read(KEY) == b"others"


def test_deleting_leaves_the_neighbours(store: ObjectStore) -> None:
    store.put("audio/a/one.ogg", b"one", media_type=OGG)
    store.put("audio/a/two.ogg", b"two", media_type=OGG)

    store.delete("audio/a/one.ogg")

    assert store.read("audio/a/two.ogg") == b"two"


KEYS = ["audio/a/one", "audio/a/two", "audio/ab/one", "masters/a", "masters/ab"]


def keys(store: ObjectStore, prefix: str, after: str = "") -> list[str]:
    return [found.key for found in store.list(prefix, after)]


@pytest.mark.parametrize(
    ("prefix", "after", "expected"),
    [
        ("", "", KEYS),
        ("audio/", "", KEYS[:3]),
        ("audio/a", "", KEYS[:3]),
        ("audio/a/", "", KEYS[:2]),
        ("masters/a", "", KEYS[3:]),
        ("masters/ab", "", KEYS[4:]),
        ("nothing/", "", []),
        ("audio/a/one/deeper", "", []),
        ("", "audio/a/one", KEYS[1:]),
        ("audio/", "audio/a/two", KEYS[2:3]),
        ("audio/", "audio/aa", KEYS[2:3]),
        ("audio/a/", "masters/a", []),
    ],
)
def test_what_begins_with_a_prefix_is_listed_in_the_order_of_keys(
    store: ObjectStore, prefix: str, after: str, expected: list[str]
) -> None:
    for key in reversed(KEYS):
        store.put(key, BODY, media_type=OGG)

    assert keys(store, prefix, after) == expected


def test_an_object_is_listed_with_its_size_and_when_it_was_put(
    store: ObjectStore, tmp_path: Path
) -> None:
    path = file_with(tmp_path, BODY)
    os.utime(path, (0, 0))  # it arrived long ago
    before_s = time.time()

    store.put_file(KEY, path, media_type=OGG)

    [found] = store.list("audio/")
    assert (found.key, found.size_bytes) == (KEY, len(BODY))
    assert before_s - CLOCKS_APART_S <= found.modified_at_s <= time.time() + CLOCKS_APART_S


def test_what_is_deleted_while_it_is_listed_costs_the_others_nothing(store: ObjectStore) -> None:
    for key in KEYS:
        store.put(key, BODY, media_type=OGG)

    listed = []
    for found in store.list(""):
        listed.append(found.key)
        store.delete(found.key)

    assert listed == KEYS
    assert keys(store, "") == []


def test_a_store_of_nothing_lists_nothing(store: ObjectStore) -> None:
    assert keys(store, "") == []


# No object stands at any of these: nothing near, what other keys begin with, below an object.
ABSENT = ["no/such/thing", "audio", "audio/ab12", f"{KEY}/deeper"]


@pytest.mark.parametrize("key", ABSENT)
def test_deleting_what_is_not_there_is_nothing(store: ObjectStore, key: str) -> None:
    store.put(KEY, BODY, media_type=OGG)

    store.delete(key)

    assert store.read(KEY) == BODY


@pytest.mark.parametrize("key", ABSENT)
def test_what_is_not_there_is_not_found(store: ObjectStore, key: str) -> None:
    store.put(KEY, BODY, media_type=OGG)

    with pytest.raises(NotFound, match=key):
        store.read(key)
    with pytest.raises(NotFound, match=key):
        store.size(key)
    with pytest.raises(NotFound, match=key), store.local_copy(key):
        pytest.fail("there is no copy of nothing")


@pytest.mark.parametrize("key", ["", ".", "/etc/passwd", "../secret", "audio/../../secret", "a/.."])
def test_a_key_that_leads_out_of_the_store_is_refused(
    store: ObjectStore, tmp_path: Path, key: str
) -> None:
    (tmp_path / "secret").write_text("not an object")
    path = file_with(tmp_path, BODY)

    with pytest.raises(BadInput, match="expected a relative path"):
        store.put(key, BODY, media_type=OGG)
    with pytest.raises(BadInput):
        store.put_file(key, path, media_type=OGG)
    with pytest.raises(BadInput):
        store.read(key)
    with pytest.raises(BadInput):
        store.size(key)
    with pytest.raises(BadInput):
        store.delete(key)
    with pytest.raises(BadInput), store.local_copy(key):
        pytest.fail("there is no copy of what is no object")

    assert path.read_bytes() == BODY
