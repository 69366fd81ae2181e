"""Whether a player may change from any rendition to any other of its codec, at every boundary."""

from collections.abc import Iterator, Sequence

from legato.manifests.manifest import Manifest, RenditionEntry


def misalignments(manifest: Manifest) -> list[str]:
    """All that would leave a hole, or move the timeline, where a player changes."""
    vorbis = [entry for entry in manifest.renditions if entry.codec == "vorbis"]
    aac = [entry for entry in manifest.renditions if entry.codec == "aac"]
    return [*_counts_differ(manifest)] or [*_holes(vorbis), *_starts_differ(aac)]


def _counts_differ(manifest: Manifest) -> Iterator[str]:
    counts = {entry.name: len(entry.chunks) for entry in manifest.renditions}
    if len(set(counts.values())) > 1:
        yield f"chunks: {', '.join(f'{name} has {count}' for name, count in counts.items())}"


def _holes(entries: Sequence[RenditionEntry]) -> Iterator[str]:
    """What a chunk decodes to starts no later than where the one before it ends, in any."""
    for index in range(len(entries[0].chunks) if entries else 0):
        start = min(entry.chunks.start_sample[index] for entry in entries)
        for entry in entries:
            first = entry.chunks.start_sample[index] - entry.chunks.preroll_samples[index]
            if first > start:
                yield f"{entry.name}, chunk {index}: reaches back to {first}, expected {start}"


def _starts_differ(entries: Sequence[RenditionEntry]) -> Iterator[str]:
    for entry in entries[1:]:
        if entry.chunks.start_sample != entries[0].chunks.start_sample:
            yield f"{entry.name}: other boundaries than {entries[0].name}"
