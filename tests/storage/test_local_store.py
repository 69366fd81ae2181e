"""What is particular to a folder as object store."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from legato.errors import BadInput, Corrupt, Unavailable
from legato.storage.local import LocalStore
from legato.storage.open_store import open_store

KEY = "audio/ab12/aac-96.mp4"
MP4 = "audio/mp4"
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a file system of its own on every Linux


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_object_is_the_file_that_its_key_names(tmp_path: Path) -> None:
    LocalStore(tmp_path).put(KEY, b"sound", media_type=MP4)

    assert (tmp_path / KEY).read_bytes() == b"sound"


def test_nothing_but_the_object_is_left_of_a_put(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "objects")

    store.put(KEY, b"sound", media_type=MP4)
    store.put(KEY, b"sound", media_type=MP4)

    assert files_below(tmp_path / "objects") == [KEY]


def test_nothing_is_left_of_a_put_that_was_refused(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "objects")
    store.put(KEY, b"sound", media_type=MP4)

    with pytest.raises(Corrupt):
        store.put(KEY, b"noise", media_type=MP4)

    assert files_below(tmp_path / "objects") == [KEY]


def test_a_file_from_another_file_system_is_taken_over(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "objects")
    with TemporaryDirectory(dir=IN_MEMORY) as elsewhere:
        path = Path(elsewhere) / "packaged"
        path.write_bytes(b"sound" * 100_000)
        assert path.stat().st_dev != tmp_path.stat().st_dev

        store.put_file(KEY, path, media_type=MP4)

        assert not path.exists()
    assert store.read(KEY) == b"sound" * 100_000
    assert files_below(tmp_path / "objects") == [KEY]


def test_a_file_from_another_file_system_is_refused_without_a_trace(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "objects")
    store.put(KEY, b"sound", media_type=MP4)
    with TemporaryDirectory(dir=IN_MEMORY) as elsewhere:
        path = Path(elsewhere) / "packaged"
        path.write_bytes(b"noise")

        with pytest.raises(Corrupt):
            store.put_file(KEY, path, media_type=MP4)

    assert files_below(tmp_path / "objects") == [KEY]


def test_objects_in_the_making_cannot_be_addressed(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        LocalStore(tmp_path).read(".incoming/1234")


def test_a_deleted_assets_folder_goes_with_its_last_object(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("audio/ab12/one", b"1", media_type=MP4)
    store.put("audio/ab12/two", b"2", media_type=MP4)

    store.delete("audio/ab12/one")
    assert (tmp_path / "audio" / "ab12").is_dir()
    store.delete("audio/ab12/two")

    assert not (tmp_path / "audio" / "ab12").exists()


def test_a_store_where_no_folder_can_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file where the folder should be")

    with pytest.raises(Unavailable) as refused:
        LocalStore(tmp_path / "objects").put(KEY, b"sound", media_type=MP4)

    assert refused.value.code == "store_unavailable"


def test_a_url_opens_the_folder_that_it_names(tmp_path: Path) -> None:
    folder = tmp_path / "a folder with spaces, 100% Größe"

    open_store(folder.as_uri()).put(KEY, b"sound", media_type=MP4)

    assert (folder / KEY).read_bytes() == b"sound"


def test_opening_a_store_touches_nothing(tmp_path: Path) -> None:
    open_store((tmp_path / "objects").as_uri())

    assert os.listdir(tmp_path) == []  # noqa: PTH208 - the names alone


@pytest.mark.parametrize("url", ["gopher://hole", "/a/folder", "file://elsewhere/folder", ""])
def test_a_store_that_we_do_not_speak_is_refused_by_its_setting(url: str) -> None:
    with pytest.raises(BadInput, match=r"LEGATO_STORE: found .*, expected file:///a/folder"):
        open_store(url)
