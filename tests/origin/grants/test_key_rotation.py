"""Rotation: nothing that was signed stops being good before its key is dropped."""

import subprocess
import sys
from pathlib import Path

import pytest

from legato.errors import BadInput
from legato.origin.grants import key_rotation
from legato.origin.grants.key_rotation import change_key_file, drop, roles, rotate, stage
from legato.origin.grants.signing_keys import (
    KeyRing,
    SigningKeys,
    format_signing_keys,
    load_signing_keys,
    parse_signing_keys,
)

PROCESSES, ROTATIONS = 3, 4
ROTATE = f"""
import sys
from pathlib import Path
from legato.origin.grants.key_rotation import change_key_file, rotate
for _ in range({ROTATIONS}):
    change_key_file(Path(sys.argv[1]), rotate)
"""


def keys(*key_ids: str) -> SigningKeys:
    return SigningKeys(by_id={one: one.encode().ljust(32, b".") for one in key_ids})


def shown(found: SigningKeys) -> str:
    return " ".join(f"{key_id}:{role}" for key_id, role in roles(found).items())


def test_a_new_key_signs_and_the_old_one_verifies() -> None:
    before = keys("k1")

    after = rotate(before)

    assert shown(after) == "k2:signs k1:verifies"
    assert after.by_id["k1"] == before.by_id["k1"]
    assert len(after.newest[1]) == 32


def test_a_staged_key_verifies_and_signs_after_the_next_rotation() -> None:
    staged = stage(keys("k2", "k1"))
    assert shown(staged) == "k2:signs k1:verifies k3:staged"

    promoted = rotate(staged)

    assert shown(promoted) == "k3:signs k2:verifies k1:verifies"
    assert promoted.by_id == staged.by_id
    assert shown(rotate(promoted)) == "k4:signs k3:verifies k2:verifies k1:verifies"


def test_one_key_is_staged_at_a_time() -> None:
    with pytest.raises(BadInput, match="key k2 is staged"):
        stage(stage(keys("k1")))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("main",), "main:signs main2:staged"),
        (("2026-01",), "2026-01:signs 2026-2:staged"),
        (("main", "k1"), "main:signs k1:verifies main2:staged"),
        (("k1", "k10"), None),
    ],
)
def test_a_key_is_staged_in_the_series_of_the_one_that_signs(
    before: tuple[str, ...], after: str | None
) -> None:
    if after is None:
        with pytest.raises(BadInput, match="key k10 is staged"):
            stage(keys(*before))
    else:
        assert shown(stage(keys(*before))) == after


def test_a_key_is_dropped_but_never_the_one_that_signs() -> None:
    assert shown(drop(keys("k2", "k1"), "k1")) == "k2:signs"
    with pytest.raises(BadInput, match="k2 signs: rotate first"):
        drop(keys("k2", "k1"), "k2")
    with pytest.raises(BadInput, match="found none of that id, only k2, k1"):
        drop(keys("k2", "k1"), "k7")


def test_keys_are_written_as_they_are_read() -> None:
    written = format_signing_keys(keys("k2", "k1", "k3"))

    assert list(parse_signing_keys(written).by_id.items()) == list(
        keys("k2", "k1", "k3").by_id.items()
    )


def test_the_file_is_replaced_whole_and_is_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    made = change_key_file(folder, rotate)

    assert load_signing_keys(None, folder) == made
    [file] = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_change_that_is_refused_leaves_the_file(tmp_path: Path) -> None:
    before = load_signing_keys(None, tmp_path)

    with pytest.raises(BadInput):
        change_key_file(tmp_path, lambda found: drop(found, "k1"))
    with pytest.raises(BadInput, match="signing-keys, key 1: expected"):
        change_key_file(tmp_path, lambda _: SigningKeys(by_id={"k" * 33: bytes(32)}))

    assert load_signing_keys(None, tmp_path) == before
    assert len(list(tmp_path.iterdir())) == 1


def test_of_rotations_at_once_none_is_lost(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ROTATE, str(tmp_path)]
    for process in [subprocess.Popen(command) for _ in range(PROCESSES)]:
        assert process.wait(60) == 0

    assert len(load_signing_keys(None, tmp_path).by_id) == 1 + PROCESSES * ROTATIONS


def test_a_ring_follows_its_file_and_nothing_else(tmp_path: Path) -> None:
    ring = KeyRing(None, tmp_path)
    while ring.reload():  # the file was made after it was looked for
        pass
    before = ring()
    assert not ring.reload()
    assert ring() is before

    change_key_file(tmp_path, rotate)

    assert ring.reload()
    assert list(ring().by_id) == ["k2", "k1"]


def test_a_ring_whose_file_cannot_be_read_keeps_its_keys(tmp_path: Path) -> None:
    change_key_file(tmp_path, rotate)
    ring = KeyRing(None, tmp_path)
    before = ring()

    (tmp_path / "signing-keys").write_text("k9:short\n")
    with pytest.raises(BadInput, match="signing-keys, key 1: expected"):
        ring.reload()
    assert ring() is before

    (tmp_path / "signing-keys").unlink()
    assert not ring.reload()
    assert ring() is before


def test_keys_that_are_set_follow_no_file(tmp_path: Path) -> None:
    ring = KeyRing(format_signing_keys(keys("k9")), tmp_path)

    key_rotation.change_key_file(tmp_path, rotate)

    assert not ring.reload()
    assert list(ring().by_id) == ["k9"]
