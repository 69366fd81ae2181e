"""`manifest.json`: one form, one hash, and nothing read that is not what its id says."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legato.errors import Corrupt, NotFound
from legato.manifests.manifest import Manifest, asset_id_of, read_manifest
from legato.packaging.loudness import UNDEFINED
from tests.manifests.pieces import (
    AAC_CHUNKS,
    LOUDNESS,
    PEAKS,
    aac_file,
    manifest_of,
    vorbis_file,
    whole_ladder,
)

GOLDEN = Path(__file__).parent / "golden"


def content_of(manifest: Manifest) -> Any:
    return json.loads(manifest.to_json())


def test_the_stored_form_is_the_golden_one() -> None:
    manifest = manifest_of(vorbis_file(96), aac_file(96))
    assert manifest.to_json() + b"\n" == (GOLDEN / "manifest.json").read_bytes()


def test_a_manifest_of_another_release_stays_byte_for_byte_what_its_id_says() -> None:
    """Fields that this release does not know, and one that it has and that one had not."""
    content = content_of(whole_ladder())
    content["later"] = {"more": [1, 2.50, None]}
    del content["renditions"][0]["loudness"]
    content["loudness"]["integrated_lufs"] = -11
    content["asset_id"] = asset_id_of(content)
    stored = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    assert read_manifest(stored).to_json() == stored


def test_the_stored_form_is_canonical() -> None:
    stored = whole_ladder().to_json()
    content = json.loads(stored)
    assert stored == json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def test_a_manifest_comes_back_as_it_was_stored() -> None:
    for manifest in (whole_ladder(), manifest_of(aac_file(160), loudness=UNDEFINED)):
        again = read_manifest(manifest.to_json())
        assert again == manifest
        assert again.to_json() == manifest.to_json()


def test_the_asset_id_is_the_hash_of_the_rest() -> None:
    manifest = whole_ladder()
    content = content_of(manifest)
    assert asset_id_of(content) == manifest.asset_id == content["asset_id"]
    assert asset_id_of({**content, "asset_id": "another"}) == manifest.asset_id


@pytest.mark.parametrize(
    "changed",
    [
        lambda: manifest_of(replace(aac_file(96), sha256="b" * 64)),
        lambda: manifest_of(replace(aac_file(96), size_bytes=1)),
        lambda: manifest_of(replace(aac_file(96), nominal_bps=96_001)),
        lambda: manifest_of(aac_file(96, (*AAC_CHUNKS[:-1], AAC_CHUNKS[-1] + 1))),
        lambda: manifest_of(aac_file(96), loudness=UNDEFINED),
        lambda: manifest_of(aac_file(96), loudness=replace(LOUDNESS, integrated_lufs=-11.2)),
        lambda: manifest_of(aac_file(96), peaks=PEAKS + b" "),
        lambda: manifest_of(aac_file(96), aac_file(160)),
        lambda: manifest_of(aac_file(96), audio_id="b" * 64),
        lambda: manifest_of(aac_file(96), ladder="r2"),
    ],
)
def test_other_content_is_another_asset(changed: Callable[[], Manifest]) -> None:
    assert changed().asset_id != manifest_of(aac_file(96)).asset_id


def test_the_same_content_is_the_same_asset() -> None:
    assert whole_ladder().asset_id == whole_ladder().asset_id


def test_a_stored_manifest_with_any_byte_changed_is_corrupt() -> None:
    stored = manifest_of(vorbis_file(96)).to_json()
    for at in range(len(stored)):
        for pattern in (0x01, 0x20, 0xFF):
            flipped = bytearray(stored)
            flipped[at] ^= pattern
            with pytest.raises(Corrupt):
                read_manifest(bytes(flipped))


def test_a_stored_manifest_cut_off_is_corrupt() -> None:
    stored = manifest_of(vorbis_file(96)).to_json()
    for size in range(len(stored)):
        with pytest.raises(Corrupt):
            read_manifest(stored[:size])


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_what_is_no_manifest_is_corrupt(stored: bytes) -> None:
    with pytest.raises(Corrupt):
        read_manifest(stored)


@pytest.mark.parametrize(
    "stored", [b"[" * 100_000, b"{}", b"[]", b"null", b'"x"', b"1e999", b"NaN", b'{"a":' * 50_000]
)
def test_json_that_is_no_manifest_is_corrupt(stored: bytes) -> None:
    with pytest.raises(Corrupt) as caught:
        read_manifest(stored)
    assert caught.value.code == "bad_manifest"


@pytest.mark.parametrize("value", ["true", '"\\ud800"', "NaN"])
def test_a_manifest_with_something_added_is_corrupt(value: str) -> None:
    stored = whole_ladder().to_json()
    with pytest.raises(Corrupt):
        read_manifest(stored[:-1] + f',"more":{value}}}'.encode())


def test_a_manifest_under_another_id_is_told_apart() -> None:
    content = content_of(whole_ladder())
    content["asset_id"] = "0" * 64
    with pytest.raises(Corrupt, match=f"manifest {'0' * 64}: its content hashes to") as caught:
        read_manifest(json.dumps(content).encode())
    assert caught.value.code == "manifest_hash"


def test_a_manifest_of_another_version_is_not_read() -> None:
    content = {**content_of(whole_ladder()), "version": 2}
    content["asset_id"] = asset_id_of(content)
    with pytest.raises(Corrupt):
        read_manifest(json.dumps(content).encode())


def test_files_of_different_lengths_or_rates_are_refused() -> None:
    longer = aac_file(160, (*AAC_CHUNKS[:-1], AAC_CHUNKS[-1] + 1))
    at_48000 = replace(aac_file(160), index=replace(aac_file(160).index, sample_rate_hz=48_000))
    for other in (longer, at_48000):
        with pytest.raises(Corrupt) as caught:
            manifest_of(aac_file(96), other)
        assert caught.value.code == "renditions_differ"
    with pytest.raises(Corrupt):
        manifest_of()


def test_a_chunks_address_is_its_pre_roll_and_itself() -> None:
    manifest = whole_ladder()
    chunks = manifest.rendition("vorbis-160").chunks
    first, second = chunks.fetched(0), chunks.fetched(1)
    assert (first.offset, first.size) == (chunks.offset[0], chunks.size[0])
    assert (second.offset, second.size) == (chunks.offset[1] - 366, chunks.size[1] + 366)
    assert second.offset + second.size == chunks.fetched(2).offset + 366


def test_a_rendition_is_found_by_its_name() -> None:
    manifest = whole_ladder()
    assert manifest.rendition("aac-320").nominal_bps == 320_000
    assert manifest.duration_s == pytest.approx(manifest.samples / 44_100)
    with pytest.raises(NotFound, match="rendition 'aac-64': found vorbis-96, vorbis-160"):
        manifest.rendition("aac-64")
