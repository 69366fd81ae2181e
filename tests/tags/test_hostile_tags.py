"""Tags that are meant to harm cost a process apart its life, and nobody else anything."""
# mutagen says that it is typed, but most of its functions are not
# mypy: disallow-untyped-calls=False

import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.flac import FLAC
from mutagen.id3 import APIC, COMM, ID3, TIT2, TPE1, TXXX

from legato.ingest.tag_formats.neutral import Tags, printable
from legato.ingest.tag_formats.parse import parse_tags
from legato.ingest.tags import read_tags
from tests.ingest.bytes_changed import each_byte_changed
from tests.tags.bombs import mp3_with_packed_title

EdgeCase = Callable[[str], Path]
SOON_S = 5.0


def cpu_of_children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_packed_title_of_a_gigabyte_is_no_title(edge_case: EdgeCase, tmp_path: Path) -> None:
    mp3 = edge_case("same-lossy-1.mp3").read_bytes()
    bomb = mp3_with_packed_title(mp3, tmp_path / "x.mp3", 1 << 30)
    assert bomb.stat().st_size < 4 << 20
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    before_s = cpu_of_children_s()

    assert read_tags(bomb) == Tags()

    assert cpu_of_children_s() - before_s < SOON_S
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 10_000
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < 1 << 30


def test_thousands_of_values_are_cut_to_a_few(edge_case: EdgeCase, tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(edge_case("same-lossy-1.mp3").read_bytes())
    tags: Any = ID3()
    tags.add(TIT2(encoding=3, text=["x" * 1_000_000]))
    tags.add(TPE1(encoding=3, text=[f"artist {number}" for number in range(20_000)]))
    tags.add(COMM(encoding=3, lang="eng", desc="", text=["y" * 1_000_000]))
    for number in range(2_000):
        tags.add(TXXX(encoding=3, desc=f"field {number}", text=["z"]))
        tags.add(APIC(encoding=3, mime="image/png", type=3, desc=str(number), data=b"no image"))
    tags.save(path)

    found = read_tags(path)

    assert found.title == "x" * 500
    assert found.artists == tuple(f"artist {number}" for number in range(20))
    assert found.comment == "y" * 2_000
    assert len(found.pictures) == 100


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("isrc", "DEA12250000"), ("isrc", "DEA1225000012"), ("isrc", "\uff11" * 12),
        ("barcode", "4006381333930"), ("barcode", "400638133393"), ("barcode", "x" * 13),
        ("date", "yesterday"), ("date", "\u0662" * 4), ("tracknumber", "first"),
        ("tracknumber", "0"), ("language", "<script>"), ("title", "\x00\x1b\u202e"),
    ],
)  # fmt: skip
def test_nonsense_in_a_field_says_nothing(
    field: str, written: str, edge_case: EdgeCase, tmp_path: Path
) -> None:
    path = tmp_path / "x.flac"
    path.write_bytes(edge_case("0.4-seconds.flac").read_bytes())
    file: Any = FLAC(path)
    file.delete()
    file.clear_pictures()
    file[field] = written
    file.save()

    assert parse_tags(path).to_json() in ({}, {"language": "script"})


@given(st.text(max_size=3000))
@settings(deadline=None, max_examples=200)
def test_whatever_is_written_what_is_read_can_be_printed(text: str) -> None:
    found = printable(text)

    assert len(found) <= 500
    assert found.isprintable()
    assert found.encode().decode() == found


def test_a_picture_block_with_any_byte_changed_breaks_nothing(
    edge_case: EdgeCase, tmp_path: Path
) -> None:
    whole = edge_case("same-recording.flac").read_bytes()[:65_536]
    at = whole.find(b"image/png")
    for path in each_byte_changed(whole, tmp_path / "x.flac", [range(at - 12, at + 40)]):
        assert parse_tags(path).to_json() is not None
