"""tus-js-client and tuspy over a line that is cut at random points."""

import hashlib
import random
from pathlib import Path

import pytest

from tests.running import RunningServer
from tests.uploads.clients import CLIENTS
from tests.uploads.cutting_proxy import CuttingProxy
from tests.uploads.noise import write_noise
from tests.uploads.tus import tracks_named

MB = 1_000_000
SOME, MANY = (40 * MB, 4), (1_000 * MB, 20)


def upload_over_a_bad_line(
    server: RunningServer, client: str, folder: Path, size: int, cuts: int
) -> None:
    file = folder / f"{client}-{size}.bin"
    sha256 = write_noise(file, size)
    seed = random.Random(client)
    # Between cuts, so that all of them come: no more than is left of the file whatever is lost.
    lengths = [seed.randrange(1, size // cuts) for _ in range(cuts)]

    with CuttingProxy(server.port, lengths) as line:
        CLIENTS[client](line.url, server.api_key, file, file.name)

    assert line.cut == cuts
    stored = server.data / "objects" / "masters" / sha256[:2] / sha256
    with stored.open("rb") as master:
        assert hashlib.file_digest(master, "sha256").hexdigest() == sha256
    assert len(tracks_named(server, file.name)) == 1


@pytest.mark.parametrize("client", CLIENTS)
def test_what_is_cut_off_goes_on(server: RunningServer, client: str, tmp_path: Path) -> None:
    upload_over_a_bad_line(server, client, tmp_path, *SOME)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_gigabyte_survives_a_bad_line(server: RunningServer, client: str, tmp_path: Path) -> None:
    """1 GB, cut 20 times at random points: the stored bytes are the sent ones, by their hash."""
    upload_over_a_bad_line(server, client, tmp_path, *MANY)
