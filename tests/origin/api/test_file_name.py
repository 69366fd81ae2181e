"""What a file is called, whatever machine it lay on."""

import pytest

from legato.origin.api.file_name import last_part


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (r"C:\Users\Ann\song.wav", "song.wav"),
        (r"\\studio\masters\song.wav", "song.wav"),
        (r"C:\Users/Ann\song.wav", "song.wav"),
        ("/home/ann/song.wav", "song.wav"),
        ("folder/", "folder"),
        ("4:44.flac", "4:44.flac"),
        ("a b.wav", "a b.wav"),
        ("..", "unnamed"),
        (r"..\.", "unnamed"),
        ("/", "unnamed"),
        ("", "unnamed"),
        (None, "unnamed"),
    ],
)
def test_only_the_last_part_of_a_name_is_kept(said: str | None, name: str) -> None:
    assert last_part(said) == name
