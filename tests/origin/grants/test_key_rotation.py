"""Rotation: nothing that was signed stops being good before its key is dropped."""

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from legato.errors import BadInput
from legato.origin.grants import key_rotation
from legato.origin.grants.key_rotation import (
    KeyRole,
    change_key_file,
    drop,
    roles,
    rotate,
    stage,
    staged_key,
)
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
from functools import partial
from pathlib import Path
from legato.origin.grants.key_rotation import change_key_file, rotate
for _ in range({ROTATIONS}):
    change_key_file(Path(sys.argv[1]), partial(rotate, now=True))
"""
SOMEBODY = 12_345 if os.geteuid() == 0 else os.geteuid()
rotate_now = partial(rotate, now=True)


def keys(*key_ids: str) -> SigningKeys:
    return SigningKeys(by_id={one: one.encode().ljust(32, b".") for one in key_ids})


def shown(found: SigningKeys) -> str:
    """Every key and its role; those that were made now are called by their stem."""
    named = (f"{re.sub('[0-9]{17}$', '+', one)}:{role}" for one, role in roles(found).items())
    return " ".join(named)


def test_a_new_key_signs_and_the_old_one_verifies() -> None:
    before = keys("k1")

    after = rotate(before, now=True)

    assert shown(after) == "k+:signs k1:verifies"
    assert after.by_id["k1"] == before.by_id["k1"]
    assert len(after.newest[1]) == 32


def test_a_staged_key_verifies_and_signs_after_the_next_rotation() -> None:
    staged = stage(keys("k2", "k1"))
    assert shown(staged) == "k2:signs k1:verifies k+:staged"

    promoted = rotate(staged)

    assert shown(promoted) == "k+:signs k2:verifies k1:verifies"
    assert promoted.by_id == staged.by_id


def test_a_key_that_no_edge_has_signs_only_where_that_is_said() -> None:
    once = rotate(stage(keys("k1")))

    with pytest.raises(BadInput, match="found no staged key") as refused:
        rotate(once)

    assert refused.value.code == "none_staged"
    assert shown(rotate(once, now=True)) == "k+:signs k+:verifies k1:verifies"


def test_one_key_is_staged_at_a_time() -> None:
    with pytest.raises(BadInput, match=r"key k[0-9]{17} is staged"):
        stage(stage(keys("k1")))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("main",), "main:signs main+:staged"),
        (("2026-01",), "2026-01:signs 2026-+:staged"),
        (("main", "k1"), "main:signs k1:verifies main+:staged"),
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


def test_no_id_comes_back_with_another_secret() -> None:
    """Also where the newest key was dropped, and in the millisecond in which it was made."""
    before, seen = keys("k1"), set()
    for _ in range(3):
        staged = stage(before)
        seen.add(staged_key(staged))
        assert shown(drop(staged, staged_key(staged) or "")) == "k1:signs"
        last = staged_key(staged)
        while staged_key(stage(before)) == last:  # the clock has stood still
            pass

    assert len(seen) == 3
    rotated = keys("k1")
    for _ in range(20):
        rotated = rotate(rotated, now=True)
    assert len(rotated.by_id) == 21


def test_an_id_that_would_be_too_long_is_refused_in_words() -> None:
    with pytest.raises(BadInput, match="expected a shorter kid") as refused:
        rotate(keys("k" * 32), now=True)

    assert refused.value.code == "long_key_id"
    assert len(rotate(keys("k" * 15), now=True).newest[0]) == 32


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
    made = change_key_file(folder, stage)

    assert load_signing_keys(None, folder) == made
    [file] = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_file_stays_its_owners_whoever_rotates(tmp_path: Path) -> None:
    """Root who rotates must not lock the server out."""
    load_signing_keys(None, tmp_path)
    file = tmp_path / "signing-keys"
    os.chown(file, SOMEBODY, -1)
    file.chmod(0o640)

    change_key_file(tmp_path, stage)

    assert (file.stat().st_uid, file.stat().st_mode & 0o777) == (SOMEBODY, 0o640)


def test_a_file_that_stands_elsewhere_is_changed_there(tmp_path: Path) -> None:
    shared, folder = tmp_path / "shared", tmp_path / "keys"
    load_signing_keys(None, shared)
    folder.mkdir()
    (folder / "signing-keys").symlink_to(shared / "signing-keys")

    made = change_key_file(folder, stage)

    assert (folder / "signing-keys").is_symlink()
    assert load_signing_keys(None, shared) == load_signing_keys(None, folder) == made


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

    found = load_signing_keys(None, tmp_path)
    assert len(found.by_id) == 1 + PROCESSES * ROTATIONS
    assert list(roles(found).values()) == [KeyRole.SIGNS] + [KeyRole.VERIFIES] * 12


def test_a_ring_follows_its_file_and_nothing_else(tmp_path: Path) -> None:
    ring = KeyRing(None, tmp_path)
    while ring.reload():  # the file was made after it was looked for
        pass
    before = ring()
    assert not ring.reload()
    assert ring() is before

    made = change_key_file(tmp_path, rotate_now)

    assert ring.reload()
    assert ring() == made


def test_a_ring_whose_file_cannot_be_read_keeps_its_keys(tmp_path: Path) -> None:
    change_key_file(tmp_path, stage)
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

    key_rotation.change_key_file(tmp_path, rotate_now)

    assert not ring.reload()
    assert list(ring().by_id) == ["k9"]
