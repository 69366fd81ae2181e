"""A world of one's own, and who lives there."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from legato.catalog.accounts.api_keys import KeyHolder
from tests.collect.world import FAST, World


@pytest.fixture
def world() -> Iterator[World]:
    with TemporaryDirectory(dir=FAST) as folder:
        world = World(Path(folder))
        yield world
        world.close()


@pytest.fixture
def ensemble(world: World) -> KeyHolder:
    return world.holder("ensemble")


@pytest.fixture
def label(world: World) -> KeyHolder:
    return world.holder("label")
