"""The collector on a bucket: the same as on a folder."""

from pathlib import Path

import pytest

from legato.ingest.master_key import master_key
from tests.collect.interrupted_store import PowerCut
from tests.collect.world import World, audio_id, id_of, is_ready, master_of, objects_of_asset
from tests.servers.seaweedfs import SeaweedServer

ORPHAN = "audio/orphan/a.ogg"


def cut() -> None:
    raise PowerCut


def test_what_nothing_needs_leaves_the_bucket_and_the_rest_stays(
    seaweed: SeaweedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweed.env.items():
        monkeypatch.setenv(name, value)
    world = World(tmp_path / "data", seaweed.new_bucket())
    ensemble = world.holder("ensemble")
    kept, deleted = (world.upload(ensemble, master_of(sound, 0)) for sound in ("one", "two"))
    world.work()
    world.store.put(ORPHAN, b"orphan", media_type="audio/ogg")
    world.delete(ensemble, deleted)
    world.collect(grace_s=3600)
    everything = world.stored_keys()
    assert ORPHAN in everything

    world.store.interrupt(cut, 1)
    with pytest.raises(PowerCut):
        world.collect(grace_s=-2)  # a server's clock has whole seconds
    world.die()
    world.collect(grace_s=-2)

    left = {master_key(id_of(master_of("one", 0))), *objects_of_asset(audio_id("one"))}
    assert left < everything
    assert world.stored_keys() == left
    assert is_ready(world.find(kept))
    world.close()
