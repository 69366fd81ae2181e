"""What addresses stand for, described once and kept: the manifests, playlists and parts in use."""

import asyncio
from typing import Final

from legato.errors import Corrupt
from legato.manifests.manifest import MANIFEST_FILE, Manifest, asset_key, read_manifest
from legato.origin.media.addresses import resolve
from legato.origin.media.memory import BoundedMemory
from legato.origin.media.object_reader import ObjectReader
from legato.origin.media.representation import Resource, describe
from legato.origin.media.single_flight import SingleFlight

RESOURCES_BYTES: Final = 32 << 20
MANIFESTS_BYTES: Final = 32 << 20
# A manifest as objects takes about so many times its JSON.
_PARSED: Final = 8


class Descriptions:
    """Resources by asset and address. Nobody waits for the parsing or packing of another asset."""

    def __init__(self, reader: ObjectReader) -> None:
        self._reader = reader
        self._resources: BoundedMemory[tuple[str, str], Resource] = BoundedMemory(RESOURCES_BYTES)
        self._manifests: BoundedMemory[str, Manifest] = BoundedMemory(MANIFESTS_BYTES)
        self._reading: SingleFlight[Manifest] = SingleFlight()
        self._describing: SingleFlight[Resource] = SingleFlight()

    def remembered(self, asset_id: str, rest: str) -> Resource | None:
        """The resource, if it is in memory."""
        return self._resources.get((asset_id, rest))

    async def find(self, asset_id: str, rest: str) -> Resource:
        """The resource at an address; raises NotFound, Unavailable, Corrupt."""
        return await self._describing.run((asset_id, rest), lambda: self._describe(asset_id, rest))

    async def _describe(self, asset_id: str, rest: str) -> Resource:
        manifest = self._manifests.get(asset_id) or await self._reading.run(
            asset_id, lambda: self._read(asset_id)
        )
        resource = await asyncio.to_thread(
            lambda: describe(asset_id, rest, resolve(manifest, rest))
        )
        self._resources.keep((asset_id, rest), resource, resource.weight_bytes)
        return resource

    async def _read(self, asset_id: str) -> Manifest:
        stored = await self._reader.read_object(asset_key(asset_id, MANIFEST_FILE))
        manifest = await asyncio.to_thread(read_manifest, stored)
        if manifest.asset_id != asset_id:
            raise Corrupt(
                "manifest_hash", f"manifest of {asset_id}: found that of {manifest.asset_id}"
            )
        self._manifests.keep(asset_id, manifest, _PARSED * len(stored))
        return manifest
