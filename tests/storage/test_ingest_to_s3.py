"""The whole of legato on an S3 store: nothing of a recording is left on the machine."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from fixtures.edge_cases import SMALL
from legato.cli import doctor
from legato.cli.doctor import Finding
from legato.deployment import Deployment
from legato.settings import Settings
from tests.running import run_legato
from tests.servers.seaweedfs import SeaweedServer
from tests.storage.bucket import Bucket

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def music(seaweed: SeaweedServer) -> Bucket:
    url = seaweed.new_bucket()
    return Bucket(client=seaweed.client, name=url.removeprefix("s3://"), prefix="music")


@pytest.fixture
def run(seaweed: SeaweedServer, music: Bucket, tmp_path: Path) -> Run:
    """Runs legato on the bucket."""

    store = {"LEGATO_STORE": f"s3://{music.name}/{music.prefix}", "LEGATO_MIN_DURATION_S": "0"}

    def run(*arguments: str | Path) -> CompletedProcess[str]:
        done = run_legato(*arguments, data=tmp_path / "data", env={**seaweed.env, **store})
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


def test_a_master_is_ingested_verified_and_exported(
    run: Run, music: Bucket, tmp_path: Path
) -> None:
    ingested = run("ingest", "--json", SMALL / "mono-8000.wav")
    assert ingested.returncode == 0, ingested.stdout
    outcome = json.loads(ingested.stdout)

    stored = f"audio/{outcome['asset_id']}"
    assert {key.rpartition("/")[0] for key in music.objects() if "masters" not in key} == {stored}
    assert music.head(f"{stored}/vorbis-160.ogg")["ContentType"] == "audio/ogg"
    assert music.head(f"{stored}/aac-160.mp4")["ContentType"] == "audio/mp4"
    assert music.head(f"{stored}/manifest.json")["ContentType"] == "application/json"
    left = {path.name for path in (tmp_path / "data").rglob("*") if path.is_file()}
    assert left - {"signing-keys"} == {"catalog.sqlite3"}

    verified = run("verify")
    assert verified.returncode == 0, verified.stdout

    exported = run("export", outcome["track_id"], tmp_path / "exported")
    assert exported.returncode == 0, exported.stderr
    manifest = json.loads((tmp_path / "exported" / "manifest.json").read_text())
    assert manifest["asset_id"] == outcome["asset_id"]


def test_the_doctor_says_whether_the_bucket_can_be_used_and_what_mends_it(
    seaweed: SeaweedServer, music: Bucket, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweed.env.items():
        monkeypatch.setenv(name, value)

    def finding(url: str) -> Finding:
        return doctor._store(Deployment(settings.model_copy(update={"store": url})))

    well, ill = finding(f"s3://{music.name}/music"), finding("s3://no-such-bucket")

    assert well.found == f"s3://{music.name}/music can be written and read"
    assert music.objects() == []
    assert not ill.well
    assert "'no-such-bucket' answers NoSuchBucket: make the bucket" in ill.found
    assert ill.mend is not None
    assert "AWS_ENDPOINT_URL" in ill.mend
