"""What a master is like with which nothing is wrong, and one that differs from it."""

from dataclasses import replace
from typing import Any, Final

from legato.ingest.gate.facts import Examination, FileFacts, SoundFacts
from legato.ingest.gate.runs import Places

GOOD: Final = Examination(
    file=FileFacts(
        container="flac", codec="flac", lossless=True, bits=16, extensible=False,
        flac_md5="matches",
    ),
    sound=SoundFacts(
        sample_rate_hz=44_100, channels=2, samples=88_200, true_peak_dbtp=-2.0,
        true_peak_at_s=1.0, levels_dbfs=(-14.0, -14.5), offsets=(0.0001, 0.0), correlation=0.7,
        alike=False, leading_silence_s=0.0, trailing_silence_s=0.5, silences=Places(),
        dropouts=Places(), clipping=Places(), impossible=Places(), effective_bits=16, wall=None,
    ),
)  # fmt: skip


def but(**changes: Any) -> Examination:
    """The good one, with other facts of its sound or its file."""
    of_file = {name: changes[name] for name in changes if hasattr(GOOD.file, name)}
    of_sound = {name: changes[name] for name in changes if name not in of_file}
    return Examination(file=replace(GOOD.file, **of_file), sound=replace(GOOD.sound, **of_sound))
