"""Packets out of pages and back, across pages and within them."""

from collections.abc import Iterable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legato.errors import Corrupt
from legato.packaging.ogg_packets import Packet, PageWriter, read_packets
from legato.packaging.ogg_page import CONTINUED, NO_GRANULE, Page, lacing_of, read_pages


def page(
    lacing: Iterable[int], body: bytes, *, sequence: int, flags: int = 0, granule: int = 0
) -> Page:
    return Page(
        flags=flags, granule=granule, serial=1, sequence=sequence, lacing=bytes(lacing), body=body
    )


def datas(pages: Iterable[Page]) -> list[bytes]:
    return [packet.data for packet in read_packets(pages)]


def laid_out(packets: list[bytes], segments_a_page: int) -> list[Page]:
    """A stream whose pages take a fixed number of segments, wherever packets end."""
    lacing, body = lacing_of(map(len, packets)), b"".join(packets)
    pages: list[Page] = []
    continued = False
    for start in range(0, len(lacing), segments_a_page):
        table = lacing[start : start + segments_a_page]
        size, flags = sum(table), CONTINUED if continued else 0
        ends = any(entry < 255 for entry in table)
        granule = len(pages) if ends else NO_GRANULE
        pages.append(page(table, body[:size], sequence=len(pages), flags=flags, granule=granule))
        body, continued = body[size:], table[-1] == 255
    return pages


@given(st.lists(st.binary(max_size=1100), max_size=6), st.integers(1, 8))
def test_packets_come_back_however_pages_cut_them(
    packets: list[bytes], segments_a_page: int
) -> None:
    assert datas(laid_out(packets, segments_a_page)) == packets


@pytest.mark.parametrize("sizes", [(254,), (255,), (256,), (510,), (255, 255), (0, 0), (65_024,)])
def test_what_the_writer_lays_on_a_page_is_read_back(sizes: tuple[int, ...]) -> None:
    packets = [bytes([i]) * size for i, size in enumerate(sizes)]
    stored = PageWriter(9).page(packets, 5)
    expected = [None] * (len(sizes) - 1) + [5]
    found = list(read_packets(read_pages(BytesIO(stored))))
    assert found == [Packet(*row) for row in zip(packets, expected, strict=True)]


@pytest.mark.parametrize("lacing", [(40, 255, 5), (100, 200), (254, 1), (0, 255, 45), (45, 255, 0)])
def test_two_packets_are_not_taken_for_the_one_that_their_sum_would_be(
    lacing: tuple[int, ...],
) -> None:
    body = bytes(range(250)) * 2
    packets = datas([page(lacing, body[: sum(lacing)], sequence=0)])
    assert len(packets) == 2
    assert b"".join(packets) == body[: sum(lacing)]


def test_only_the_last_packet_that_ends_on_a_page_has_its_granule_position() -> None:
    pages = [
        page((3, 255), b"x" * 258, sequence=0, granule=10),
        page((255,), b"x" * 255, sequence=1, flags=CONTINUED, granule=NO_GRANULE),
        page((2, 4), b"x" * 6, sequence=2, flags=CONTINUED, granule=30),
    ]
    assert list(read_packets(pages)) == [
        Packet(b"x" * 3, 10), Packet(b"x" * 512, None), Packet(b"x" * 4, 30)
    ]  # fmt: skip


def test_a_page_without_segments_is_no_packet() -> None:
    assert datas([page((), b"", sequence=0), page((1,), b"p", sequence=1)]) == [b"p"]


@pytest.mark.parametrize(
    ("pages", "code"),
    [
        ([page((1,), b"a", sequence=0), page((1,), b"b", sequence=2)], "ogg_sequence"),
        ([page((1,), b"a", sequence=1)], "ogg_sequence"),
        ([page((255,), b"a" * 255, sequence=0)], "ogg_truncated"),
        ([page((1,), b"a", sequence=0, flags=CONTINUED)], "ogg_continuation"),
        (
            [page((255,), b"a" * 255, sequence=0), page((1,), b"b", sequence=1)],
            "ogg_continuation",
        ),
        (
            [
                page((1,), b"a", sequence=0),
                Page(flags=0, granule=0, serial=2, sequence=1, lacing=b"\1", body=b"b"),
            ],
            "ogg_multiplexed",
        ),
    ],
)
def test_a_stream_that_is_not_whole_is_corrupt(pages: list[Page], code: str) -> None:
    with pytest.raises(Corrupt) as caught:
        datas(pages)
    assert caught.value.code == code


def test_the_writer_marks_the_first_page_and_the_last_and_numbers_all() -> None:
    writer = PageWriter(7)
    stored = writer.page([b"a"], 0) + writer.page([b"b"], 1) + writer.page([b"c"], 2, last=True)
    found = [(one.flags, one.sequence, one.serial) for one in read_pages(BytesIO(stored))]
    assert found == [(2, 0, 7), (0, 1, 7), (4, 2, 7)]


def test_the_writer_refuses_more_than_a_page_holds() -> None:
    with pytest.raises(Corrupt, match="256 segments, at most 255"):
        PageWriter(7).page([b"x" * 255 * 255], 0)
