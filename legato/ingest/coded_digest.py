"""The `audio_id` of a lossy master, from its coded packets."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from legato.errors import BadInput
from legato.ingest.ogg_master import vorbis_configuration
from legato.transcode import commands
from legato.transcode.last_words import last_line
from legato.transcode.probe import Probe
from legato.transcode.process import FfmpegFailedError, Running, StallWatch


def coded_digest(master: Path, probed: Probe, samples: int, *, binary: str, stall_s: float) -> str:
    """SHA-256 of its packets, its decoder's set-up and its length, in hexadecimal.

    Its decoder's output would not do: decoders differ in their last bits. Raises BadInput
    `damaged`, and Unavailable where ffmpeg writes nothing for `stall_s`.
    """
    header = f"legato audio 1\n{probed.codec} {probed.sample_rate_hz} {probed.layout} {samples}\n"
    digest = hashlib.sha256(header.encode())
    if probed.codec == "vorbis":
        digest.update(vorbis_configuration(master))
    command = commands.hash_packets(binary, master)
    try:
        with Running(command) as process, StallWatch(stall_s, [process]) as watch:
            for line in _lines(process.blocks()):
                digest.update(_identifying(line, with_configuration=probed.codec != "vorbis"))
                watch.moved()
            process.finish()
    except FfmpegFailedError as error:
        raise BadInput(
            "damaged",
            f"found packets that cannot be read ({last_line(error.said)}), expected a whole file",
        ) from error
    return digest.hexdigest()


def _identifying(line: bytes, *, with_configuration: bool) -> bytes:
    """What a line of ffmpeg's framehash says of the audio, without times that a remux shifts."""
    if line.startswith(b"#extradata"):
        return line.split(b",")[-1].strip() + b"\n" if with_configuration else b""
    if not line or line.startswith(b"#"):
        return b""
    return b",".join(field.strip() for field in line.split(b",")[4:6]) + b"\n"


def _lines(blocks: Iterable[bytes]) -> Iterable[bytes]:
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    yield rest
