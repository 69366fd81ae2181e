"""Masters of any shape, and all that is promised of how their chunks join."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from fixtures.recording import quantised
from fixtures.wav import write_extensible, write_pcm
from legato.manifests.alignment import misalignments
from legato.manifests.apple_rules import breaches
from legato.manifests.manifest import PackagedFile, make_manifest
from legato.manifests.stream import read_stream
from legato.origin.media.addresses import Text, resolve
from legato.packaging.chunks import ChunkIndex
from legato.packaging.cmaf import FrameRun, fragment
from legato.packaging.encoded_aac import EncodedAac, read_encoded_aac
from legato.packaging.fragment_reader import Fragment, read_fragment, read_init_segment
from legato.packaging.loudness import UNDEFINED
from legato.packaging.timescale import Timescale
from legato.transcode.encode import Encoding, encode
from legato.transcode.ladder import LADDER
from legato.transcode.probe import probe
from tests.packaging.decoders import DECODERS, Decoded
from tests.packaging.encoded_music import SYSTEM_FFMPEG, fetched, music, package

FRAME: Final = 1024
JUMPS: Final = 4
MUSIC_S: Final = 37


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A packaged rendition; of an AAC one what its encoder's file said, too."""

    body: bytes
    index: ChunkIndex
    encoded: EncodedAac | None

    @property
    def init(self) -> bytes:
        return self.body[: self.index.init_size]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """All six renditions of a master, and how many samples their encoders were given."""

    samples: int
    sample_rate_hz: int
    packed: Mapping[str, Packed]

    def of(self, codec: str) -> dict[str, Packed]:
        return {name: one for name, one in self.packed.items() if name.startswith(codec)}


def write_master(path: Path, samples: int, rate_hz: int, channels: int) -> Path:
    """Music of 16 bits, no two channels alike; what is long repeats itself."""
    stereo = np.resize(music(min(samples, MUSIC_S * rate_hz), rate_hz), (samples, 2))
    gains = np.linspace(1.0, 0.4, channels)
    recording = quantised(stereo[:, np.arange(channels) % 2] * gains, rate_hz, 16)
    (write_extensible if channels > 2 else write_pcm)(recording, path)
    return path


def deliver(master: Path, folder: Path) -> Delivered:
    """Encode and package a master as ingest does."""
    folder.mkdir(exist_ok=True)
    encoding = Encoding(ladder=LADDER, binary=SYSTEM_FFMPEG, cores=2, stall_s=60)
    made = encode(master, probe(SYSTEM_FFMPEG, master), folder, encoding, lambda _samples: None)
    packed = {}
    for rendition, path in made.files.items():
        source = path.read_bytes()
        body, index = package(source, rendition.name, made.samples)
        with path.open("rb") as file:
            encoded = read_encoded_aac(file) if rendition.codec == "aac" else None
        packed[rendition.name] = Packed(body=body, index=index, encoded=encoded)
    return Delivered(samples=made.samples, sample_rate_hz=made.sample_rate_hz, packed=packed)


def check_playlists(delivered: Delivered) -> None:
    """Apple's rules, of the playlists of any length; a change of rendition leaves no hole."""
    files = [
        PackagedFile(
            name=name, codec="vorbis" if name.startswith("vorbis") else "aac",
            nominal_bps=int(name.rpartition("-")[2]) * 1000, size_bytes=len(one.body),
            sha256="0" * 64, loudness=None, index=one.index,
        )
        for name, one in delivered.packed.items()
    ]  # fmt: skip
    manifest = make_manifest(
        audio_id="a" * 64, ladder="r1", channels=2, loudness=UNDEFINED, peaks=b"{}", files=files
    )

    def fetch(address: str, _span: tuple[int, int] | None) -> bytes:
        target = resolve(manifest, address)
        if isinstance(target, Text):
            return target.body
        body = delivered.packed[target.file.partition(".")[0]].body
        return body[target.span.offset : target.span.offset + target.span.size]

    assert breaches(read_stream(fetch)) == []
    assert misalignments(manifest) == []


def check_lengths(delivered: Delivered) -> None:
    """Every rendition as long as the master; AAC by what its boxes state, too."""
    for one in delivered.packed.values():
        assert one.index.samples == sum(chunk.samples for chunk in one.index.chunks)
        assert one.index.samples == delivered.samples
        if one.encoded is not None:
            init = read_init_segment(one.init)
            stated = sum(found.samples for found in fragments(one))
            assert init.sample_rate_hz == delivered.sample_rate_hz
            assert stated == init.priming_samples + delivered.samples


def check_vorbis(delivered: Delivered, random: Random) -> None:
    """A change of rendition at every boundary leaves no hole; a jump lands on the sample."""
    renditions = delivered.of("vorbis")
    wholes = {name: DECODERS["oggdec"](one.body) for name, one in renditions.items()}
    assert {len(whole) for whole in wholes.values()} == {delivered.samples}
    chunks = len(next(iter(renditions.values())).index.chunks)
    played = 0
    for number in range(chunks):
        name = random.choice(list(renditions))
        heard, first = vorbis_chunk(renditions[name], number)
        assert first <= played
        span = wholes[name][played : first + len(heard)]
        np.testing.assert_array_equal(heard[played - first :], span, strict=True)
        played = first + len(heard)
    assert played == delivered.samples
    for _ in range(JUMPS):
        name, number = random.choice(list(renditions)), random.randrange(chunks)
        heard, first = vorbis_chunk(renditions[name], number)
        span = wholes[name][first : first + len(heard)]
        np.testing.assert_array_equal(heard, span, strict=True)


def vorbis_chunk(one: Packed, number: int) -> tuple[Decoded, int]:
    """What a chunk decodes to, alone, and the sample of the timeline that this starts at."""
    chunk = one.index.chunks[number]
    heard = DECODERS["oggdec"](fetched(one.body, one.index, number))
    assert len(heard) == chunk.preroll_samples + chunk.samples
    return heard, chunk.start_sample - chunk.preroll_samples


def check_aac(delivered: Delivered, random: Random) -> None:
    """Changes of rendition keep the timeline; chunks are right, with a frame before from 0 on."""
    renditions = delivered.of("aac")
    wholes = {name: decode_aac(one.body) for name, one in renditions.items()}
    times = {tuple(found.decode_time for found in fragments(one)) for one in renditions.values()}
    assert len(times) == 1
    starts = times.pop()
    names = [random.choice(list(renditions)) for _ in starts]
    padded = delivered.samples + FRAME + -delivered.samples % FRAME
    assert {len(whole) for whole in wholes.values()} == {padded}
    mixed = decode_aac(
        renditions[names[0]].init
        + b"".join(chunk_bytes(renditions[name], n) for n, name in enumerate(names))
    )
    assert len(mixed) == padded
    ends = (*starts[1:], padded)
    for name, start, end in zip(names, starts, ends, strict=True):
        warm = start + FRAME if start else 0
        np.testing.assert_array_equal(mixed[warm:end], wholes[name][warm:end], strict=True)
    for _ in range(JUMPS):
        name, number = random.choice(list(renditions)), random.randrange(len(starts))
        span = wholes[name][starts[number] : ends[number]]
        alone = decode_aac(renditions[name].init + chunk_bytes(renditions[name], number))
        np.testing.assert_array_equal(alone[FRAME:], span[FRAME:], strict=True)
        if number:
            heard = decode_aac(with_the_frame_before(renditions[name], number))
            np.testing.assert_array_equal(heard[FRAME:], span, strict=True)


def fragments(one: Packed) -> list[Fragment]:
    """Every fragment, each of them starting where the one before ends."""
    init, expected, found = read_init_segment(one.init), 0, []
    for number in range(len(one.index.chunks)):
        read = read_fragment(chunk_bytes(one, number), init)
        assert read.decode_time == expected
        expected += read.samples
        found.append(read)
    return found


def chunk_bytes(one: Packed, number: int) -> bytes:
    chunk = one.index.chunks[number]
    return one.body[chunk.offset : chunk.offset + chunk.size]


def with_the_frame_before(one: Packed, number: int) -> bytes:
    """The init segment, and a chunk's frames after the last one of the chunk before it."""
    assert one.encoded is not None
    init = read_init_segment(one.init)
    first = read_fragment(chunk_bytes(one, number), init).decode_time // FRAME
    count = len(read_fragment(chunk_bytes(one, number), init).durations)
    sizes: Sequence[int] = one.encoded.frame_sizes[first - 1 : first + count]
    before = chunk_bytes(one, number - 1)[-sizes[0] :]
    frames = before + chunk_bytes(one, number)[-sum(sizes[1:]) :]
    timescale = Timescale(
        sample_rate_hz=one.index.sample_rate_hz, ticks_per_sample=init.ticks_per_sample
    )
    return one.init + fragment(1, FrameRun(first_sample=0, sizes=sizes), timescale, frames)


def decode_aac(body: bytes) -> Decoded:
    """All that is decoded, priming and padding too."""
    command = [SYSTEM_FFMPEG, "-v", "error", "-ignore_editlist", "1", "-i", "pipe:0"]
    done = subprocess.run(
        [*command, "-f", "f32le", "pipe:1"], input=body, capture_output=True, check=True
    )
    return np.frombuffer(done.stdout, "<f4").reshape(-1, 2)
