"""HLS playlists: golden, read back by another library, and true to the microsecond."""

from fractions import Fraction
from pathlib import Path

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st

from legato.errors import NotFound
from legato.manifests.hls import Layout, media_playlist, multivariant_playlist, variants
from tests.manifests.pieces import (
    AAC_CHUNKS,
    LINE,
    RATE_HZ,
    aac_file,
    manifest_of,
    vorbis_file,
    whole_ladder,
)

GOLDEN = Path(__file__).parent / "golden"
MICROSECOND = Fraction(1, 1_000_000)
lengths = st.lists(st.integers(1, LINE + 19_844), min_size=1, max_size=60)


def test_the_multivariant_playlist_is_the_golden_one() -> None:
    assert multivariant_playlist(whole_ladder()) == (GOLDEN / "index.m3u8").read_text()


def test_the_media_playlist_is_the_golden_one() -> None:
    manifest = whole_ladder()
    playlist = media_playlist(manifest, manifest.rendition("aac-160"))
    assert playlist == (GOLDEN / "aac-160.m3u8").read_text()


def test_the_packed_media_playlist_is_the_golden_one() -> None:
    manifest = whole_ladder()
    playlist = media_playlist(manifest, manifest.rendition("aac-160"), Layout.PACKED)
    assert playlist == (GOLDEN / "aac-160-packed.m3u8").read_text()


def test_another_library_reads_the_byte_ranges_that_the_manifest_lists() -> None:
    manifest = whole_ladder()
    entry = manifest.rendition("aac-320")
    read = m3u8.loads(media_playlist(manifest, entry, Layout.PACKED))
    offsets = zip(entry.chunks.size, entry.chunks.offset, strict=True)
    assert [one.byterange for one in read.segments] == [f"{size}@{at}" for size, at in offsets]
    assert {one.uri for one in read.segments} == {"../aac-320.mp4"}
    assert {one.init_section.byterange for one in read.segments} == {f"{entry.init.size}@0"}


def test_another_library_reads_every_variant_with_its_measured_rates() -> None:
    manifest = whole_ladder()
    read = m3u8.loads(multivariant_playlist(manifest))
    assert read.is_variant
    assert read.is_independent_segments
    found = {
        one.uri: (one.stream_info.bandwidth, one.stream_info.average_bandwidth)
        for one in read.playlists
    }
    assert found == {
        f"{entry.name}/index.m3u8": (entry.peak_bps, entry.average_bps)
        for entry in manifest.renditions
        if entry.codec == "aac"
    }
    assert {one.stream_info.codecs for one in read.playlists} == {"mp4a.40.2"}


def test_another_library_reads_the_chunks_and_their_lengths() -> None:
    manifest = whole_ladder()
    read = m3u8.loads(media_playlist(manifest, manifest.rendition("aac-320")))
    assert (read.playlist_type, read.is_endlist, read.media_sequence) == ("vod", True, 0)
    assert read.target_duration == 5
    assert [one.uri for one in read.segments] == ["0.m4s", "1.m4s", "2.m4s"]
    assert {one.init_section.uri for one in read.segments} == {"init.mp4"}
    for segment, samples in zip(read.segments, AAC_CHUNKS, strict=True):
        assert segment.duration == pytest.approx(samples / RATE_HZ, abs=1e-6)


def extinfs(samples: list[int]) -> list[Fraction]:
    manifest = manifest_of(aac_file(96, tuple(samples)))
    playlist = media_playlist(manifest, manifest.rendition("aac-96"))
    rows = [line for line in playlist.splitlines() if line.startswith("#EXTINF:")]
    return [Fraction(row.removeprefix("#EXTINF:").rstrip(",")) for row in rows]


@given(lengths, st.data())
def test_any_run_of_durations_sums_to_the_truth(samples: list[int], data: st.DataObject) -> None:
    declared = extinfs(samples)
    start = data.draw(st.integers(0, len(samples) - 1))
    end = data.draw(st.integers(start + 1, len(samples)))
    truth = Fraction(sum(samples[start:end]), RATE_HZ)
    assert abs(sum(declared[start:end]) - truth) <= MICROSECOND


def test_an_hour_of_durations_has_not_drifted() -> None:
    samples = [LINE] * 720
    assert abs(sum(extinfs(samples)) - Fraction(LINE * 720, RATE_HZ)) <= MICROSECOND / 2


@given(lengths)
def test_no_duration_rounds_to_more_than_the_target(samples: list[int]) -> None:
    manifest = manifest_of(aac_file(96, tuple(samples)))
    read = m3u8.loads(media_playlist(manifest, manifest.rendition("aac-96")))
    assert all(round(one.duration) <= read.target_duration for one in read.segments)
    assert all(one.duration < read.target_duration + 0.5 for one in read.segments)


@pytest.mark.parametrize(
    ("highest_bps", "names"),
    [
        (96_000, ["aac-96"]),
        (159_999, ["aac-96"]),
        (160_000, ["aac-160", "aac-96"]),
        (320_000, ["aac-160", "aac-96", "aac-320"]),
        (None, ["aac-160", "aac-96", "aac-320"]),
    ],
)
def test_a_tier_is_given_the_playlist_that_stops_there(
    highest_bps: int | None, names: list[str]
) -> None:
    read = m3u8.loads(multivariant_playlist(whole_ladder(), highest_bps))
    assert [one.uri for one in read.playlists] == [f"{name}/index.m3u8" for name in names]


def test_a_tier_below_every_variant_has_no_playlist() -> None:
    with pytest.raises(NotFound, match="no HLS variant of 64000 bit/s or less"):
        multivariant_playlist(whole_ladder(), 64_000)
    with pytest.raises(NotFound):
        multivariant_playlist(manifest_of(vorbis_file(96)))


def test_the_first_variant_is_the_best_for_cellular_or_else_the_smallest() -> None:
    cellular = m3u8.loads(multivariant_playlist(whole_ladder())).playlists[0]
    assert cellular.stream_info.bandwidth <= 192_000
    only_large = manifest_of(aac_file(320), aac_file(256))
    first = m3u8.loads(multivariant_playlist(only_large)).playlists[0]
    assert first.uri == "aac-256/index.m3u8"


def test_there_is_no_ogg_in_hls() -> None:
    manifest = whole_ladder()
    assert [entry.name for entry in variants(manifest)] == ["aac-96", "aac-160", "aac-320"]
    assert "vorbis" not in multivariant_playlist(manifest)
    with pytest.raises(NotFound, match="HLS has no Ogg"):
        media_playlist(manifest, manifest.rendition("vorbis-160"))


def test_every_uri_is_relative() -> None:
    manifest = whole_ladder()
    texts = [multivariant_playlist(manifest)]
    texts += [media_playlist(manifest, entry) for entry in variants(manifest)]
    assert not [text for text in texts if "://" in text or "\n/" in text or '="/' in text]
