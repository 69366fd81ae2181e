"""A catalogue for simulated listeners: what plays, and which bytes each address must answer.

The expected bytes are read from the object store's files, by the spans of the manifest; no
server has a part in it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import count, islice
from pathlib import Path
from typing import Final

from fixtures.real_music import MUSIC, length_s
from legato.manifests.manifest import (
    CHUNK_EXTENSIONS,
    FILE_EXTENSIONS,
    MANIFEST_FILE,
    Manifest,
    RenditionEntry,
    read_manifest,
)
from legato.origin.media.addresses import Media, resolve
from tests.running import environment

# What is heard the most is the longest: so more of the load is chunks, and less is `play`.
POPULAR: Final = 10
POPULAR_S, OTHERS_S = 60, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A track that plays; `digests` is the SHA-256 of what each of its addresses answers."""

    track_id: str
    asset_id: str
    digests: Mapping[str, bytes]


def piece_of(track_id: str, stored: Path) -> Piece:
    """The piece whose asset is stored in this folder; its files must be what the manifest says."""
    text = (stored / MANIFEST_FILE).read_bytes()
    manifest = read_manifest(text)
    digests = {MANIFEST_FILE: sha256(text).digest()}
    for entry in manifest.renditions:
        whole = (stored / entry.file).read_bytes()
        assert sha256(whole).hexdigest() == entry.sha256, f"{stored / entry.file}: other bytes"
        digests |= {address: _digest(manifest, whole, address) for address in addresses_of(entry)}
    return Piece(track_id=track_id, asset_id=manifest.asset_id, digests=digests)


def addresses_of(entry: RenditionEntry) -> Iterator[str]:
    """The init segment and every chunk, as a player asks for them."""
    yield f"{entry.name}/init{FILE_EXTENSIONS[entry.codec]}"
    for number in range(len(entry.chunks)):
        yield f"{entry.name}/{number}{CHUNK_EXTENSIONS[entry.codec]}"


def make_catalogue(data: Path, tracks: int) -> list[Piece]:
    """Ingest so many excerpts of real music into a data folder, the most popular first.

    What the folder has already is not ingested again.
    """
    masters = _cut_masters(data.with_name(f"{data.name}-masters"), tracks)
    command = [sys.executable, "-m", "legato", "ingest", "--skip-known", "--json"]
    data.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [*command, *map(str, masters)],
        env=environment(data), cwd=data, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    ingested = [json.loads(line) for line in done.stdout.splitlines()]
    ingested.sort(key=lambda one: str(one["path"]))
    audio = data / "objects" / "audio"
    return [piece_of(one["track_id"], audio / one["asset_id"]) for one in ingested]


def _cut_masters(folder: Path, tracks: int) -> list[Path]:
    """Excerpts from all over the music there is, as FLAC, always the same."""
    folder.mkdir(parents=True, exist_ok=True)
    masters = []
    for number, (source, start_s) in enumerate(islice(_excerpts(), tracks)):
        master = folder / f"{number:03}.flac"
        masters.append(master)
        if not master.exists():
            seconds = POPULAR_S if number < POPULAR else OTHERS_S
            command = [
                "ffmpeg", "-nostdin", "-v", "error", "-ss", str(start_s), "-t", str(seconds),
                "-i", str(source), "-map", "0:a", "-bitexact", "-sample_fmt", "s16", str(master),
            ]  # fmt: skip
            subprocess.run(command, check=True)
    return masters


def _excerpts() -> Iterator[tuple[Path, float]]:
    """A piece of music and a time within it, one after the other, no two overlapping."""
    pieces = {path: length_s(path) for path in sorted(MUSIC.rglob("*.ogg"))}
    for start_s in count(0, POPULAR_S):
        long_enough = [path for path, length in pieces.items() if length >= start_s + POPULAR_S]
        if not long_enough:
            return
        yield from ((path, start_s) for path in long_enough)


def _digest(manifest: Manifest, whole: bytes, address: str) -> bytes:
    media = resolve(manifest, address)
    assert isinstance(media, Media)
    span = media.span
    return sha256(whole[span.offset : span.offset + span.size]).digest()
