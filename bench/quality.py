"""How renditions sound beside their master, by ViSQOL; and whether a cheaper setting would do.

    python -m bench.quality               writes docs/figures/quality.md

ViSQOL 3 in audio mode answers a MOS-LQO of 1 to 5 (its model ends near 4.73).
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.figures import table, write_figures
from fixtures.real_music import MUSIC
from legato.packaging.aac_fragments import package_aac
from legato.packaging.grid import AAC_FRAME_SAMPLES
from legato.packaging.ogg_vorbis import package_vorbis
from legato.transcode import commands
from legato.transcode.ffmpeg_binary import find_ffmpeg
from legato.transcode.ladder import LADDER, Rendition
from legato.transcode.whole_decode import frames_of

PIECES: Final = ("antarctic/arctic_breeze", "castle/fortress", "forest/clavelian_march")
START_S, LENGTH_S, RATE_HZ, VISQOL_RATE_HZ = 30, 15, 44_100, 48_000
# What the mean of the three must reach: 0.05 below what ffmpeg 5.1 was first measured to.
FLOORS: Final = {
    "vorbis-96": 4.35, "vorbis-160": 4.66, "vorbis-320": 4.68,
    "aac-96": 4.18, "aac-160": 4.56, "aac-320": 4.68,
}  # fmt: skip
# A cheaper setting is taken only where its score stays this near.
NEAR: Final = 0.02
CHEAPER: Final = {"aac": ["-aac_coder", "fast"]}

EXPLANATION: Final = (
    "ViSQOL 3 in audio mode (MOS-LQO, 1 to about 4.73): "
    f"{LENGTH_S} s of each of three pieces of real music, encoded, packaged and decoded by "
    "ffmpeg {version}, against the excerpt itself, channels mixed. The pieces are Ogg Vorbis "
    "themselves, which favours Vorbis a little. A floor is 0.05 below what was first measured: "
    "builds of ffmpeg differ by less, a wrong setting costs more."
)

Mono = NDArray[np.float64]


@dataclass(slots=True)
class Heard:
    """One rendition at one setting: its score on every piece, and the CPU that took."""

    scores: list[float] = field(default_factory=list)
    cpu_s: float = 0.0

    @property
    def mean(self) -> float:
        return float(np.mean(self.scores))


def main() -> None:
    binary = find_ffmpeg()
    found = {one.name: (Heard(), Heard()) for one in LADDER.renditions}
    for piece in PIECES:
        pcm = excerpt(binary.path, MUSIC / f"{piece}.ogg")
        reference = for_visqol(binary.path, pcm)
        for rendition in LADDER.renditions:
            print(f"{piece}: {rendition.name}", file=sys.stderr)
            ours, cheaper = found[rendition.name]
            listen(ours, binary.path, rendition, pcm, reference, [])
            if rendition.codec in CHEAPER:
                listen(cheaper, binary.path, rendition, pcm, reference, CHEAPER[rendition.codec])
    report(found, binary.version)
    low = [name for name, (ours, _) in found.items() if ours.mean < FLOORS[name]]
    sys.exit(f"below its floor: {', '.join(low)}" if low else 0)


def listen(  # noqa: PLR0913, PLR0917 - one excerpt through one setting takes all of these
    heard: Heard, binary: str, rendition: Rendition, pcm: bytes, reference: Mono,
    options: Sequence[str],
) -> None:  # fmt: skip
    """Encode, package, decode and score one excerpt."""
    from visqol import VisqolApi  # noqa: PLC0415 - installed for this bench alone

    decoded, cpu_s = round_trip(binary, rendition, pcm, options)
    visqol = VisqolApi()
    visqol.create(mode="audio")
    result = visqol.measure_from_arrays(
        reference, for_visqol(binary, decoded), sample_rate=VISQOL_RATE_HZ
    )
    heard.scores.append(float(result.moslqo))
    heard.cpu_s += cpu_s


def round_trip(
    binary: str, rendition: Rendition, pcm: bytes, options: Sequence[str]
) -> tuple[bytes, float]:
    """What a player hears of an excerpt, and the encoder's CPU seconds."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        command = commands.encode(binary, [rendition], rate_hz=RATE_HZ, folder=folder)
        at = command.index("-c:a")
        before = os.times()
        subprocess.run([*command[:at], *options, *command[at:]], input=pcm, check=True)
        after = os.times()
        packaged = folder / rendition.name
        source = BytesIO(commands.encoded_file(folder, rendition).read_bytes())
        with packaged.open("wb") as sink:
            packager = package_aac if rendition.codec == "aac" else package_vorbis
            packager(source, sink, samples=len(pcm) // commands.FRAME_BYTES)
        decode = commands.decode_rendition(binary, packaged, rendition.codec)
        heard = subprocess.run(decode, capture_output=True, check=True).stdout
    priming = AAC_FRAME_SAMPLES * commands.FRAME_BYTES if rendition.codec == "aac" else 0
    cpu_s = after.children_user + after.children_system
    cpu_s -= before.children_user + before.children_system
    return heard[priming : priming + len(pcm)], cpu_s


def excerpt(binary: str, master: Path) -> bytes:
    """Stereo, 32-bit float, at the rate of delivery."""
    command = [
        binary, "-v", "error", "-ss", str(START_S), "-t", str(LENGTH_S), "-i", str(master),
        "-ar", str(RATE_HZ), "-ac", "2", "-f", "f32le", "pipe:1",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=True).stdout


def for_visqol(binary: str, pcm: bytes) -> Mono:
    """Mono at 48 kHz, which ViSQOL's audio mode is made for."""
    command = [
        binary, "-v", "error", "-f", "f32le", "-ar", str(RATE_HZ), "-ac", "2", "-i", "pipe:0",
        "-af", f"aresample={VISQOL_RATE_HZ}:resampler=soxr", "-f", "f32le", "pipe:1",
    ]  # fmt: skip
    done = subprocess.run(command, input=pcm, capture_output=True, check=True)
    mixed: Mono = frames_of(done.stdout).astype(np.float64).mean(axis=1)
    return mixed


def report(found: dict[str, tuple[Heard, Heard]], version: str) -> None:
    rows = []
    for name, (ours, cheaper) in found.items():
        beside = ["", "", ""]
        if cheaper.scores:
            taken = "no" if ours.mean - cheaper.mean > NEAR else "it could be"
            beside = [f"{cheaper.mean:.2f}", f"{cheaper.cpu_s / ours.cpu_s:.2f}", taken]
        each = [f"{score:.2f}" for score in ours.scores]
        rows.append([name, *each, f"**{ours.mean:.2f}**", f"{FLOORS[name]:.2f}", *beside])
    header = [
        "rendition", *PIECES, "mean", "floor", "`-aac_coder fast`", "its CPU, of ours", "taken",
    ]  # fmt: skip
    write_figures(
        "quality",
        title="How renditions sound",
        command="make bench-quality",
        paragraphs=[
            EXPLANATION.format(version=version),
            table(header, rows),
            f"A cheaper setting is taken only where its score stays within {NEAR:.2f}.",
        ],
    )


if __name__ == "__main__":
    main()
