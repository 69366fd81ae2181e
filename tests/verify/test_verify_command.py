"""`legato verify`: a sound asset passes; whatever is wrong with one is found and named."""

import json
import shutil
import sqlite3
import subprocess
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


def reseal(data: Path, change: Callable[[Asset], object]) -> None:
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
        "manifest", "files", "alignment", "playlists", "master",
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


def test_a_manifest_under_the_id_of_another_is_found(data: Path) -> None:
    def change(content: Asset) -> None:
        content["asset_id"] = asset_id_of(content | {"ladder": "r9"})
        content["ladder"] = "r9"

    file = asset_folder(data) / "manifest.json"
    content = json.loads(file.read_bytes())
    change(content)
    file.write_text(json.dumps(content))
    assert "is stored as that of" in findings(verify(data)[1])["manifest"][0]


def test_a_broken_asset_is_one_line_and_the_next_is_verified_too(
    data: Path, edge_case: Callable[[str], Path]
) -> None:
    (asset_folder(data) / "manifest.json").unlink()
    assert run_legato("ingest", edge_case("exactly-5-seconds.flac"), data=data).returncode == 0

    done = run_legato("verify", "--json", data=data)

    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (1, "")
    assert sorted(report["well"] for report in reports) == [False, True]
    [broken] = [report for report in reports if not report["well"]]
    assert "not in the store" in findings(broken)["manifest"][0]


def test_a_master_that_is_no_longer_one_is_found(data: Path) -> None:
    [master] = [path for path in (data / "objects" / "masters").rglob("*") if path.is_file()]
    master.chmod(0o644)
    master.write_bytes(bytes(5000))
    status, report = verify(data)
    assert status == 1
    assert list(findings(report)) == ["master"]
    assert "restore it" in findings(report)["master"][0]


def test_peaks_that_were_changed_are_found(data: Path) -> None:
    file = asset_folder(data) / "peaks.json"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b'"version":2', b'"version":1'))
    assert "peaks.json: hashes to" in findings(verify(data)[1])["files"][0]


@pytest.mark.parametrize(
    ("name", "change"), [("integrated_lufs", 1.0), ("range_lu", 2.0), ("true_peak_dbtp", -0.5)]
)
def test_loudness_that_the_master_does_not_have_is_found(
    data: Path, name: str, change: float
) -> None:
    reseal(
        data, lambda content: content["loudness"].update({name: content["loudness"][name] + change})
    )
    [found] = findings(verify(data)[1])["master"]
    assert "the master's is" in found


def test_a_preroll_that_reaches_too_little_back_is_found(data: Path) -> None:
    """Told apart from what decodes: the other renditions' ends are what it has to reach."""

    def change(content: Asset) -> None:
        earlier, later = chunks_of(content, "vorbis-96"), chunks_of(content, "vorbis-320")
        earlier["start_sample"][1] = later["start_sample"][1] - 100
        earlier["samples"] = [
            earlier["start_sample"][1],
            sum(earlier["samples"]) - earlier["start_sample"][1],
        ]
        later["preroll_samples"][1] = 0

    reseal(data, change)
    assert "reaches back to" in " ".join(findings(verify(data)[1])["alignment"])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("volume=-6dB", "LUFS, the master's is"),
        ("pan=stereo|c0=c0|c1=0*c1", "channel 2 is not the master's"),
        ("pan=stereo|c0=c0|c1=-1*c1", "channel 2 is not the master's"),
    ],
    ids=["softer", "a channel lost", "a channel turned over"],
)
def test_a_rendition_that_is_not_as_its_master_sounds_is_found(
    data: Path, tmp_path: Path, edge_case: Callable[[str], Path], change: str, expected: str
) -> None:
    altered = tmp_path / "altered.flac"
    command = ["ffmpeg", "-v", "error", "-i", str(edge_case("same-recording.flac"))]
    subprocess.run([*command, "-map", "0:a", "-af", change, str(altered)], check=True)
    take_rendition_of(data, altered, tmp_path / "other")
    assert expected in " ".join(findings(verify(data)[1])["aac-96"])


def test_a_silent_rendition_is_found(
    data: Path, tmp_path: Path, edge_case: Callable[[str], Path]
) -> None:
    """Silence but for one sample: of no loudness, and like nothing."""
    master = tmp_path / "silent.wav"
    body = edge_case("same-recording.wav").read_bytes()
    master.write_bytes(body[:44] + bytes(len(body) - 46) + b"\1\0")
    take_rendition_of(data, master, tmp_path / "other")
    found = findings(verify(data)[1])["aac-96"]
    assert ["channel 1 is not" in one for one in found].count(True) == 1


def take_rendition_of(data: Path, master: Path, other: Path) -> None:
    """Put the aac-96 of another master in the place of an asset's own."""
    assert run_legato("ingest", master, data=other).returncode == 0
    theirs = json.loads((asset_folder(other) / "manifest.json").read_bytes())
    (asset_folder(data) / "aac-96.mp4").unlink()
    shutil.copy(asset_folder(other) / "aac-96.mp4", asset_folder(data) / "aac-96.mp4")

    def change(content: Asset) -> None:
        content["renditions"][3] = theirs["renditions"][3]

    reseal(data, change)


@pytest.mark.parametrize("name", ["one-sample.wav", "0.4-seconds.flac", "mono-8000.wav"])
def test_the_shortest_of_assets_are_well(
    name: str, tmp_path: Path, edge_case: Callable[[str], Path]
) -> None:
    data, env = tmp_path / "data", {"LEGATO_MIN_DURATION_S": "0"}
    assert run_legato("ingest", edge_case(name), data=data, env=env).returncode == 0
    status, report = verify(data)
    assert (status, findings(report)) == (0, {})


@pytest.mark.parametrize(
    "change",
    [
        lambda chunks: chunks["preroll"].pop(),
        lambda chunks: [column.clear() for column in chunks.values()],
        lambda chunks: chunks["samples"].__setitem__(0, 0),
    ],
    ids=["a column is shorter", "no chunks", "a chunk of nothing"],
)
def test_a_manifest_whose_columns_make_no_sense_is_found(
    data: Path, change: Callable[[dict[str, list[int]]], object]
) -> None:
    reseal(data, lambda content: change(chunks_of(content, "aac-96")))
    assert "manifest" in findings(verify(data)[1])


def test_a_preroll_before_the_first_chunk_is_found(data: Path) -> None:
    reseal(data, lambda content: chunks_of(content, "aac-96")["preroll"].__setitem__(0, 5000))
    assert "bytes of pre-roll" in findings(verify(data)[1])["files"][0]


def test_a_track_that_is_not_ready_cannot_be_verified(data: Path) -> None:
    catalog = sqlite3.connect(data / "catalog.sqlite3")
    [[track_id]] = catalog.execute("SELECT track_id FROM tracks").fetchall()
    with catalog:
        catalog.execute("UPDATE tracks SET asset_id = NULL, state = 'encoding'")
    catalog.close()
    done = run_legato("verify", track_id, data=data)
    assert done.returncode == 1
    assert "expected it ready" in done.stderr


def test_noise_that_encoders_take_the_top_of_is_well(tmp_path: Path) -> None:
    """White noise is softer by what lies above an encoder's band: that is no fault."""
    noise, data = tmp_path / "noise.flac", tmp_path / "data"
    source = "anoisesrc=duration=6:color=white:amplitude=0.3:seed=1:sample_rate=44100"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, str(noise)], check=True)
    assert run_legato("ingest", noise, data=data).returncode == 0
    status, report = verify(data)
    assert (status, findings(report)) == (0, {})


def test_renditions_are_measured_at_ingest_where_that_is_set(
    sound: Path, tmp_path: Path, edge_case: Callable[[str], Path]
) -> None:
    data, master = tmp_path / "data", edge_case("same-recording.flac")
    done = run_legato("ingest", master, data=data, env={"LEGATO_MEASURE_RENDITIONS": "1"})
    assert done.returncode == 0, done.stderr

    def measured(data: Path) -> list[Asset | None]:
        content = json.loads((asset_folder(data) / "manifest.json").read_bytes())
        return [entry["loudness"] for entry in content["renditions"]]

    content = json.loads((asset_folder(data) / "manifest.json").read_bytes())
    for one in measured(data):
        assert one is not None
        assert one["integrated_lufs"] == pytest.approx(
            content["loudness"]["integrated_lufs"], abs=1
        )
        assert one["true_peak_dbtp"] > content["loudness"]["true_peak_dbtp"] - 1
    assert measured(sound) == [None] * 6
    assert verify(data)[0] == 0


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
