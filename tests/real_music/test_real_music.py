"""The whole way on real music: from masters to what players hear."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

import imageio_ffmpeg
import pytest
from playwright.sync_api import Browser

from fixtures.real_music import length_s
from tests.real_music.conftest import AT_LEAST_S, Collection
from tests.running import ReadyTrack, RunningServer, run_legato
from tests.web.listening import listen_until, open_page, play

VARIANTS = ("index.m3u8", "aac-96/index.m3u8", "aac-160/index.m3u8", "aac-320/index.m3u8")
PCM_FRAME_BYTES = 4
AAC_FRAME_SAMPLES = 1024


def test_every_track_is_ready(collection: Collection) -> None:
    assert sum(length_s(master) for master in collection.masters) >= AT_LEAST_S
    assert [outcome["path"] for outcome in collection.outcomes] == list(
        map(str, collection.masters)
    )
    assert {outcome["state"] for outcome in collection.outcomes} == {"ready"}


def test_every_track_is_as_long_as_its_master(collection: Collection) -> None:
    for master, track in zip(collection.masters, collection.tracks, strict=True):
        manifest = track.manifest
        assert abs(manifest.samples - length_s(master) * manifest.sample_rate_hz) < 1


@pytest.mark.parametrize(
    "tracks", [1, pytest.param(None, marks=pytest.mark.soak)], ids=["one", "all"]
)
def test_no_sample_of_any_chunk_of_any_rendition_is_wrong(
    collection: Collection, tracks: int | None
) -> None:
    """Every chunk alone against the whole, and the rest of what `legato verify` looks at."""
    ids = [track.track_id for track in collection.tracks[:tracks]]
    done = run_legato("verify", "--json", *ids, data=collection.server.data)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    found = [check["findings"] for report in reports for check in report["checks"]]
    assert (done.returncode, done.stderr) == (0, "")
    assert len(reports) == len({track.asset_id for track in collection.tracks[:tracks]})
    assert [one for one in found if one] == []


def test_every_playlist_plays_to_its_end(collection: Collection) -> None:
    """By ffmpeg as an HLS client; it leaves the last frame of a fragmented MP4 untrimmed."""
    urls = [
        (track, f"{base_url(collection.server, track)}{playlist}")
        for track in collection.tracks
        for playlist in VARIANTS
    ]
    with ThreadPoolExecutor(2) as executor:
        heard = list(executor.map(lambda pair: samples_heard(pair[1]), urls))
    beyond = [
        samples - track.manifest.samples for (track, _), samples in zip(urls, heard, strict=True)
    ]
    assert all(0 <= samples < AAC_FRAME_SAMPLES for samples in beyond), beyond


def test_hls_js_plays_past_three_boundaries_without_a_stall(
    collection: Collection, browser: Browser
) -> None:
    track = collection.tracks[0]
    boundary = track.manifest.rendition("aac-160").chunks.start_sample[3]
    with open_page(browser, collection.server) as page:
        play(page, track.track_id)
        noticed = listen_until(page, boundary / track.manifest.sample_rate_hz + 0.5)
    assert noticed["stalls"] == []
    assert noticed["chunk"] == 3
    assert (noticed["ranges"], noticed["start"]) == (1, 0)
    assert abs(noticed["duration"] - track.manifest.duration_s) < 0.001


def base_url(server: RunningServer, track: ReadyTrack) -> str:
    answer = server.api.post(f"/v1/tracks/{track.track_id}/play")
    answer.raise_for_status()
    return str(answer.json()["base_url"])


def samples_heard(url: str) -> int:
    """How many stereo samples ffmpeg decodes of a playlist; any error is a failure.

    Of a multivariant playlist it opens all variants and drops all but one, with warnings.
    """
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-xerror",
        "-protocol_whitelist", "http,tcp", "-i", url,
        "-map", "0:a:0", "-f", "s16le", "-c:a", "pcm_s16le", "-",
    ]  # fmt: skip
    size = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while block := process.stdout.read(1 << 20):
            size += len(block)
        complaints = process.stderr.read().decode()
    assert (process.returncode, complaints) == (0, ""), url
    return size // PCM_FRAME_BYTES
