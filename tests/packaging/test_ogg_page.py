"""The Ogg page, read and written; what reads it reads foreign bytes."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legato.errors import Corrupt
from legato.packaging.ogg_page import (
    Page,
    checksum,
    lacing_of,
    read_pages,
    segments_of,
    split_body,
)

# The first page of a Vorbis file by ffmpeg 5.1: written by libavformat, not by us.
FOREIGN_PAGE = bytes.fromhex(
    "4f67675300020000000000000000474e4f530000000004a1f23a011e01766f72"
    "6269730000000002"
    "44ac00000000000080b5010000000000b801"
)


@st.composite
def pages(draw: st.DrawFn) -> Page:
    lacing = draw(st.binary(max_size=255))
    filler = draw(st.binary(min_size=1, max_size=64))
    size = sum(lacing)
    return Page(
        flags=draw(st.integers(0, 7)),
        granule=draw(st.integers(-(2**63), 2**63 - 1)),
        serial=draw(st.integers(0, 2**32 - 1)),
        sequence=draw(st.integers(0, 2**32 - 1)),
        lacing=lacing,
        body=(filler * (size // len(filler) + 1))[:size],
    )


def page_of(*packets: bytes, sequence: int = 0) -> Page:
    lacing = lacing_of(map(len, packets))
    body = b"".join(packets)
    return Page(flags=0, granule=7, serial=1, sequence=sequence, lacing=lacing, body=body)


def read(stored: bytes) -> list[Page]:
    return list(read_pages(BytesIO(stored)))


@given(st.lists(pages(), max_size=4))
def test_pages_come_back_as_they_were_written(written: list[Page]) -> None:
    assert read(b"".join(page.to_bytes() for page in written)) == written


def test_the_checksum_is_the_crc_of_rfc_3533() -> None:
    # The check value of this CRC (CRC-32/MPEG-2's polynomial, start 0, no final XOR).
    assert checksum(b"123456789") == 0x89A1897F


def test_a_page_of_another_muxer_is_read_and_written_alike() -> None:
    (page,) = read(FOREIGN_PAGE)
    assert (page.flags, page.granule, page.serial, page.sequence) == (2, 0, 0x534F4E47, 0)
    assert page.body.startswith(b"\x01vorbis")
    assert page.to_bytes() == FOREIGN_PAGE


@pytest.mark.parametrize("pattern", [0x01, 0x80, 0xFF])
def test_a_flipped_bit_anywhere_in_a_page_is_corrupt(pattern: int) -> None:
    stored = page_of(b"a" * 300, b"b" * 10).to_bytes() + page_of(b"c", sequence=1).to_bytes()
    for at in range(len(stored)):
        flipped = bytearray(stored)
        flipped[at] ^= pattern
        with pytest.raises(Corrupt):
            read(bytes(flipped))


def test_a_file_that_ends_within_a_page_is_corrupt_at_every_byte() -> None:
    first = page_of(b"a" * 300).to_bytes()
    stored = first + page_of(b"b" * 40, sequence=1).to_bytes()
    for size in set(range(len(stored))) - {0, len(first)}:
        with pytest.raises(Corrupt) as caught:
            read(stored[:size])
        assert caught.value.code == "ogg_truncated"
        where = 0 if size < len(first) else len(first)
        assert f"{where:#x}" in caught.value.message


def test_damage_is_told_with_its_offset_in_the_file() -> None:
    pages_before = b"".join(page_of(b"x" * 65_000, sequence=i).to_bytes() for i in range(9))
    with pytest.raises(Corrupt, match=rf"ogg page at {len(pages_before):#x}: capture pattern b'Og"):
        read(pages_before + b"OgXS" + bytes(30))


def test_a_version_that_is_not_ours_is_corrupt_even_with_a_right_checksum() -> None:
    stored = bytearray(page_of(b"a").to_bytes())
    stored[4], stored[22:26] = 1, bytes(4)
    stored[22:26] = checksum(bytes(stored)).to_bytes(4, "little")
    with pytest.raises(Corrupt, match="version 1, expected 0"):
        read(bytes(stored))


class Trickle(BytesIO):
    """Gives at most a few bytes a read, as pipes and sockets may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 1000) if size else size)


def test_pages_that_lie_across_read_blocks_come_back_whole() -> None:
    largest = [
        Page(
            flags=1, granule=-1, serial=1, sequence=i, lacing=b"\xff" * 255,
            body=bytes([i]) * 255 * 255,
        )
        for i in range(13)
    ]  # fmt: skip
    stored = b"".join(page.to_bytes() for page in largest)
    assert len(stored) > 3 * (1 << 18), "shorter than three read blocks"
    assert read(stored) == largest
    assert list(read_pages(Trickle(stored))) == largest


@pytest.mark.parametrize(
    ("size", "lacing"),
    [(0, [0]), (254, [254]), (255, [255, 0]), (256, [255, 1]), (510, [255, 255, 0])],
)
def test_lacing_ends_a_packet_below_255(size: int, lacing: list[int]) -> None:
    assert list(lacing_of([size])) == lacing
    assert segments_of(size) == len(lacing)
    assert split_body(page_of(b"p" * size)) == [(b"p" * size, True)]


@given(st.lists(st.binary(max_size=600), max_size=8))
def test_packets_on_one_page_are_split_where_they_were_joined(packets: list[bytes]) -> None:
    assert split_body(page_of(*packets)) == [(packet, True) for packet in packets]
