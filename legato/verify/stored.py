"""The bytes in the store against what the manifest says of them."""

import hashlib
import json
from collections.abc import Iterator
from typing import Final

import jsonschema

from legato.errors import Corrupt, NotFound
from legato.manifests.manifest import Manifest, RenditionEntry, asset_key, read_manifest
from legato.manifests.schema import manifest_schema
from legato.storage.object_store import ObjectStore
from legato.verify.report import Check, check

_BLOCK_SIZE: Final = 1 << 20


def check_manifest(stored: bytes) -> tuple[Manifest | None, Check]:
    """Its JSON Schema, and the hash that its id is."""
    try:
        jsonschema.validate(json.loads(stored), manifest_schema())
        manifest = read_manifest(stored)
    except (ValueError, jsonschema.ValidationError, Corrupt) as error:
        first_line = str(error).partition("\n")[0]
        return None, check("manifest", "", [first_line])
    return manifest, check("manifest", "schema and asset id hold", [])


def check_files(store: ObjectStore, manifest: Manifest) -> Check:
    """Every file is there, as long as it should be, and hashes to what it should."""
    findings = [
        finding
        for entry in manifest.renditions
        for finding in (*_file_findings(store, manifest, entry), *_span_findings(entry))
    ]
    total = sum(entry.size_bytes for entry in manifest.renditions)
    return check("files", f"{len(manifest.renditions)} files, {total} bytes, all hashes", findings)


def _file_findings(store: ObjectStore, manifest: Manifest, entry: RenditionEntry) -> Iterator[str]:
    key = asset_key(manifest.asset_id, entry.file)
    try:
        size, digest = store.size(key), _hash_object(store, key)
    except NotFound as error:
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
