"""The end of an AAC file, to the sample: `decodeAudioData` of every length of a last frame."""

import subprocess
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from legato.packaging.cmaf import FrameRun, fragment, init_segment
from legato.packaging.encoded_aac import read_encoded_aac
from legato.packaging.loudness import UNDEFINED
from legato.packaging.timescale import Timescale
from legato.transcode import commands
from legato.transcode.ladder import LADDER
from tests.packaging.encoded_music import SYSTEM_FFMPEG

FRAME = 1024
# The priming, three whole frames, and the last one.
FRAMES = 5
PER_CALL = 128

_DECODED_LENGTHS = """async ({bodies, rate}) => {
  const lengths = [];
  for (const body of bodies) {
    const bytes = Uint8Array.from(atob(body), (one) => one.charCodeAt(0));
    const context = new OfflineAudioContext(2, 1, rate);
    lengths.push((await context.decodeAudioData(bytes.buffer)).length);
  }
  return lengths;
}"""


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_no_length_loses_its_last_sample(browser: Browser, tmp_path: Path, rate_hz: int) -> None:
    source = encoded_noise(tmp_path, rate_hz)
    lasts = range(1, FRAME + 1)
    bodies = [b64encode(file_ending(source, last)).decode() for last in lasts]
    page = browser.new_page()
    found: list[int] = []
    for start in range(0, len(bodies), PER_CALL):
        some = bodies[start : start + PER_CALL]
        found += page.evaluate(_DECODED_LENGTHS, {"bodies": some, "rate": rate_hz})
    page.close()
    assert found == [(FRAMES - 2) * FRAME + last for last in lasts]


def encoded_noise(folder: Path, rate_hz: int) -> bytes:
    rendition = next(one for one in LADDER.renditions if one.name == "aac-96")
    noise = np.random.default_rng(1).normal(0, 0.1, (FRAMES * FRAME, 2)).astype("<f4")
    command = commands.encode(SYSTEM_FFMPEG, [rendition], rate_hz=rate_hz, folder=folder)
    subprocess.run(command, input=noise.tobytes(), check=True)
    return commands.encoded_file(folder, rendition).read_bytes()


def file_ending(source: bytes, last: int) -> bytes:
    """The first frames of a file, packaged as ours are, so that the last has `last` samples."""
    encoded = read_encoded_aac(BytesIO(source))
    samples = (FRAMES - 2) * FRAME + last
    timescale = Timescale.for_length(encoded.priming_samples + samples, encoded.sample_rate_hz)
    init = init_segment(
        sample_entry=encoded.sample_entry, timescale=timescale, loudness=UNDEFINED,
        priming_samples=encoded.priming_samples, samples=samples,
    )  # fmt: skip
    run = FrameRun(first_sample=0, sizes=encoded.frame_sizes[:FRAMES], last_samples=last)
    start = encoded.frames_offset
    return init + fragment(1, run, timescale, source[start : start + sum(run.sizes)])
