"""What an Ogg master says of itself: its codebooks, and whether its end is there."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import mutagen
import pytest

from legato.errors import BadInput
from legato.ingest.ogg_master import is_cut_off, vorbis_configuration
from legato.packaging.ogg_page import read_pages
from tests.ingest.bytes_changed import each_byte_changed

EdgeCase = Callable[[str], Path]


def page_ends(body: bytes) -> list[int]:
    ends, end = [], 0
    for page in read_pages(BytesIO(body)):
        end += 27 + len(page.lacing) + len(page.body)
        ends.append(end)
    return ends


def test_a_file_is_cut_off_exactly_where_it_ends_within_a_page(
    edge_case: EdgeCase, tmp_path: Path
) -> None:
    body = edge_case("same-lossy-1.ogg").read_bytes()
    ends = page_ends(body)
    path = tmp_path / "cut.ogg"
    # Up to three bytes behind a page might as well be somebody's tag.
    sizes = {*ends, *(end - 1 for end in ends), *(end + 4 for end in ends[:-1])}
    sizes |= {*range(ends[-2] + 4, len(body), 97), *range(ends[-2] + 4, ends[-2] + 40)}
    for size in sizes:
        path.write_bytes(body[:size])
        assert is_cut_off(path) is (size not in ends), size


def test_a_file_that_is_no_ogg_or_nothing_at_all_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for body in (b"", b"OggS", b"RIFF" * 50_000, bytes(100)):
        path.write_bytes(body)
        assert is_cut_off(path)


def test_a_tag_behind_the_last_page_does_not_make_a_file_cut_off(
    edge_case: EdgeCase, tmp_path: Path
) -> None:
    path = tmp_path / "tagged.ogg"
    path.write_bytes(edge_case("same-lossy-1.ogg").read_bytes() + b"TAG" + bytes(125))
    assert not is_cut_off(path)


def test_the_largest_last_page_is_found_whole(tmp_path: Path) -> None:
    page = b"OggS" + bytes(22) + b"\xff" + b"\xff" * 255 + bytes(255 * 255)
    path = tmp_path / "large.ogg"
    path.write_bytes(b"x" * 1000 + page)
    assert not is_cut_off(path)
    path.write_bytes(b"x" * 1000 + page[:-1])
    assert is_cut_off(path)


def test_comments_and_artwork_leave_the_configuration_alone(
    edge_case: EdgeCase, tmp_path: Path
) -> None:
    original = edge_case("same-lossy-1.ogg")
    expected = vorbis_configuration(original)
    assert vorbis_configuration(edge_case("same-lossy-2.ogg")) == expected
    copy = tmp_path / "long.ogg"
    copy.write_bytes(original.read_bytes())
    tags = mutagen.File(copy)
    tags["description"] = "a comment that takes more than one page " * 5000
    tags.save()
    assert vorbis_configuration(copy) == expected


def test_other_codebooks_are_another_configuration(edge_case: EdgeCase, tmp_path: Path) -> None:
    source = edge_case("0.4-seconds.flac")
    made: list[bytes] = []
    for quality in ("2", "2", "8"):
        target = tmp_path / f"{len(made)}.ogg"
        options = ("-c:a", "libvorbis", "-q:a", quality)
        command = ["/usr/bin/ffmpeg", "-v", "error", "-i", str(source), *options, str(target)]
        subprocess.run(command, check=True)
        made.append(vorbis_configuration(target))
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize(("part", "same"), [(b"\x03vorbis", True), (b"\x05vorbis", False)])
def test_one_bit_of_the_codebooks_counts_and_one_of_the_comments_does_not(
    part: bytes, same: bool, edge_case: EdgeCase, tmp_path: Path
) -> None:
    original = edge_case("same-lossy-1.ogg")
    pages = list(read_pages(BytesIO(original.read_bytes())))
    number = next(i for i, page in enumerate(pages) if part in page.body)
    body = bytearray(pages[number].body)
    body[body.index(part) + 20] ^= 1
    pages[number] = replace(pages[number], body=bytes(body))
    changed = tmp_path / "changed.ogg"
    changed.write_bytes(b"".join(page.to_bytes() for page in pages))
    assert (vorbis_configuration(changed) == vorbis_configuration(original)) is same


@pytest.mark.parametrize("name", ["empty.wav", "not-audio.flac", "same-lossy-1.mp3"])
def test_what_has_no_vorbis_headers_is_damaged(name: str, edge_case: EdgeCase) -> None:
    with pytest.raises(BadInput, match="its Vorbis headers") as caught:
        vorbis_configuration(edge_case(name))
    assert caught.value.code == "damaged"


def test_headers_that_are_cut_off_are_damaged(edge_case: EdgeCase, tmp_path: Path) -> None:
    body = edge_case("same-lossy-1.ogg").read_bytes()
    path = tmp_path / "cut.ogg"
    for size in (1, 27, 57, 58, 59, 500):
        path.write_bytes(body[:size])
        with pytest.raises(BadInput):
            vorbis_configuration(path)


def test_a_changed_byte_of_the_headers_is_damage(edge_case: EdgeCase, tmp_path: Path) -> None:
    whole = edge_case("same-lossy-1.ogg").read_bytes()
    for path in each_byte_changed(whole, tmp_path / "x", [range(58), range(58, 600, 11)]):
        with pytest.raises(BadInput):
            vorbis_configuration(path)
