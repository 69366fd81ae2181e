"""Without a gap, in a browser that somebody else wrote."""

import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from legato.packaging.timescale import Timescale
from tests.running import ReadyTrack, RunningServer
from tests.web.listening import listen_until, open_page, play

RATE_HZ = 44_100
# Where one continuous recording is cut into an album: nowhere near a frame's or chunk's edge.
CUTS = (0, 130_001, 262_222, 352_800)
# The second part ends where its tracks have to count in sixteenths of a sample.
FINE_PART = 1

# Decodes the whole Ogg file and each of its chunks alone, at the file's own rate, and counts
# the samples of a chunk that differ from its span of the whole.
_COMPARE_CHUNKS = """async ({base, name}) => {
  const manifest = await (await fetch(base + 'manifest.json')).json();
  const entry = manifest.renditions.find((one) => one.name === name);
  const decode = async (...parts) => {
    const blob = await new Blob(parts).arrayBuffer();
    return new OfflineAudioContext(2, 1, manifest.sample_rate_hz).decodeAudioData(blob);
  };
  const bytes = async (path) => (await fetch(base + path)).arrayBuffer();
  const whole = await decode(await bytes(entry.file));
  const init = await bytes(`${name}/init.ogg`);
  const differences = [];
  for (let n = 0; n < entry.chunks.offset.length; n++) {
    const alone = await decode(init, await bytes(`${name}/${n}.ogg`));
    const {start_sample: start, preroll_samples: preroll, samples} = entry.chunks;
    const from = start[n] - preroll[n], length = preroll[n] + samples[n];
    let wrong = Math.abs(alone.length - length);
    for (let channel = 0; channel < 2; channel++) {
      const [a, w] = [alone.getChannelData(channel), whole.getChannelData(channel)];
      for (let i = 0; i < length; i++) wrong += a[i] !== w[from + i];
    }
    differences.push(wrong);
  }
  return {differences, samples: whole.length, rate: whole.sampleRate};
}"""

_DECODED_LENGTH = """async ({url, rate}) => {
  const body = await (await fetch(url)).arrayBuffer();
  return (await new OfflineAudioContext(2, 1, rate).decodeAudioData(body)).length;
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("gapless") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def parts(
    server: RunningServer,
    edge_case: Callable[[str], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> list[ReadyTrack]:
    """Three tracks, cut from one continuous recording."""
    folder, recording = tmp_path_factory.mktemp("album"), edge_case("same-recording.flac")
    tracks = []
    for number, (start, end) in enumerate(pairwise(CUTS)):
        part = folder / f"part-{number}.flac"
        cut = f"atrim=start_sample={start}:end_sample={end},asetpts=PTS-STARTPTS"
        command = ["ffmpeg", "-v", "error", "-i", str(recording), "-map", "0:a", "-af", cut]
        subprocess.run([*command, str(part)], check=True)
        tracks.append(server.ready_track(part))
    return tracks


@pytest.fixture
def page(browser: Browser, server: RunningServer, parts: list[ReadyTrack]) -> Iterator[Page]:
    assert len(parts) == 3
    with open_page(browser, server) as opened:
        yield opened


def base_url(server: RunningServer, track: ReadyTrack) -> str:
    return str(server.api.post(f"/v1/tracks/{track.track_id}/play").json()["base_url"])


def test_each_track_of_an_album_lasts_as_long_as_its_part(
    page: Page, parts: list[ReadyTrack]
) -> None:
    for number, track in enumerate(parts):
        play(page, track.track_id)
        noticed = listen_until(page, 0.5)
        assert noticed["stalls"] == []
        expected = (CUTS[number + 1] - CUTS[number]) / RATE_HZ
        assert abs(noticed["duration"] - expected) < 0.001


@pytest.mark.parametrize("name", ["vorbis-96", "vorbis-160", "vorbis-320"])
def test_every_ogg_chunk_alone_is_its_span_of_the_whole(
    browser: Browser, server: RunningServer, edge_case: Callable[[str], Path], name: str
) -> None:
    track = server.ready_track(edge_case("same-recording.flac"))
    with open_page(browser, server) as page:
        found = page.evaluate(_COMPARE_CHUNKS, {"base": base_url(server, track), "name": name})
    assert found["differences"] == [0] * len(track.manifest.rendition(name).chunks)
    assert (found["samples"], found["rate"]) == (track.manifest.samples, RATE_HZ)


@pytest.mark.parametrize("name", ["aac-96", "aac-160", "aac-320"])
def test_an_aac_file_decodes_to_the_masters_samples(
    page: Page, server: RunningServer, parts: list[ReadyTrack], name: str
) -> None:
    for number, track in enumerate(parts):
        url = f"{base_url(server, track)}{name}.mp4"
        decoded = page.evaluate(_DECODED_LENGTH, {"url": url, "rate": RATE_HZ})
        length = CUTS[number + 1] - CUTS[number]
        assert decoded == length
        fine = Timescale.for_length(1024 + length, RATE_HZ).ticks_per_sample > 1
        assert fine == (number == FINE_PART)
