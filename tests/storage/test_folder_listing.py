"""Listing a folder a page at a time is the same as sorting all of it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from legato.storage.folder_listing import objects_below

# Names around the slash, which sorts between "." and "0".
NAMES = st.text("a.0", min_size=1, max_size=3).filter(lambda name: name.strip("."))
KEYS = st.sets(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=12)
PLACES = st.sampled_from(["", "a", "a/", "a/a", "a.", "0/a", "aa/"])


def write(root: Path, keys: set[str]) -> set[str]:
    """Those that can be files beside each other: none is a folder of another."""
    written = {key for key in keys if not any(one.startswith(f"{key}/") for one in keys)}
    for key in written:
        (root / key).parent.mkdir(parents=True, exist_ok=True)
        (root / key).write_bytes(key.encode())
    return written


@settings(max_examples=80, deadline=None)
@given(keys=KEYS, prefix=PLACES, after=PLACES, page=st.integers(1, 4))
def test_pages_of_a_folder_are_its_files_in_the_order_of_keys(
    keys: set[str], prefix: str, after: str, page: int
) -> None:
    with TemporaryDirectory() as folder:
        written = write(Path(folder), keys)

        listed = list(objects_below(Path(folder), prefix, after, page))

    expected = sorted(key for key in written if key.startswith(prefix) and key > after)
    assert [found.key for found in listed] == expected
    assert [found.size_bytes for found in listed] == [len(key) for key in expected]
