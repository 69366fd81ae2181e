"""docs/quality-gate.md, from the tables that the gate works by."""

from typing import Final

from legato.ingest.gate.checks import CHECKS, Check
from legato.ingest.gate.profiles import ARTIST, LABEL
from legato.ingest.gate.refusals import REFUSALS

_INTRODUCTION: Final = """\
# The quality gate

What arrives is judged before anything is encoded: by its content, never by its name. Made from
`legato/ingest/gate/` by `python -m legato.ingest.gate`.

Accepted without loss: FLAC, WAV (RF64, BW64 and WAVE_FORMAT_EXTENSIBLE too), Wave64, AIFF and AIFC,
ALAC (MP4, CAF), WavPack; PCM in any of these containers. Lossy, which a label may not send: MP3,
AAC (ADTS, MP4), Ogg Vorbis, Opus.

A WAV or CAF that was written to a pipe leaves its length open: it is taken for as long as it is, so
nobody can tell whether its end is missing. An AIFF or Wave64 so written cannot be read.

The gate listens in the one decode that the identity is made of. What it measured of the file and of
the samples is kept apart, so a second file of one recording is judged by its own header and by what
was heard before. A finding has a code, a severity, a sentence with figures, and where to listen, in
seconds: at most 20 places of each kind. `reject` refuses the track with the finding's code; `warn`
and `info` are shown with it, and change nothing.

A tenant's kind is its profile: `artist`, or `label`.
"""

_MEANING: Final = """\
Silence is judged on steps of 2 ms, the spectrum on a window of 4,096 samples every half second.
"Our own" is a limit that no standard has; what stands on such a one alone is never refused, but
for samples that are no sound at all.
"""

_LIMITS: Final = """\
## What it cannot know

- A wall in the spectrum is what resamplers and encoders leave; music may have one of its own. Files
  made from MP3s of 320 kbit/s, and 48 kHz made of 44.1 kHz, leave none that is certain.
- Clipping that was turned down afterwards is not seen, nor are short passages of a missing channel.
- Padding is not seen in a WavPack, or an ALAC within CAF: their declared width is not known here.
- A hybrid WavPack without its correction file is lossy, and does not say so.
"""


def quality_gate_document() -> str:
    """All of the page."""
    return "\n".join(
        [
            _INTRODUCTION,
            "## What is found",
            "",
            _MEANING,
            "| code | what is measured | found where it is | artist | label | source | fixture |",
            "|---|---|---|---|---|---|---|",
            *(_check_row(check) for check in CHECKS),
            "",
            "## What is said",
            "",
            "| code | sentence |",
            "|---|---|",
            *(f"| `{check.code}` | {check.sentence} |" for check in CHECKS),
            "",
            "## What is refused before that",
            "",
            "There is nothing to judge; for every kind of tenant.",
            "",
            "| code | when | source | fixture |",
            "|---|---|---|---|",
            *(f"| `{o.code}` | {o.when} | {o.source} | `{o.fixture}` |" for o in REFUSALS),
            "",
            _LIMITS,
        ]
    )


def _check_row(check: Check) -> str:
    severities = (one.severities[check.code].value for one in (ARTIST, LABEL))
    cells = (
        f"`{check.code}`", check.measures, _limit(check), *severities, check.source,
        f"`{check.fixture}`",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _limit(check: Check) -> str:
    if check.limit is None:
        return "so"
    return f"{check.bound} {check.limit:,g} {check.unit}".strip()
