"""Title, artist and ISRC out of every container's own tags."""
# mutagen says that it is typed, but most of its functions are not
# mypy: disallow-untyped-calls=False

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutagen
import pytest
from mutagen.id3 import ID3, TIT2, TPE1, TSRC
from mutagen.wave import WAVE

from fixtures.cover import draw_cover
from fixtures.tags import Tags, write_tags
from legato.catalog.tracks import Metadata
from legato.ingest.tag_formats.parse import parse_tags
from legato.ingest.tags import metadata_of, read_tags
from tests.ingest.bytes_changed import each_byte_changed

EdgeCase = Callable[[str], Path]
TAGS = Tags(
    title="Étude, seen again", artist="The House Ensemble", album="Joined Notes", track=1,
    tracks=2, year=2025, licence="CC0-1.0", cover=draw_cover(0.1, 16),
)  # fmt: skip
SOURCES = {
    ".flac": "0.4-seconds.flac",
    ".mp3": "same-lossy-1.mp3",
    ".m4a": "same-lossy-1.m4a",
    ".ogg": "same-lossy-1.ogg",
    ".wav": "one-sample.wav",
    ".aiff": "same-recording.aiff",
}
every_suffix = pytest.mark.parametrize("suffix", SOURCES)


def read_metadata(path: Path, *, name: str, artist: str | None = None) -> Metadata:
    return metadata_of(read_tags(path), name=name, artist=artist)


def tagged(suffix: str, edge_case: EdgeCase, path: Path) -> Path:
    path.write_bytes(edge_case(SOURCES[suffix]).read_bytes())
    write_tags(path, TAGS, suffix)
    return path


@every_suffix
@pytest.mark.parametrize("named", [True, False], ids=["by its name", "as it is spooled"])
def test_title_and_artist_are_read_from_every_container(
    suffix: str, named: bool, edge_case: EdgeCase, tmp_path: Path
) -> None:
    path = tagged(suffix, edge_case, tmp_path / (f"x{suffix}" if named else "upload-0123456789"))
    assert read_metadata(path, name="file.bin") == Metadata(
        title="Étude, seen again", artist="The House Ensemble"
    )


@every_suffix
def test_an_isrc_is_read_where_the_container_has_a_place_for_one(
    suffix: str, edge_case: EdgeCase, tmp_path: Path
) -> None:
    path = tagged(suffix, edge_case, tmp_path / f"x{suffix}")
    file: Any = mutagen.File(path)
    if suffix in {".flac", ".ogg"}:
        file["ISRC"] = "DEA123456789"
    elif suffix != ".m4a":
        file.tags.add(TSRC(encoding=3, text=["DEA123456789"]))
    file.save()
    found = read_metadata(path, name="x").isrc
    assert found == (None if suffix == ".m4a" else "DEA123456789")


@pytest.mark.parametrize("name", ["same-recording.flac", "one-sample.wav", "empty.wav",
                                  "not-audio.flac", "picture-as-audio.mp3", "truncated.m4a",
                                  "header-only.wav"])  # fmt: skip
def test_where_no_title_can_be_read_the_file_name_is_one(name: str, edge_case: EdgeCase) -> None:
    found = read_metadata(edge_case(name), name="03 Market Street.final.aiff")
    assert found == Metadata(title="03 Market Street.final", artist="Unknown artist")


def test_the_artist_that_is_given_goes_before_the_tags(edge_case: EdgeCase, tmp_path: Path) -> None:
    path = tagged(".flac", edge_case, tmp_path / "x.flac")
    found = read_metadata(path, name="x", artist="Somebody Else")
    assert (found.artist, found.title) == ("Somebody Else", TAGS.title)
    assert read_metadata(path, name="x", artist="").artist == TAGS.artist


def with_id3(path: Path, edge_case: EdgeCase, *frames: Any) -> Path:
    path.write_bytes(edge_case("one-sample.wav").read_bytes())
    file: Any = WAVE(path)
    file.add_tags()
    for frame in frames:
        file.tags.add(frame)
    file.save()
    return path


def test_of_several_artists_the_first_is_named_in_every_container(
    edge_case: EdgeCase, tmp_path: Path
) -> None:
    names = ["First", "Second"]
    wav = with_id3(tmp_path / "x.wav", edge_case, TPE1(encoding=3, text=names))
    flac = tagged(".flac", edge_case, tmp_path / "x.flac")
    file: Any = mutagen.File(flac)
    file["artist"] = names
    file.save()
    mp3 = tagged(".mp3", edge_case, tmp_path / "x.mp3")
    id3: Any = ID3(mp3)
    id3.add(TPE1(encoding=3, text=names))
    id3.save(mp3)
    assert {read_metadata(path, name="x").artist for path in (wav, flac, mp3)} == {"First"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", "name"),
        ("   ", "name"),
        ("\x00\x01\x1b[31m", "[31m"),
        ("line\nbreak\ttab", "linebreaktab"),
        ("  spaced  ", "spaced"),
        ("\u202eevil", "evil"),
        ("x" * 2000, "x" * 500),
        ("日本語", "日本語"),
    ],
)
def test_a_title_is_what_can_be_printed_of_it_and_not_without_end(
    written: str, read: str, edge_case: EdgeCase, tmp_path: Path
) -> None:
    path = tmp_path / "x.flac"
    path.write_bytes(edge_case("0.4-seconds.flac").read_bytes())
    file: Any = mutagen.File(path)
    file["title"] = written
    file.save()
    assert read_metadata(path, name="name.flac").title == read


def test_a_title_of_nothing_but_blanks_in_id3_is_none(edge_case: EdgeCase, tmp_path: Path) -> None:
    path = with_id3(tmp_path / "x.wav", edge_case, TIT2(encoding=3, text=["", " ", "third"]))
    assert read_metadata(path, name="x").title == "third"


@every_suffix
def test_a_changed_byte_of_the_tags_gives_metadata_all_the_same(
    suffix: str, edge_case: EdgeCase, tmp_path: Path
) -> None:
    whole = tagged(suffix, edge_case, tmp_path / "whole").read_bytes()
    at = max(whole.find(TAGS.artist.encode(form)) for form in ("utf-8", "utf-16-le"))
    spans = [range(64), range(max(at - 60, 0), at)]
    for path in each_byte_changed(whole, tmp_path / f"x{suffix}", spans):
        found = metadata_of(parse_tags(path), name="name")
        assert found.title
        assert found.artist
        assert len(found.title) <= 500
