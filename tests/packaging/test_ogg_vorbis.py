"""The packaged Vorbis file as a whole: what validators say, and what is refused."""

import subprocess
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest

from legato.errors import Corrupt
from legato.packaging.ogg_packets import PageWriter, read_packets
from legato.packaging.ogg_page import LAST_PAGE, Page, read_pages
from legato.packaging.ogg_vorbis import SERIAL
from tests.packaging.encoded_music import VORBIS, encoded, package, packaged

LONG = 16 * 44_100
LENGTHS = [(1, 44_100), (17_640, 44_100), (LONG, 44_100), (11 * 48_000, 48_000)]
every_length = pytest.mark.parametrize(("samples", "rate_hz"), LENGTHS)
SHORT = 17_640


def pages_of(body: bytes) -> list[Page]:
    return list(read_pages(BytesIO(body)))


def short_pages() -> list[Page]:
    """The encoder's pages of a short file."""
    return pages_of(encoded("vorbis-96", SHORT, 44_100))


def repackage(pages: list[Page]) -> None:
    """Package pages, numbered anew, as if an encoder had written them."""
    numbered = (replace(page, sequence=i).to_bytes() for i, page in enumerate(pages))
    package(b"".join(numbered), "vorbis-96", SHORT)


@pytest.mark.parametrize("name", VORBIS)
@every_length
def test_validators_find_nothing_to_say_about_the_file(
    tmp_path: Path, name: str, samples: int, rate_hz: int
) -> None:
    path = tmp_path / "whole.ogg"
    path.write_bytes(packaged(name, samples, rate_hz)[0])
    validated = subprocess.run(["oggz-validate", str(path)], capture_output=True, check=False)
    assert (validated.returncode, validated.stderr) == (0, b"")
    if samples == 1:
        return  # two packets, of which the first ends at 0: ogginfo finds a page for it odd
    told = subprocess.run(["ogginfo", str(path)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
    assert not [line for line in told.stdout.splitlines() if line.startswith(("Warning", "Error"))]


@pytest.mark.parametrize("name", VORBIS)
def test_the_packets_are_the_encoders_own_in_their_order(name: str) -> None:
    ours, theirs = (
        [packet.data for packet in read_packets(pages_of(body))]
        for body in (packaged(name, LONG, 44_100)[0], encoded(name, LONG, 44_100))
    )
    assert (ours[0], ours[2:]) == (theirs[0], theirs[2:])


def test_the_same_input_is_packaged_to_the_same_bytes() -> None:
    source = encoded("vorbis-160", SHORT, 44_100)
    assert package(source, "vorbis-160", SHORT) == package(source, "vorbis-160", SHORT)


def test_nothing_of_the_encoder_is_in_the_comments() -> None:
    body, index = packaged("vorbis-160", SHORT, 44_100)
    assert b"\x03vorbis\x06\0\0\0legato\0\0\0\0\x01" in body[: index.init_size]
    assert b"Lavc" not in body
    assert b"encoder=" not in body


@every_length
def test_only_the_last_page_ends_the_stream_and_no_page_is_longer_than_a_second(
    samples: int, rate_hz: int
) -> None:
    body, index = packaged("vorbis-320", samples, rate_hz)
    pages = pages_of(body)
    assert [bool(page.flags & LAST_PAGE) for page in pages] == [False] * (len(pages) - 1) + [True]
    assert {page.serial for page in pages} == {SERIAL}
    ends = [page.granule for page in pages[2:]]
    assert all(end - start <= rate_hz + 2048 for start, end in pairwise(ends))
    assert ends[-1] == samples == index.samples


def test_no_packet_crosses_the_edge_of_a_chunk_or_of_a_pre_roll() -> None:
    body, index = packaged("vorbis-320", LONG, 44_100)
    edges = {chunk.offset - chunk.preroll for chunk in index.chunks}
    edges |= {chunk.offset for chunk in index.chunks}
    for edge in edges:
        assert body[edge : edge + 4] == b"OggS"
        assert not body[edge + 5] & 1, "a packet continues on this page"
    assert all(0 < chunk.preroll < 4000 for chunk in index.chunks[1:])


@pytest.mark.parametrize("samples", [SHORT - 1, SHORT + 1, 0, SHORT * 100])
def test_a_stream_of_another_length_than_the_encoder_was_given_is_corrupt(samples: int) -> None:
    with pytest.raises(Corrupt, match=f"ends at sample {SHORT}, expected {samples}") as caught:
        package(encoded("vorbis-96", SHORT, 44_100), "vorbis-96", samples)
    assert caught.value.code == "vorbis_length"


def test_a_stream_that_lost_its_end_is_corrupt_wherever_it_was_cut() -> None:
    source = encoded("vorbis-96", SHORT, 44_100)
    for size in range(0, len(source), 7):
        with pytest.raises(Corrupt):
            package(source[:size], "vorbis-96", SHORT)


def test_a_flipped_bit_anywhere_in_the_encoders_file_is_corrupt() -> None:
    source = encoded("vorbis-96", SHORT, 44_100)
    for at in range(0, len(source), 5):
        flipped = bytearray(source)
        flipped[at] ^= 1 << at % 8
        with pytest.raises(Corrupt):
            package(bytes(flipped), "vorbis-96", SHORT)


@pytest.mark.parametrize("granule", [-1, -5000, 2**62, 300_000])
def test_an_impossible_granule_position_is_corrupt(granule: int) -> None:
    for number in range(-4, 0):
        pages = short_pages()
        pages[number] = replace(pages[number], granule=granule)
        with pytest.raises(Corrupt):
            repackage(pages)


def test_a_first_packet_past_the_first_line_is_corrupt_and_not_an_empty_chunk() -> None:
    headers, audio = short_pages()[:2], short_pages()[2:]
    late = [replace(page, granule=page.granule + 300_000) for page in audio]
    with pytest.raises(Corrupt, match="packet 0: granule position 300000, expected 0 to 1024"):
        repackage([*headers, *late])


def test_a_packet_that_ends_exactly_on_a_line_is_the_last_of_its_chunk() -> None:
    line, samples = 221_184, 300_000
    headers = short_pages()[:2]
    ends = [*range(0, samples, 1024), samples]
    audio = [
        Page(flags=0, granule=end, serial=headers[0].serial, sequence=i, lacing=b"\1", body=b"p")
        for i, end in enumerate(ends, start=2)
    ]
    stored = b"".join(page.to_bytes() for page in [*headers, *audio])
    _, index = package(stored, "vorbis-96", samples)
    assert [chunk.start_sample for chunk in index.chunks] == [0, line]
    assert index.chunks[1].preroll_samples == 1024


def test_a_lost_page_is_corrupt() -> None:
    pages = short_pages()
    stored = b"".join(page.to_bytes() for page in [*pages[:5], *pages[6:]])
    with pytest.raises(Corrupt, match="a page is lost"):
        package(stored, "vorbis-96", SHORT)


def test_headers_in_another_order_are_corrupt() -> None:
    identification, comment, setup, *_ = read_packets(short_pages())
    writer = PageWriter(1)
    stored = writer.page([identification.data], 0) + writer.page([setup.data, comment.data], 0)
    with pytest.raises(Corrupt, match=r"vorbis comment header: starts b'.x05vorbis'"):
        package(stored, "vorbis-96", SHORT)
