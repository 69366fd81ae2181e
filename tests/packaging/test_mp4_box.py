"""MP4 boxes, written and read; what reads them reads foreign bytes."""

import struct
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legato.errors import Corrupt
from legato.packaging.mp4_box import (
    BoxHeader,
    box,
    children,
    find,
    full_box,
    read_top_level,
    unpack,
)

kinds = st.binary(min_size=4, max_size=4)


def top_level(stored: bytes) -> list[BoxHeader]:
    return list(read_top_level(BytesIO(stored), len(stored)))


def large(kind: bytes, content: bytes) -> bytes:
    """A box with a 64-bit size, as files of more than 4 GB have."""
    return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content


def test_a_box_is_its_size_its_type_and_its_content() -> None:
    assert box(b"free", b"ab", b"c") == b"\0\0\0\x0bfreeabc"
    assert full_box(b"tfdt", 1, 2, b"x") == b"\0\0\0\x0dtfdt\1\0\0\2x"


@given(st.lists(st.tuples(kinds, st.binary(max_size=50), st.booleans()), max_size=5))
def test_boxes_come_back_as_they_were_written(
    written: list[tuple[bytes, bytes, bool]],
) -> None:
    stored = b"".join(
        large(kind, content) if wide else box(kind, content) for kind, content, wide in written
    )
    expected = [(kind, content) for kind, content, _ in written]
    for headers in (top_level(stored), list(children(stored))):
        assert [(one.kind, stored[one.content : one.end]) for one in headers] == expected
        assert [one.offset for one in headers[1:]] == [one.end for one in headers[:-1]]


def test_a_box_of_size_0_goes_on_to_the_end() -> None:
    stored = box(b"ftyp", b"x") + struct.pack(">I4s", 0, b"mdat") + b"all the rest"
    ftyp, mdat = top_level(stored)
    assert (ftyp.end, mdat.content, mdat.end) == (9, 17, len(stored))


def test_children_are_sought_within_their_parent_only() -> None:
    data = box(b"aaaa") + box(b"bbbb", b"12") + box(b"cccc")
    assert [one.kind for one in children(data, 8, 18)] == [b"bbbb"]


@pytest.mark.parametrize(
    "stored",
    [
        struct.pack(">I4s", 7, b"mdat"),
        struct.pack(">I4s", 2, b"mdat") + bytes(20),
        struct.pack(">I4s", 9, b"mdat"),
        struct.pack(">I4s", 2**32 - 1, b"mdat") + bytes(100),
        struct.pack(">I4sQ", 1, b"mdat", 15),
        struct.pack(">I4sQ", 1, b"mdat", 17),
        struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1) + bytes(100),
        struct.pack(">I4s", 1, b"mdat"),
        struct.pack(">I4s", 1, b"mdat") + bytes(7),
    ],
    ids=[
        "7",
        "2",
        "1 too many",
        "4 GB",
        "64: 15",
        "64: 1 too many",
        "64: most",
        "no 64",
        "7 of 64",
    ],
)
def test_an_impossible_size_is_corrupt_with_its_offset(stored: bytes) -> None:
    before = box(b"free", b"0123456")
    for read in (top_level, lambda data: list(children(data))):
        with pytest.raises(Corrupt, match=f"mp4 box at {len(before):#x}: b'mdat' would end at"):
            read(before + stored)


def test_a_file_cut_within_a_box_is_corrupt_at_every_byte() -> None:
    stored = box(b"ftyp", b"12345678") + large(b"mdat", b"abc") + box(b"free")
    edges = {0, 16, 35, len(stored)}
    for size in set(range(len(stored))) - edges:
        with pytest.raises(Corrupt, match="mp4 box at 0x"):
            top_level(stored[:size])


def test_a_child_that_ends_outside_its_parent_is_corrupt() -> None:
    stored = box(b"moov", struct.pack(">I4s", 30, b"trak"), bytes(10)) + bytes(100)
    (moov, *_) = children(stored, 0, 26)
    with pytest.raises(Corrupt, match="would end at 0x26, expected 0x1a at most"):
        list(children(stored, moov.content, moov.end))


@given(st.binary(max_size=80))
def test_any_bytes_are_boxes_that_tile_them_or_corrupt(stored: bytes) -> None:
    try:
        headers = top_level(stored)
    except Corrupt:
        return
    assert [one.offset for one in headers] == [0, *(one.end for one in headers)][: len(headers)]
    assert not headers or headers[-1].end == len(stored)


def test_find_goes_down_a_path_to_the_first_of_its_kind() -> None:
    inner = box(b"mdhd", b"first") + box(b"mdhd", b"second")
    data = box(b"free") + box(b"mdia", box(b"skip"), inner)
    assert find(data, "mdia/mdhd") == b"first"
    with pytest.raises(Corrupt, match="no box 'minf' on the way 'mdia/minf/stbl'"):
        find(data, "mdia/minf/stbl")


def test_unpack_tells_what_is_too_short() -> None:
    assert unpack("HI", b"\0\1\0\0\0\2\xff", "tkhd") == (1, 2)
    with pytest.raises(Corrupt, match="mp4 tkhd: 7 bytes, expected 8 or more"):
        unpack("HI", b"\0\1\0\0\0\2\xff", "tkhd", 2)
