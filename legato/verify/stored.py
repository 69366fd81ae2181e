"""The bytes in the store against what the manifest says of them."""

import hashlib
import json
from collections.abc import Iterator
from typing import Final

import jsonschema

from legato.errors import LegatoError, NotFound, Unavailable
from legato.manifests.alignment import misalignments
from legato.manifests.manifest import (
    MANIFEST_FILE,
    Manifest,
    PeaksEntry,
    RenditionEntry,
    asset_key,
    read_manifest,
)
from legato.manifests.schema import manifest_schema
from legato.storage.object_store import ObjectStore
from legato.verify.report import Check, check

_BLOCK_SIZE: Final = 1 << 20


def check_manifest(store: ObjectStore, asset_id: str) -> tuple[Manifest | None, Check]:
    """It is there, under its own id; its JSON Schema, and the hash that its id is."""
    try:
        stored = store.read(asset_key(asset_id, MANIFEST_FILE))
        jsonschema.validate(json.loads(stored), manifest_schema())
        manifest = read_manifest(stored)
    except (ValueError, RecursionError, jsonschema.ValidationError, LegatoError) as error:
        first_line = str(error).partition("\n")[0]
        return None, check("manifest", "", [first_line])
    if manifest.asset_id != asset_id:
        found = f"the manifest of asset {manifest.asset_id} is stored as that of {asset_id}"
        return None, check("manifest", "", [found])
    return manifest, check("manifest", "schema and asset id hold", [])


def check_files(store: ObjectStore, manifest: Manifest) -> Check:
    """Every file is there, as long as it should be, and hashes to what it should."""
    files: list[RenditionEntry | PeaksEntry] = [*manifest.renditions, manifest.peaks]
    findings = [
        *(found for file in files for found in _file_findings(store, manifest, file)),
        *(found for entry in manifest.renditions for found in _span_findings(entry)),
        *(found for entry in manifest.renditions for found in _preroll_findings(entry)),
    ]
    total = sum(file.size_bytes for file in files)
    return check("files", f"{len(files)} files, {total} bytes, all hashes", findings)


def check_alignment(manifest: Manifest) -> Check:
    """A player may change to any rendition of the same codec at every boundary."""
    well = "any rendition follows any other of its codec"
    return check("alignment", well, misalignments(manifest))


def check_master(store: ObjectStore, key: str) -> Iterator[str]:
    """A master's key ends in the SHA-256 of its bytes."""
    digest, expected = _hash_object(store, key), key.rpartition("/")[2]
    if digest != expected:
        yield f"the master {expected} hashes to {digest}: restore it"


def _preroll_findings(entry: RenditionEntry) -> Iterator[str]:
    """A pre-roll lies in the chunk before it."""
    room = (0, *entry.chunks.size)
    for index, preroll in enumerate(entry.chunks.preroll):
        if not 0 <= preroll <= room[index]:
            yield f"{entry.name}, chunk {index}: {preroll} bytes of pre-roll in {room[index]}"


def _file_findings(
    store: ObjectStore, manifest: Manifest, entry: RenditionEntry | PeaksEntry
) -> Iterator[str]:
    key = asset_key(manifest.asset_id, entry.file)
    try:
        size, digest = store.size(key), _hash_object(store, key)
    except (NotFound, Unavailable) as error:
        yield str(error)
        return
    if size != entry.size_bytes:
        yield f"{entry.file}: {size} bytes, expected {entry.size_bytes}"
    if digest != entry.sha256:
        yield f"{entry.file}: hashes to {digest}, expected {entry.sha256}"


def _hash_object(store: ObjectStore, key: str) -> str:
    digest, offset = hashlib.sha256(), 0
    while block := store.read(key, offset, _BLOCK_SIZE):
        digest.update(block)
        offset += len(block)
    return digest.hexdigest()


def _span_findings(entry: RenditionEntry) -> Iterator[str]:
    """Init segment and chunks lie one behind the other, from the first byte to the last."""
    end, sample = entry.init.offset + entry.init.size, 0
    for index in range(len(entry.chunks)):
        chunks = entry.chunks
        if chunks.offset[index] != end or chunks.start_sample[index] != sample:
            yield (
                f"{entry.name}: chunk {index} starts at byte {chunks.offset[index]} and sample "
                f"{chunks.start_sample[index]}, expected {end} and {sample}"
            )
        end = chunks.offset[index] + chunks.size[index]
        sample = chunks.start_sample[index] + chunks.samples[index]
    if end != entry.size_bytes:
        yield f"{entry.name}: the chunks end at byte {end} of {entry.size_bytes}"
