"""The bounded memory: never above its bound, and what is used stays."""

from hypothesis import given
from hypothesis import strategies as st

from legato.origin.media.memory import BoundedMemory


def test_what_was_used_least_recently_goes_first() -> None:
    memory: BoundedMemory[str, str] = BoundedMemory(30)
    for key in "abc":
        memory.keep(key, key.upper(), 10)
    assert memory.get("a") == "A"

    memory.keep("d", "D", 10)

    assert [memory.get(key) for key in "abcd"] == ["A", None, "C", "D"]


def test_what_is_larger_than_the_memory_is_not_kept_and_pushes_nothing_out() -> None:
    memory: BoundedMemory[str, str] = BoundedMemory(30)
    memory.keep("a", "A", 10)

    memory.keep("b", "B", 31)

    assert (memory.get("a"), memory.get("b")) == ("A", None)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40))))
def test_it_weighs_what_it_keeps_and_never_more_than_it_may(
    kept: list[tuple[int, int]],
) -> None:
    memory: BoundedMemory[int, int] = BoundedMemory(100)
    for key, weight in kept:
        memory.keep(key, weight, weight)

        assert memory.weight_bytes <= 100
        assert memory.get(key) == weight
        there = [memory.get(number) for number in range(10)]
        assert memory.weight_bytes == sum(found for found in there if found is not None)
