"""`legato verify`: a sound asset passes; whatever is wrong with one is found and named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from legato.manifests.manifest import asset_id_of
from tests.running import run_legato

Asset = dict[str, Any]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, edge_case: Callable[[str], Path]) -> Path:
    """A data folder with one asset, of two chunks."""
    data = tmp_path_factory.mktemp("verify") / "data"
    ingested = run_legato("ingest", edge_case("same-recording.flac"), data=data)
    assert ingested.returncode == 0, ingested.stderr
    return data


@pytest.fixture
def data(sound: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(sound, tmp_path / "data"))


def asset_folder(data: Path) -> Path:
    [folder] = (data / "objects" / "audio").iterdir()
    return folder


def verify(data: Path) -> tuple[int, Asset]:
    done = run_legato("verify", "--json", data=data)
    assert done.stderr == ""
    report: Asset = json.loads(done.stdout)
    return done.returncode, report


def findings(report: Asset) -> dict[str, list[str]]:
    return {check["name"]: check["findings"] for check in report["checks"] if check["findings"]}


def reseal(data: Path, change: Callable[[Asset], None]) -> None:
    """Change the manifest and give the asset the id that it then has, everywhere."""
    folder = asset_folder(data)
    content = json.loads((folder / "manifest.json").read_bytes())
    old = content["asset_id"]
    change(content)
    content["asset_id"] = asset_id_of(content)
    (folder / "manifest.json").write_text(
        json.dumps(content, sort_keys=True, separators=(",", ":"))
    )
    folder.rename(folder.with_name(content["asset_id"]))
    catalog = data / "catalog.sqlite3"
    catalog.write_bytes(catalog.read_bytes().replace(old.encode(), content["asset_id"].encode()))


def test_a_sound_asset_passes_every_check(sound: Path) -> None:
    status, report = verify(sound)
    assert (status, report["well"], findings(report)) == (0, True, {})
    assert [check["name"] for check in report["checks"]] == [
        "manifest", "files", "playlists", "master",
        "vorbis-96", "vorbis-160", "vorbis-320", "aac-96", "aac-160", "aac-320",
    ]  # fmt: skip


def test_people_get_a_table(sound: Path) -> None:
    done = run_legato("verify", data=sound)
    assert done.returncode == 0
    assert "19 of Apple's authoring rules hold" in done.stdout
    assert "✗" not in done.stdout


def test_a_track_that_is_not_there_is_said(sound: Path) -> None:
    done = run_legato("verify", "0" * 20, data=sound)
    assert done.returncode == 1
    assert "not in the catalogue" in done.stderr


@pytest.mark.parametrize("name", ["vorbis-160.ogg", "aac-320.mp4"])
def test_a_flipped_bit_is_found(data: Path, name: str) -> None:
    file = asset_folder(data) / name
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.write_bytes(body)

    status, report = verify(data)

    assert status == 1
    assert name in findings(report)["files"][0]


def test_a_file_that_is_gone_is_found(data: Path) -> None:
    (asset_folder(data) / "aac-96.mp4").unlink()
    status, report = verify(data)
    assert status == 1
    assert "not in the store" in findings(report)["files"][0]


def test_a_manifest_that_was_changed_is_found(data: Path) -> None:
    file = asset_folder(data) / "manifest.json"
    file.write_bytes(file.read_bytes().replace(b'"ladder":"r1"', b'"ladder":"r9"'))
    status, report = verify(data)
    assert status == 1
    assert "hashes to" in findings(report)["manifest"][0]


def test_a_manifest_against_its_schema_is_found(data: Path) -> None:
    reseal(data, lambda content: content.update(samples="many"))
    assert "manifest" in findings(verify(data)[1])


def chunks_of(content: Asset, name: str) -> dict[str, list[int]]:
    [entry] = [entry for entry in content["renditions"] if entry["name"] == name]
    chunks: dict[str, list[int]] = entry["chunks"]
    return chunks


def test_a_chunk_that_does_not_decode_to_what_is_said_is_found(data: Path) -> None:
    def change(content: Asset) -> None:
        chunks_of(content, "vorbis-160")["preroll_samples"][1] -= 128

    reseal(data, change)
    status, report = verify(data)
    assert status == 1
    assert "vorbis-160, chunk 1: decodes to" in findings(report)["vorbis-160"][0]


def test_chunks_that_do_not_tile_their_file_are_found(data: Path) -> None:
    def change(content: Asset) -> None:
        chunks_of(content, "aac-96")["size"][0] -= 1

    reseal(data, change)
    assert "aac-96" in findings(verify(data)[1])["files"][0]


def test_a_rendition_of_something_else_is_found(
    data: Path, tmp_path: Path, edge_case: Callable[[str], Path]
) -> None:
    """A file that hashes well, of as many samples, but of other music: its master tells."""
    other = tmp_path / "other"
    shifted = tmp_path / "shifted.wav"
    shift(edge_case("same-recording.wav"), shifted)
    assert run_legato("ingest", shifted, data=other).returncode == 0
    theirs = json.loads((asset_folder(other) / "manifest.json").read_bytes())
    [entry] = [one for one in theirs["renditions"] if one["name"] == "vorbis-96"]
    shutil.copy(asset_folder(other) / "vorbis-96.ogg", asset_folder(data) / "vorbis-96.ogg")

    def change(content: Asset) -> None:
        content["renditions"][0] = entry

    reseal(data, change)
    status, report = verify(data)
    assert status == 1
    assert "100 samples late against the master" in findings(report)["vorbis-96"][0]


def shift(source: Path, target: Path) -> None:
    """The same music 100 samples late, as long as it was."""
    body = source.read_bytes()
    header, pcm = body[:44], body[44:]
    target.write_bytes(header + bytes(400) + pcm[:-400])
