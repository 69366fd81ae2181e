"""The ladder is data; laying it on processes is a small optimum."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legato.transcode.ladder import LADDER, Rendition, delivered_rate_hz, share

Groups = tuple[tuple[Rendition, ...], ...]


def busiest(groups: Groups) -> int:
    return max(sum(one.cost for one in group) for group in groups)


def ways(renditions: tuple[Rendition, ...], processes: int) -> list[list[list[Rendition]]]:
    """Every partition into at most so many groups: each goes to a group there is, or a new one."""
    if not renditions:
        return [[]]
    found = []
    for rest in ways(renditions[1:], processes):
        for i, group in enumerate(rest):
            found.append([*rest[:i], [renditions[0], *group], *rest[i + 1 :]])
        if len(rest) < processes:
            found.append([[renditions[0]], *rest])
    return found


def least_possible(renditions: tuple[Rendition, ...], processes: int) -> int:
    return min(busiest(tuple(tuple(group) for group in way)) for way in ways(renditions, processes))


@pytest.mark.parametrize("processes", range(1, 9))
def test_the_renditions_are_shared_completely_and_as_evenly_as_can_be(processes: int) -> None:
    groups = share(LADDER.renditions, processes)
    assert 1 <= len(groups) <= processes
    assert all(groups)
    laid = [one.name for group in groups for one in group]
    assert sorted(laid) == sorted(one.name for one in LADDER.renditions)
    assert busiest(groups) == least_possible(LADDER.renditions, processes)


@settings(max_examples=40)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=5), st.integers(1, 6))
def test_any_ladder_is_shared_as_evenly_as_can_be(costs: list[int], processes: int) -> None:
    renditions = tuple(
        Rendition(name=f"aac-{i}", codec="aac", nominal_bps=i, cost=cost)
        for i, cost in enumerate(costs)
    )
    groups = share(renditions, processes)
    assert sorted(one.name for group in groups for one in group) == [one.name for one in renditions]
    assert busiest(groups) == least_possible(renditions, processes)


def test_more_processes_never_take_longer() -> None:
    times = [busiest(share(LADDER.renditions, processes)) for processes in range(1, 9)]
    assert all(later <= sooner for sooner, later in pairwise(times))


def test_six_renditions_are_made_in_two_codecs() -> None:
    found = {(one.name, one.codec, one.nominal_bps) for one in LADDER.renditions}
    assert found == {
        (f"{codec}-{kbps}", codec, kbps * 1000)
        for codec in ("vorbis", "aac")
        for kbps in (96, 160, 320)
    }
    assert LADDER.revision == "r1"


@pytest.mark.parametrize(
    ("master_hz", "delivered_hz"),
    [
        (44_100, 44_100), (88_200, 44_100), (176_400, 44_100), (22_050, 44_100), (11_025, 44_100),
        (48_000, 48_000), (96_000, 48_000), (192_000, 48_000), (32_000, 48_000), (8_000, 48_000),
    ],
)  # fmt: skip
def test_a_master_is_delivered_at_the_rate_of_its_family(master_hz: int, delivered_hz: int) -> None:
    assert delivered_rate_hz(master_hz) == delivered_hz
