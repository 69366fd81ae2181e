"""Byte ranges as RFC 9110 §14 has them."""

from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from legato.errors import BadInput, http_status
from legato.origin.media.byte_ranges import MOST_RANGES, ByteRange, parse_ranges

SIZE = 10_000
LATIN_1 = partial(str, encoding="latin-1")
HUGE = "9" * 5000


Found = list[tuple[int, int]]


def parse_all(header: str | None, size: int = SIZE) -> Found | str:
    """The ranges as [start, end), none for all of it, or the code of the refusal."""
    try:
        return [(one.start, one.end) for one in parse_ranges(header, size)]
    except BadInput as error:
        return error.code


def parse(header: str | None, size: int = SIZE) -> tuple[int, int] | str | None:
    """The one range as [start, end), None for all of it, or the code of the refusal."""
    found = parse_all(header, size)
    if isinstance(found, str):
        return found
    assert len(found) <= 1
    return found[0] if found else None


# The examples of RFC 9110 §14.1.2 first: a representation of 10000 bytes.
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-499", (0, 500)),
        ("bytes=500-999", (500, 1000)),
        ("bytes=-500", (9500, 10_000)),
        ("bytes=9500-", (9500, 10_000)),
        ("bytes=0-0", (0, 1)),
        ("bytes=-1", (9999, 10_000)),
        ("bytes=0-", (0, 10_000)),
        ("bytes=9999-9999", (9999, 10_000)),
        ("bytes=0-9999", (0, 10_000)),
        ("bytes=500-20000", (500, 10_000)),
        ("bytes=-20000", (0, 10_000)),
        ("bytes=00000500-0999", (500, 1000)),
        (f"bytes=0-{HUGE}", (0, 10_000)),
        (f"bytes=-{HUGE}", (0, 10_000)),
        (f"bytes={'0' * 5000}7-9", (7, 10)),
        ("Bytes=0-499", (0, 500)),
        ("bytes= 0-499 ", (0, 500)),
    ],
)
def test_a_range_is_cut_to_what_there_is(header: str, expected: tuple[int, int]) -> None:
    assert parse(header) == expected


@pytest.mark.parametrize(
    "header",
    ["bytes=10000-", "bytes=10000-10001", "bytes=20000-", "bytes=-0", f"bytes={HUGE}-"],
)
def test_a_range_of_nothing_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_ranges(header, SIZE)

    assert refused.value.code == "range_not_satisfiable"
    assert http_status(refused.value) == 416


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0"])
def test_nothing_of_an_empty_representation_can_be_satisfied(header: str) -> None:
    assert parse(header, 0) == "range_not_satisfiable"


@pytest.mark.parametrize(
    "header",
    [
        None, "", "bytes", "bytes=", "bytes=-", "bytes=--1", "bytes=a-b", "bytes=1", "bytes=1-2-3",
        "bytes=0x1-2", "bytes=+1-2", "bytes=1 - 2", "bytes=1.0-2", "bytes=٣-٤", "0-499", "=0-499",
        "bytes:0-499", "bytes=5-2", f"bytes={HUGE}-0",
    ],
)  # fmt: skip
def test_what_is_no_range_is_ignored(header: str | None) -> None:
    """RFC 9110 §14.2: an invalid ranges-specifier may be ignored, as an unknown unit must."""
    assert parse(header) is None


@pytest.mark.parametrize("header", ["seconds=0-4", "chunks=1-2", "bytess=0-4", "items=0-499"])
def test_units_that_are_not_bytes_are_ignored(header: str) -> None:
    assert parse(header) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-1,3-4", [(0, 2), (3, 5)]),
        ("bytes=0-0,-1", [(0, 1), (9999, 10_000)]),
        ("bytes=500-600,601-999", [(500, 601), (601, 1000)]),
        ("bytes=500-700,601-999", [(500, 701), (601, 1000)]),
        ("bytes= 0-999, 4500-5499, -1000", [(0, 1000), (4500, 5500), (9000, 10_000)]),
        ("bytes=9-9,0-0", [(9, 10), (0, 1)]),
        ("bytes=0-1,,3-4,", [(0, 2), (3, 5)]),
        ("bytes=0-1,20000-", [(0, 2)]),
        (f"bytes={','.join(f'{n}-{n}' for n in range(MOST_RANGES))}", [
            (n, n + 1) for n in range(MOST_RANGES)
        ]),
    ],
)  # fmt: skip
def test_several_ranges_come_in_the_order_they_are_asked_for(header: str, expected: Found) -> None:
    assert parse_all(header) == expected


@pytest.mark.parametrize(
    "header",
    [
        "bytes=0-1,a-b", "bytes=0-1,5-2", "bytes=0-1,-", "bytes=0-1;3-4",
        "bytes=0-,0-", "bytes=0-9999,0-0", "bytes=-6000,0-5000",
        f"bytes={','.join(f'{n}-{n}' for n in range(MOST_RANGES + 1))}",
        f"bytes={'0-0,' * 100_000}",
    ],
)  # fmt: skip
def test_a_set_that_is_malformed_or_costs_more_than_the_whole_gets_the_whole(header: str) -> None:
    assert parse_all(header) == []


def test_only_where_nothing_of_any_range_is_there_none_can_be_satisfied() -> None:
    assert parse_all("bytes=20000-,30000-40000") == "range_not_satisfiable"


def test_a_range_says_what_part_it_is() -> None:
    part = ByteRange(start=500, end=1000)

    assert part.content_range(SIZE) == "bytes 500-999/10000"
    assert part.size == 500


@given(st.integers(0, 2**70), st.integers(0, 2**70), st.integers(0, 2**40))
@example(0, 0, 0)
@example(5, 5, 6)
@example(10**21, 10**19, 0)
def test_a_first_and_last_byte_give_what_a_slice_gives(first: int, last: int, size: int) -> None:
    found = parse(f"bytes={first}-{last}", size)

    if last < first:
        assert found is None
    elif first >= size:
        assert found == "range_not_satisfiable"
    else:
        assert found == (first, min(last + 1, size))


@given(st.integers(0, 2**70), st.integers(0, 2**40))
def test_a_suffix_gives_the_last_bytes(length: int, size: int) -> None:
    found = parse(f"bytes=-{length}", size)

    if length == 0 or size == 0:
        assert found == "range_not_satisfiable"
    else:
        assert found == (max(size - length, 0), size)


@given(
    st.one_of(
        st.binary().map(LATIN_1), st.text("bytes=-0123456789, ").map(lambda rest: f"bytes={rest}")
    ),
    st.integers(0, 10**6),
)
def test_whatever_is_asked_for_lies_within_what_there_is(header: str, size: int) -> None:
    found = parse_all(header, size)

    if isinstance(found, str):
        assert found == "range_not_satisfiable"
    else:
        assert all(0 <= start < end <= size for start, end in found)
        assert sum(end - start for start, end in found) <= size
