"""`legato export`: what a static web server needs, and nothing that is not true there."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import pytest

from tests.running import run_legato

LAYOUTS = ("segmented", "packed")
every_layout = pytest.mark.parametrize("layout", LAYOUTS)


@pytest.fixture(scope="module")
def ingested(
    tmp_path_factory: pytest.TempPathFactory, edge_case: Callable[[str], Path]
) -> tuple[Path, str]:
    """A data folder, and the track in it."""
    data = tmp_path_factory.mktemp("export") / "data"
    done = run_legato("ingest", "--json", edge_case("same-recording.flac"), data=data)
    return data, str(json.loads(done.stdout)["track_id"])


@pytest.fixture(scope="module")
def exported(
    ingested: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    data, track_id = ingested
    folders = {layout: tmp_path_factory.mktemp("export") / layout for layout in LAYOUTS}
    for layout, folder in folders.items():
        done = run_legato("export", track_id, folder, "--layout", layout, data=data)
        assert done.returncode == 0, done.stderr
    return folders


@every_layout
def test_every_file_that_the_manifest_names_is_there(
    exported: dict[str, Path], layout: str
) -> None:
    folder = exported[layout]
    manifest = json.loads((folder / "manifest.json").read_bytes())
    sizes = {entry["file"]: entry["size_bytes"] for entry in manifest["renditions"]}
    sizes[manifest["peaks"]["file"]] = manifest["peaks"]["size_bytes"]
    assert {name: (folder / name).stat().st_size for name in sizes} == sizes


def test_segments_are_the_bytes_that_the_manifest_addresses(exported: dict[str, Path]) -> None:
    folder = exported["segmented"]
    for entry in json.loads((folder / "manifest.json").read_bytes())["renditions"]:
        whole, chunks = (folder / entry["file"]).read_bytes(), entry["chunks"]
        suffix, init = (".ogg", "init.ogg") if entry["codec"] == "vorbis" else (".m4s", "init.mp4")
        assert (folder / entry["name"] / init).read_bytes() == whole[: entry["init"]["size"]]
        for index, (offset, size, preroll) in enumerate(
            zip(chunks["offset"], chunks["size"], chunks["preroll"], strict=True)
        ):
            segment = (folder / entry["name"] / f"{index}{suffix}").read_bytes()
            assert segment == whole[offset - preroll : offset + size]


def test_a_packed_export_has_no_file_a_chunk(exported: dict[str, Path]) -> None:
    names = {path.name for path in exported["packed"].rglob("*") if path.is_file()}
    assert not any(name.endswith(".m4s") or name.startswith("init") for name in names)
    assert len(names) < len(list(exported["segmented"].rglob("*")))


@every_layout
@pytest.mark.parametrize("playlist", ["index.m3u8", "index-96.m3u8", "aac-160/index.m3u8"])
def test_a_playlist_plays_from_the_folder_alone(
    exported: dict[str, Path], layout: str, playlist: str
) -> None:
    folder = exported[layout]
    samples = json.loads((folder / "manifest.json").read_bytes())["samples"]
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-xerror", "-i", str(folder / playlist),
        "-map", "0:a:0", "-c:a", "pcm_s16le", "-f", "s16le", "-",
    ]  # fmt: skip
    heard = subprocess.run(command, capture_output=True, check=True)
    assert heard.stderr == b""
    assert 0 <= len(heard.stdout) // 4 - samples < 1024


def test_a_folder_with_something_in_it_is_left_alone(
    ingested: tuple[Path, str], tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    done = run_legato("export", ingested[1], tmp_path, data=ingested[0])
    assert done.returncode == 1
    assert "folder_not_empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_export_that_came_to_no_end_is_called_by_its_name(
    ingested: tuple[Path, str], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    assert run_legato("export", ingested[1], folder, data=ingested[0]).returncode == 0
    (folder / "manifest.json").unlink()
    done = run_legato("export", ingested[1], folder, data=ingested[0])
    assert done.returncode == 1
    assert "an unfinished export (remove it)" in done.stderr


def test_an_object_that_ends_early_ends_the_export(
    ingested: tuple[Path, str], tmp_path: Path
) -> None:
    data = Path(shutil.copytree(ingested[0], tmp_path / "data"))
    [file] = (data / "objects" / "audio").glob("*/aac-96.mp4")
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-100])
    done = run_legato("export", ingested[1], tmp_path / "out", data=data)
    assert done.returncode == 1
    assert "object_short" in done.stderr
