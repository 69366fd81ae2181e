"""Which files an argument of `legato ingest` means."""

import os
from pathlib import Path

import pytest

from legato.cli.audio_files import audio_files, shown

NAMES = [
    "b.wav", "a.FLAC", "[live].ogg", ".hidden.wav", ".trash/c.wav", "deeper/c.mp3",
    "deeper/still/d.m4a", "cover.png", "notes.txt", "no-suffix", "album.wav/e.aiff",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path


def meant(folder: Path, *arguments: str) -> list[str]:
    """Names below `folder`; in the arguments, `@` stands for it."""
    found = audio_files(argument.replace("@", str(folder)) for argument in arguments)
    return [str(path.resolve().relative_to(folder.resolve())) for path in found]


def test_a_folder_means_the_audio_below_it_in_the_order_of_names(folder: Path) -> None:
    assert meant(folder, "@") == [
        "[live].ogg", "a.FLAC", "album.wav/e.aiff", "b.wav", "deeper/c.mp3", "deeper/still/d.m4a",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("glob", "names"),
    [
        ("@/*.wav", ["album.wav/e.aiff", "b.wav"]),
        ("@/**/[cd].*", ["deeper/c.mp3", "deeper/still/d.m4a"]),
        ("@/deep*", ["deeper/c.mp3", "deeper/still/d.m4a"]),
        ("@/no*", ["no-suffix", "notes.txt"]),
    ],
)
def test_a_glob_means_what_it_matches_and_the_folders_it_matches(
    folder: Path, glob: str, names: list[str]
) -> None:
    assert meant(folder, glob) == names


@pytest.mark.parametrize("name", ["notes.txt", ".hidden.wav", "[live].ogg", "no-suffix"])
def test_a_file_that_is_named_is_meant_whatever_it_is_called(folder: Path, name: str) -> None:
    assert meant(folder, f"@/{name}") == [name]


def test_a_file_that_is_meant_twice_comes_once_at_its_first_place(folder: Path) -> None:
    (folder / "link.wav").symlink_to(folder / "b.wav")

    names = meant(folder, "@/b.wav", "@/deeper/../b.wav", "@/*.ogg", "@/link.wav", "@/[b].wav")

    assert names == ["b.wav", "[live].ogg"]


def test_what_names_nothing_stays_in_its_place(folder: Path) -> None:
    assert meant(folder, "@/b.wav", "@/absent.wav", "@/a.FLAC") == [
        "b.wav", "absent.wav", "a.FLAC",
    ]  # fmt: skip


def test_a_name_that_is_no_text_is_found_and_shown(folder: Path) -> None:
    name = os.fsdecode(os.fsencode(folder) + b"/deeper/caf\xe9.wav")
    Path(name).write_bytes(b"")

    found = list(audio_files([str(folder / "deeper")]))

    assert Path(name) in found
    assert shown(Path(name)) == f"{folder}/deeper/caf\ufffd.wav"
    assert shown("Größe.wav") == "Größe.wav"
