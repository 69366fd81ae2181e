"""Packaging beside two packagers of others, and beside the encoding it follows.

python -m bench.packaging             writes docs/figures/packaging.md
python -m bench.packaging FOLDER aac  packages a folder's encoded files (what is measured)
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.measured import Measured, measure
from legato.packaging.aac_fragments import package_aac
from legato.packaging.ogg_vorbis import package_vorbis

PEER = Path(__file__).parent / "node_modules" / "shaka-packager" / "bin" / "packager-linux-x64"
RUNS = 7
OVERHEAD_LIMIT, SHARE_LIMIT = 0.003, 0.03
EXPLANATION = (
    "One piece of real music, already encoded; each command whole, from its start to its exit, so "
    "ours with Python's own start; medians of {runs} runs in turn. shaka-packager and `ffmpeg -c "
    "copy -f hls` write HLS with fMP4 of three AAC renditions. Neither writes what chunks need to "
    "join: exact ends, a manifest's index, pre-roll."
)


def package_folder(folder: Path, codecs: Sequence[str]) -> None:
    """Package the encoders' files in `folder`; their length stands in a file beside them."""
    samples = int((folder / "samples").read_text())
    packagers: dict[str, tuple[str, Callable[..., object]]] = {
        "vorbis": (".ogg", package_vorbis),
        "aac": (".mp4", package_aac),
    }
    for codec in codecs:
        suffix, packager = packagers[codec]
        for path in sorted(folder.glob(f"{codec}-*.encoded{suffix}")):
            target = folder / path.name.replace(".encoded", "")
            with path.open("rb") as source, target.open("wb") as sink:
                packager(source, sink, samples=samples)


def main() -> None:
    from bench.figures import table, write_figures  # noqa: PLC0415 - not in what is measured

    with TemporaryDirectory() as name:
        folder = Path(name)
        encoding = encode_a_piece(folder)
        rows = measure_in_turn(folder)
        overhead = ogg_overhead(folder)
    ours, six = rows["legato, three AAC"], rows["legato, all six"]
    cells = [
        [name, f"{cpu:.3f} s", f"{ours / cpu:.2f}" if name != "legato, all six" else ""]
        for name, cpu in rows.items()
    ]
    write_figures(
        "packaging",
        title="What packaging costs",
        command="make bench",
        paragraphs=[
            EXPLANATION.format(runs=RUNS),
            table(["packager", "CPU", "three AAC of ours against it"], cells),
            (
                f"Encoding the six took {encoding:.1f} s of CPU: packaging all of them is "
                f"**{six / encoding:.2%}** of that (limit {SHARE_LIMIT:.0%})."
            ),
            (
                f"Our Ogg files are **{overhead:+.3%}** of the size of ffmpeg's own with the same "
                f"packets (limit {OVERHEAD_LIMIT:.1%})."
            ),
        ],
    )
    peers = [rows["shaka-packager"], rows["ffmpeg -c copy -f hls, three times"]]
    if ours >= min(peers) or six / encoding > SHARE_LIMIT or overhead > OVERHEAD_LIMIT:
        sys.exit("over a limit")


def encode_a_piece(folder: Path) -> float:
    """Encode the longest piece there is to all six; answers the encoders' CPU seconds."""
    import resource  # noqa: PLC0415

    from fixtures.real_music import MUSIC  # noqa: PLC0415
    from legato.transcode.encode import Encoding, encode  # noqa: PLC0415
    from legato.transcode.ffmpeg_binary import find_ffmpeg  # noqa: PLC0415
    from legato.transcode.ladder import LADDER  # noqa: PLC0415
    from legato.transcode.probe import probe  # noqa: PLC0415

    binary = find_ffmpeg().path
    master = max(MUSIC.rglob("*.ogg"), key=lambda path: path.stat().st_size)
    probed = probe(binary, master)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    encoding = Encoding(ladder=LADDER, binary=binary, cores=2, stall_s=60)
    encoded = encode(master, probed, folder, encoding, lambda _samples: None)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    (folder / "samples").write_text(str(encoded.samples))
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure_in_turn(folder: Path) -> dict[str, float]:
    """The median CPU seconds of each packager, one after the other in every round."""
    commands: dict[str, Callable[[], Measured]] = {
        "legato, three AAC": lambda: measure(ours(folder, "aac")),
        "legato, all six": lambda: measure(ours(folder, "aac", "vorbis")),
        "shaka-packager": lambda: measure(shaka(folder)),
        "ffmpeg -c copy -f hls, three times": lambda: sum_of(ffmpeg_hls(folder)),
    }
    measured: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, run in commands.items():
            measured[name].append(run().cpu_s)
    return {name: median(values) for name, values in measured.items()}


def ours(folder: Path, *codecs: str) -> list[str]:
    return [sys.executable, "-m", "bench.packaging", str(folder), *codecs]


def shaka(folder: Path) -> list[str]:
    streams = [
        f"in={folder}/aac-{kbps}.encoded.mp4,stream=audio,"
        f"init_segment={folder}/shaka-{kbps}/init.mp4,"
        f"segment_template={folder}/shaka-{kbps}/$Number$.m4s,playlist_name=shaka-{kbps}.m3u8"
        for kbps in (96, 160, 320)
    ]
    return [
        str(PEER), *streams, "--segment_duration", "5.0155", "--quiet",
        "--hls_master_playlist_output", f"{folder}/shaka.m3u8",
    ]  # fmt: skip


def ffmpeg_hls(folder: Path) -> list[list[str]]:
    return [
        [
            "ffmpeg", "-nostdin", "-v", "error", "-y", "-i", f"{folder}/aac-{kbps}.encoded.mp4",
            "-c", "copy", "-f", "hls", "-hls_time", "5", "-hls_playlist_type", "vod",
            "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", f"ffmpeg-{kbps}-init.mp4",
            f"{folder}/ffmpeg-{kbps}.m3u8",
        ]
        for kbps in (96, 160, 320)
    ]  # fmt: skip


def sum_of(commands: Sequence[Sequence[str]]) -> Measured:
    first, *others = (measure(command) for command in commands)
    return sum(others, first)


def ogg_overhead(folder: Path) -> float:
    """How much larger our Ogg files are than ffmpeg's own of the same packets."""
    package_folder(folder, ["vorbis"])
    ours_size = theirs_size = 0
    for path in sorted(folder.glob("vorbis-*.encoded.ogg")):
        remuxed = folder / "remuxed.ogg"
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(path), "-c", "copy"]
        subprocess.run([*command, "-fflags", "+bitexact", str(remuxed)], check=True)
        theirs_size += remuxed.stat().st_size
        ours_size += path.with_name(path.name.replace(".encoded", "")).stat().st_size
    return ours_size / theirs_size - 1


if __name__ == "__main__":
    if sys.argv[1:]:
        package_folder(Path(sys.argv[1]), sys.argv[2:])
    else:
        main()
