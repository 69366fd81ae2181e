"""Servers that commands are run beside, each started once: a plain one, and one behind an edge."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import structlog
from typer.testing import CliRunner, Result

from fixtures.edge_cases import SMALL
from legato.cli.main import app
from legato.deployment import Deployment
from legato.settings import Settings
from tests.cli.behind_an_edge import EDGE_SECRET
from tests.origin.edges.fake_edge import FakeEdge
from tests.running import ReadyTrack, RunningServer, run_legato


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """As it comes."""
    with RunningServer(tmp_path_factory.mktemp("plain") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def edge() -> Iterator[FakeEdge]:
    with FakeEdge() as edge:
        yield edge


@pytest.fixture(scope="session")
def env(edge: FakeEdge) -> Mapping[str, str]:
    return {"LEGATO_EDGES": f"nginx={edge.url}", "LEGATO_EDGE_SECRET": EDGE_SECRET}


@pytest.fixture(scope="session")
def guarded(
    tmp_path_factory: pytest.TempPathFactory, env: Mapping[str, str]
) -> Iterator[RunningServer]:
    """An origin that answers its edge alone: its listeners' client is that edge."""
    with RunningServer(tmp_path_factory.mktemp("guarded") / "data", env) as server:
        server.web.headers["x-legato-edge-secret"] = EDGE_SECRET
        yield server


@pytest.fixture(scope="session")
def legato(guarded: RunningServer, env: Mapping[str, str]) -> Callable[..., CompletedProcess[str]]:
    """Runs a command beside the server behind the edge; it must end with this status."""

    def run(*arguments: str, status: int = 0) -> CompletedProcess[str]:
        done = run_legato(*arguments, data=guarded.data, env=env)
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return run


@pytest.fixture(scope="session")
def track(guarded: RunningServer) -> ReadyTrack:
    """On the server behind the edge."""
    return guarded.ready_track(SMALL / "mono-8000.wav")


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Runs a command in this process, on a data folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("LEGATO")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LEGATO_DATA", str(tmp_path / "data"))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    yield run
    structlog.reset_defaults()  # the commands' stderr is closed


@pytest.fixture
def catalogue(command: Callable[..., Result], tmp_path: Path) -> Iterator[Deployment]:
    """Of the data folder that `command` works on."""
    del command
    deployment = Deployment(Settings(data=tmp_path / "data", _env_file=None))
    yield deployment
    deployment.database.close()
