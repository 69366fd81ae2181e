"""The signing keys: read, made on first use, and never shown."""

import base64
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legato.errors import BadInput, Unavailable
from legato.origin.grants.signing_keys import load_signing_keys, parse_signing_keys, read_or_make

PROCESSES = 2
OLD, NEW = bytes(range(32)), bytes(range(100, 148))
SECRET_TEXT = base64.b64encode(OLD).decode()
LOAD = """
import sys
from pathlib import Path
from legato.origin.grants.signing_keys import load_signing_keys
print("ready", flush=True)
sys.stdin.readline()
print(load_signing_keys(None, Path(sys.argv[1])).newest[1].hex())
"""


def written(key_id: str, secret: bytes) -> str:
    return f"{key_id}:{base64.b64encode(secret).decode()}"


def test_keys_are_read_newest_first() -> None:
    keys = parse_signing_keys(f"{written('k2', NEW)},{written('k1', OLD)}")

    assert keys.newest == ("k2", NEW)
    assert dict(keys.by_id) == {"k2": NEW, "k1": OLD}


def test_space_around_keys_is_nothing() -> None:
    keys = parse_signing_keys(f"  {written('k2', NEW)} ,\n{written('k1', OLD)}\n")

    assert list(keys.by_id) == ["k2", "k1"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 1),
        ("k1", 1),
        (SECRET_TEXT, 1),
        (f":{SECRET_TEXT}", 1),
        (f"k 1:{SECRET_TEXT}", 1),
        (f"k.1:{SECRET_TEXT}", 1),
        (f"{'k' * 33}:{SECRET_TEXT}", 1),
        (f"k1:{SECRET_TEXT[:-1]}", 1),
        (f"k1:{SECRET_TEXT[:-4]}!!!!", 1),
        (f"k1:{SECRET_TEXT}é", 1),
        (f"k1:{base64.b64encode(OLD[:31]).decode()}", 1),
        (f"k1:{SECRET_TEXT},", 2),
        (f"k1:{SECRET_TEXT},k2:{SECRET_TEXT[:20]}", 2),
        (f"k1:{SECRET_TEXT},k1:{SECRET_TEXT}", 2),
    ],
)
def test_a_key_that_cannot_be_read_is_named_by_its_place_and_never_shown(
    text: str, number: int
) -> None:
    with pytest.raises(BadInput) as refused:
        parse_signing_keys(text)

    assert f"LEGATO_SIGNING_KEYS, key {number}: expected " in refused.value.message
    assert_no_secret_in(repr(refused.value) + refused.value.message)
    assert refused.value.__cause__ is None


@given(st.text("k1:,=+/A é\n\0", max_size=80))
def test_any_other_text_is_refused_in_our_own_words(text: str) -> None:
    with pytest.raises(BadInput, match=r"^LEGATO_SIGNING_KEYS, key 1: expected "):
        parse_signing_keys(text)


def test_keys_do_not_show_themselves() -> None:
    keys = parse_signing_keys(f"k1:{SECRET_TEXT}")

    assert_no_secret_in(f"{keys} {keys!r}")


def assert_no_secret_in(shown: str) -> None:
    for start in range(len(SECRET_TEXT) - 8):
        assert SECRET_TEXT[start : start + 8] not in shown
    assert repr(OLD)[2:20] not in shown


def test_a_key_is_made_on_first_use_and_kept(tmp_path: Path) -> None:
    made = load_signing_keys(None, tmp_path / "keys")

    key_id, secret = made.newest
    assert (key_id, len(secret)) == ("k1", 32)
    assert load_signing_keys(None, tmp_path / "keys").newest == (key_id, secret)


def test_two_deployments_make_two_keys(tmp_path: Path) -> None:
    one, other = (load_signing_keys(None, tmp_path / name) for name in ("one", "other"))

    assert one.newest[1] != other.newest[1]


def test_keys_that_are_set_go_before_those_in_the_folder(tmp_path: Path) -> None:
    load_signing_keys(None, tmp_path)

    assert load_signing_keys(written("k9", NEW), tmp_path).newest == ("k9", NEW)


def test_keys_that_are_set_make_no_file(tmp_path: Path) -> None:
    load_signing_keys(written("k9", NEW), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_may_read_the_keys(tmp_path: Path) -> None:
    load_signing_keys(None, tmp_path / "keys")

    [file] = (tmp_path / "keys").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o077 == 0


def test_a_file_that_is_there_is_read_and_not_written(tmp_path: Path) -> None:
    path = tmp_path / "page-key"
    path.write_text("an older one\n")

    assert read_or_make(path, "a newer one\n") == "an older one\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_made_is_said_in_our_own_words(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("where a folder should be")

    with pytest.raises(Unavailable, match="a file/keys/signing-keys: "):
        load_signing_keys(None, tmp_path / "a file" / "keys")


def test_two_processes_at_once_make_one_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOAD, str(tmp_path / "keys")]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    secrets = {process.communicate("now\n", timeout=30)[0] for process in start_all(processes)}

    assert secrets == {load_signing_keys(None, tmp_path / "keys").newest[1].hex() + "\n"}
    assert len(list((tmp_path / "keys").iterdir())) == 1


def start_all(processes: list["subprocess.Popen[str]"]) -> list["subprocess.Popen[str]"]:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("now\n")
        process.stdin.flush()
    return processes
