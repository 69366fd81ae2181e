"""What tests share: the judges, the fixture music, and real deployments of legato."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from fixtures.album import write_album
from fixtures.edge_cases import write_edge_cases
from legato.deployment import Deployment
from legato.settings import Settings
from legato.transcode.ffmpeg_binary import FfmpegBinary, find_ffmpeg
from tests.servers.postgres import PostgresServer
from tests.servers.seaweedfs import SeaweedServer

ROOT = Path(__file__).parent.parent
ALBUM = ROOT / "fixtures" / "album"
LONGEST = (
    "real_music", "origin", "web", "verify", "workers", "hostile", "gate", "packaging", "storage",
    "uploads", "cli", "seams", "http", "edge", "collect", "webhooks", "kills",
)  # fmt: skip
JUDGES = (
    "ffmpeg",
    "oggdec",
    "oggz-validate",
    "ogginfo",
    "chromium",
    "nginx",
    "curl",
    "strace",
    "fpcalc",
)


def pytest_sessionstart() -> None:
    """A missing judge fails the run: what it would have found is not known."""
    missing = [judge for judge in JUDGES if shutil.which(judge) is None]
    if missing:
        pytest.exit(f"missing: {', '.join(missing)}; `make judges` installs them", returncode=4)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two processes share the files; the areas that take longest begin first.

    So neither process waits long for the other at the end.
    """
    items.sort(key=lambda item: LONGEST.index(_area(item)) if _area(item) in LONGEST else 99)


def _area(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT / "tests").parts[0]


@pytest.fixture(scope="session")
def ffmpeg() -> FfmpegBinary:
    return find_ffmpeg()


@pytest.fixture(scope="session")
def album() -> list[Path]:
    """The fixture album; kept between runs."""
    return write_album(ALBUM)


@pytest.fixture(scope="session")
def edge_case(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """An edge case by its name, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("edge-cases")

    def make(name: str) -> Path:
        return write_edge_cases(folder, [name])[name]

    return make


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a deployment of one's own, that accepts the shortest of masters."""
    return Settings(data=tmp_path / "data", min_duration_s=0, _env_file=None)


@pytest.fixture
def deployment(settings: Settings) -> Iterator[Deployment]:
    deployment = Deployment(settings)
    yield deployment
    deployment.database.close()


@pytest.fixture(scope="session")
def seaweed() -> Iterator[SeaweedServer]:
    """A real S3 server; it takes four seconds to start."""
    with SeaweedServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL; it takes two seconds to start."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless; it talks to nobody but this machine.

    While it runs, its event loop is this thread's: so for no longer than a module needs it.
    """
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-component-update",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield launched
        launched.close()
