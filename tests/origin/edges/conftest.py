"""Edges that answer as the real ones do, and tracks that need no encoder."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from legato.deployment import Deployment
from tests.origin.edges import ready_track
from tests.origin.edges.fake_edge import FakeEdge

AddTrack = Callable[..., str]


@pytest.fixture
def fake_edge() -> Iterator[FakeEdge]:
    with FakeEdge() as edge:
        yield edge


@pytest.fixture
def add_ready_track(deployment: Deployment) -> AddTrack:
    """Enters a track that is ready on an asset."""
    return partial(ready_track.add_ready_track, deployment)
