"""Manifests from numbers alone: no encoder, no file."""

from itertools import accumulate

from legato.manifests.manifest import Manifest, PackagedFile, make_manifest
from legato.packaging.chunks import Chunk, ChunkIndex
from legato.packaging.loudness import Loudness

RATE_HZ = 44_100
LINE = 221_184
INIT_SIZE = 800
# Samples of the chunks of a 12 s track; AAC's first is a priming shorter.
AAC_CHUNKS = (LINE - 1024, LINE, 86_736 + 1024)
VORBIS_CHUNKS = (LINE - 320, LINE + 128, 86_736 + 192)


def chunk_index(sizes: tuple[int, ...], samples: tuple[int, ...], preroll: int = 0) -> ChunkIndex:
    offsets = [INIT_SIZE, *(INIT_SIZE + end for end in accumulate(sizes))]
    starts = [0, *accumulate(samples)]
    chunks = tuple(
        Chunk(
            offset=offsets[i],
            size=sizes[i],
            preroll=preroll if i else 0,
            preroll_samples=1024 if i and preroll else 0,
            start_sample=starts[i],
            samples=samples[i],
        )
        for i in range(len(sizes))
    )
    return ChunkIndex(
        init_size=INIT_SIZE,
        chunks=chunks,
        sample_rate_hz=RATE_HZ,
        warmup_samples=0 if preroll else 1024,
    )


def aac_file(kbps: int, samples: tuple[int, ...] = AAC_CHUNKS) -> PackagedFile:
    """An AAC rendition whose chunks are alike, but for the second: that is a tenth larger."""
    sizes = [kbps * 125 * count // RATE_HZ for count in samples]
    sizes[len(sizes) // 2] += sizes[len(sizes) // 2] // 10
    return PackagedFile(
        name=f"aac-{kbps}",
        codec="aac",
        nominal_bps=kbps * 1000,
        size_bytes=INIT_SIZE + sum(sizes),
        sha256=f"{kbps:064x}",
        loudness=None,
        index=chunk_index(tuple(sizes), samples),
    )


def vorbis_file(kbps: int) -> PackagedFile:
    sizes = tuple(kbps * 110 * count // RATE_HZ for count in VORBIS_CHUNKS)
    return PackagedFile(
        name=f"vorbis-{kbps}",
        codec="vorbis",
        nominal_bps=kbps * 1000,
        size_bytes=INIT_SIZE + sum(sizes),
        sha256=f"{kbps + 1:064x}",
        loudness=None,
        index=chunk_index(sizes, VORBIS_CHUNKS, preroll=366),
    )


LOUDNESS = Loudness(integrated_lufs=-11.3, range_lu=6.1, true_peak_dbtp=-0.4)


PEAKS = b'{"version":2,"data":[-1,1]}'


def manifest_of(
    *files: PackagedFile,
    audio_id: str = "a" * 64,
    ladder: str = "r1",
    loudness: Loudness = LOUDNESS,
    peaks: bytes = PEAKS,
) -> Manifest:
    return make_manifest(
        audio_id=audio_id,
        ladder=ladder,
        channels=2,
        loudness=loudness,
        peaks=peaks,
        files=list(files),
    )


def whole_ladder() -> Manifest:
    vorbis = [vorbis_file(kbps) for kbps in (96, 160, 320)]
    return manifest_of(*vorbis, *(aac_file(kbps) for kbps in (96, 160, 320)))
