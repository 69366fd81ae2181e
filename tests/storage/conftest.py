"""Every adapter of the object store port, each new and empty."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

from legato.storage.local import LocalStore
from legato.storage.object_store import ObjectStore

ADAPTERS: Final[Mapping[str, Callable[[Path], ObjectStore]]] = {
    "local": lambda folder: LocalStore(folder / "objects"),
}


@pytest.fixture(params=ADAPTERS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return ADAPTERS[request.param](tmp_path)
