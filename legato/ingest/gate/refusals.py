"""What is refused before there is anything to judge: the codes that `identify` raises."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """`fixture` is among `fixtures.edge_cases`, or says how a test makes one."""

    code: str
    when: str
    source: str
    fixture: str


REFUSALS: Final = (
    Refusal(
        code="empty",
        when="the file has no bytes",
        source="our own",
        fixture="empty.wav",
    ),
    Refusal(
        code="not_audio",
        when="its content is no container that is accepted, whatever its name",
        source="the list above",
        fixture="not-audio.flac",
    ),
    Refusal(
        code="no_audio",
        when="there is no audio stream that can be decoded, or no sample in it",
        source="our own",
        fixture="header-only.wav",
    ),
    Refusal(
        code="codec",
        when="the audio is in a codec that is not accepted, like ADPCM in a WAV",
        source="the list above",
        fixture="adpcm.wav",
    ),
    Refusal(
        code="channel_layout",
        when="the channels are none of the layouts from mono to 7.1",
        source="our own",
        fixture="nine-channels.wav",
    ),
    Refusal(
        code="rate_out_of_range",
        when="the header claims a sample rate below 1 kHz or above 768 kHz",
        source="our own",
        fixture="two-gigahertz.wav",
    ),
    Refusal(
        code="damaged",
        when="it cannot be decoded from end to end; the second of the damage is told",
        source="the formats' own checksums; RFC 9639 §9.3",
        fixture="damaged-middle.flac",
    ),
    Refusal(
        code="truncated",
        when="it holds less audio than its header declares: by 1 ms (lossless), 0.25 s (lossy), "
        "or an unfinished Ogg page",
        source="the containers' headers; RFC 3533 §6",
        fixture="truncated.wav",
    ),
    Refusal(
        code="too_short",
        when="it is shorter than `LEGATO_MIN_DURATION_S`",
        source="our own: 1 s",
        fixture="one-sample.wav",
    ),
    Refusal(
        code="too_long",
        when="it is longer than `LEGATO_MAX_DURATION_S`; no more than that is decoded",
        source="our own: 6 h",
        fixture="exactly-5-seconds.flac",
    ),
    Refusal(
        code="silent",
        when="every sample of it is zero",
        source="our own",
        fixture="silence.flac",
    ),
)
