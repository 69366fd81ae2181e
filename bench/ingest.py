"""`legato ingest` beside one bare ffmpeg process that makes the same six files.

    python -m bench.ingest      writes docs/figures/ingest.md

The peer decodes a master once and encodes it six times in one process, with the same ffmpeg
and the same encoder options: it identifies, packages and stores nothing.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import table, write_figures
from bench.measured import NOTHING, Measured, least, measure
from fixtures.edge_cases import write_edge_cases
from fixtures.real_music import length_s, real_music
from legato.transcode.commands import EXTENSIONS
from legato.transcode.ffmpeg_binary import find_ffmpeg
from legato.transcode.ladder import LADDER, delivered_rate_hz

MUSIC_S = 10 * 60
ROUNDS = 4
EXPLANATION = (
    "`legato ingest` whole, from the command to its exit, beside one bare ffmpeg process a "
    "master that makes the same six files with the same ffmpeg. The bare process identifies, "
    "packages and stores nothing. A newer ffmpeg encodes in parallel by itself, so the wall "
    "time stands beside its CPU time. A shared machine's speed drifts by a fifth and more from "
    "minute to minute, and what disturbs a process only ever adds to its CPU time: both sides "
    f"run in turn, {ROUNDS} times each, and the least of each side's figures is shown."
)
CPU_LIMIT, WALL_LIMIT, MEMORY_LIMIT_MB = 1.15, 0.68, 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One row: the same masters through legato and through the peer."""

    name: str
    audio_s: float
    legato: Measured
    peer: Measured

    @property
    def cpu_ratio(self) -> float:
        return self.legato.cpu_s / self.peer.cpu_s

    @property
    def wall_ratio(self) -> float:
        return self.legato.wall_s / self.peer.cpu_s

    def cells(self) -> list[str]:
        return [
            self.name, f"{self.audio_s / 60:.1f} min",
            f"{self.legato.cpu_s:.1f} s", f"{self.peer.cpu_s:.1f} s", f"**{self.cpu_ratio:.3f}**",
            f"{self.legato.wall_s:.1f} s", f"**{self.wall_ratio:.3f}**",
            f"{self.audio_s / self.legato.wall_s:.0f}×", f"{self.legato.peak_bytes / 1e6:.0f} MB",
        ]  # fmt: skip


def main() -> None:
    """Measure with the ffmpeg that legato takes here; exit 1 over a limit."""
    with TemporaryDirectory() as folder:
        long = write_edge_cases(
            Path(folder) / "masters", ["twelve-minutes.flac", "twelve-minutes-96000-24.wav"]
        )
        sets = {
            "real music, Ogg Vorbis masters": real_music(MUSIC_S),
            "12 minutes, FLAC 16/44.1": [long["twelve-minutes.flac"]],
            "12 minutes, WAV 24/96": [long["twelve-minutes-96000-24.wav"]],
        }
        binary = find_ffmpeg()
        rows = [
            compare(f"{name}; ffmpeg {binary.version}", masters, binary.path, Path(folder))
            for name, masters in sets.items()
        ]
    report(rows)
    over = [row for row in rows if row.cpu_ratio > CPU_LIMIT or row.wall_ratio > WALL_LIMIT]
    over += [row for row in rows if row.legato.peak_bytes > MEMORY_LIMIT_MB * 1e6]
    sys.exit(f"over a limit: {', '.join(row.name for row in over)}" if over else 0)


def compare(name: str, masters: Sequence[Path], binary: str, folder: Path) -> Compared:
    """Both sides in turn; of each the least disturbed figures."""
    print(f"measuring: {name}", file=sys.stderr)
    legato, peer = [], []
    for _ in range(ROUNDS):
        peer.append(measure_peer(masters, binary, folder))
        legato.append(measure_legato(masters, binary, folder))
        print(f"  CPU: {legato[-1].cpu_s:.1f} s, {peer[-1].cpu_s:.1f} s", file=sys.stderr)
    audio_s = sum(map(length_s, masters))
    return Compared(name=name, audio_s=audio_s, legato=least(legato), peer=least(peer))


def measure_peer(masters: Sequence[Path], binary: str, folder: Path) -> Measured:
    with TemporaryDirectory(dir=folder) as scratch:
        return sum((measure(peer_command(binary, one, scratch)) for one in masters), NOTHING)


def measure_legato(masters: Sequence[Path], binary: str, folder: Path) -> Measured:
    with TemporaryDirectory(dir=folder) as data:
        environment = {"LEGATO_DATA": data, "LEGATO_FFMPEG": binary}
        command = [sys.executable, "-m", "legato", "ingest", *map(str, masters)]
        return measure(command, environment)


def peer_command(binary: str, master: Path, folder: str) -> list[str]:
    """One process, six files, as lean as it can be: one decode, one resampling."""
    rate = sample_rate_hz(master)
    delivered = delivered_rate_hz(rate)
    resample = f"aresample={delivered}:resampler=soxr," if rate != delivered else ""
    outs = [f"[{number}]" for number in range(len(LADDER.renditions))]
    graph = f"[0:a:0]{resample}aformat=channel_layouts=stereo,asplit={len(outs)}{''.join(outs)}"
    command = [binary, "-nostdin", "-v", "error", "-y", "-i", str(master), "-filter_complex", graph]
    for out, rendition in zip(outs, LADDER.renditions, strict=True):
        encoder = ["libvorbis"] if rendition.codec == "vorbis" else ["aac", "-aac_pns", "0"]
        file = f"{folder}/{rendition.name}{EXTENSIONS[rendition.codec]}"
        command += ["-map", out, "-c:a", *encoder, "-b:a", str(rendition.nominal_bps), file]
    return command


def sample_rate_hz(master: Path) -> int:
    import mutagen  # noqa: PLC0415

    return int(mutagen.File(master).info.sample_rate)


def report(rows: Sequence[Compared]) -> None:
    header = [
        "masters", "audio", "CPU, legato", "CPU, bare ffmpeg", "CPU ratio", "wall, legato",
        "wall / bare CPU", "speed", "Python's peak memory",
    ]  # fmt: skip
    write_figures(
        "ingest",
        title="What an ingest costs",
        command="make bench",
        paragraphs=[
            EXPLANATION,
            table(header, [row.cells() for row in rows]),
            f"Limits: CPU {CPU_LIMIT} ×, wall {WALL_LIMIT} × on two cores, {MEMORY_LIMIT_MB} MB.",
        ],
    )


if __name__ == "__main__":
    main()
