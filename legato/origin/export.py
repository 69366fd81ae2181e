"""Every address of an asset as a file of its own, for a CDN that pulls from a bare bucket."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from legato.errors import BadInput, Corrupt
from legato.manifests import hls
from legato.manifests.hls import Layout, media_playlist
from legato.manifests.manifest import (
    CHUNK_EXTENSIONS,
    FILE_EXTENSIONS,
    MANIFEST_FILE,
    PEAKS_FILE,
    Manifest,
    asset_key,
)
from legato.manifests.stream import MULTIVARIANT
from legato.origin.media.addresses import Media, Text, resolve
from legato.storage.object_store import ObjectStore

_BLOCK_SIZE: Final = 1 << 20


def export_asset(
    store: ObjectStore,
    manifest: Manifest,
    folder: Path,
    layout: Layout,
    on_file: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Write an asset into an empty folder; answers how many files that made.

    The manifest comes last: where it stands, the export is whole. `on_file` hears how many of
    how many are done. Raises BadInput where the folder holds anything.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BadInput("folder_not_empty", f"{folder}: found {_holds(folder)}, expected it empty")
    addresses = [*_addresses(manifest, layout), PEAKS_FILE, MANIFEST_FILE]
    for done, address in enumerate(addresses, start=1):
        path = folder / address
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as sink:
            for block in _content(store, manifest, address, layout):
                sink.write(block)
        on_file(done, len(addresses))
    return len(addresses)


def _holds(folder: Path) -> str:
    """What is in the way: without its manifest, an export has not come to its end."""
    is_export = (folder / MULTIVARIANT).exists() or any(folder.glob("*/init.*"))
    unfinished = is_export and not (folder / MANIFEST_FILE).exists()
    return "an unfinished export (remove it)" if unfinished else "files in it"


def _addresses(manifest: Manifest, layout: Layout) -> Iterator[str]:
    """All but the manifest's, in the order in which they are written."""
    for entry in manifest.renditions:
        yield entry.file
        if layout is Layout.SEGMENTED:
            yield f"{entry.name}/init{FILE_EXTENSIONS[entry.codec]}"
            for index in range(len(entry.chunks)):
                yield f"{entry.name}/{index}{CHUNK_EXTENSIONS[entry.codec]}"
    for variant in hls.variants(manifest):
        yield f"{variant.name}/index.m3u8"
        yield f"index-{variant.nominal_bps // 1000}.m3u8"
    yield "index.m3u8"


def _content(
    store: ObjectStore, manifest: Manifest, address: str, layout: Layout
) -> Iterator[bytes]:
    name, _, rest = address.partition("/")
    if layout is Layout.PACKED and rest == "index.m3u8":
        yield media_playlist(manifest, manifest.rendition(name), layout).encode()
        return
    target = resolve(manifest, address)
    if isinstance(target, Text):
        yield target.body
    else:
        yield from _read(store, asset_key(manifest.asset_id, target.file), target)


def _read(store: ObjectStore, key: str, target: Media) -> Iterator[bytes]:
    at, end = target.span.offset, target.span.offset + target.span.size
    while at < end:
        block = store.read(key, at, min(_BLOCK_SIZE, end - at))
        if not block:
            raise Corrupt("object_short", f"{key}: ends at byte {at}, expected {end}")
        yield block
        at += len(block)
