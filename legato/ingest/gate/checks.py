"""The gate's checks, as one table: what is measured, which limit, whose, and in which words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from legato.ingest.gate import looks
from legato.ingest.gate.looks import Master, Seen

Bound = Literal["at least", "above", "below", "at most"]

_SPOTIFY: Final = "Spotify for Artists, Audio file formats"
_SILENCE: Final = "level: EBU QC 0078B leaves it open, -60 dBFS is usual"
_STORES: Final = "stores' rule for silence, as distributors pass it on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that the gate looks for.

    It is found where `look` sees something and its number is `bound` the limit: a check
    without a limit is found wherever something is seen. A profile may set another limit.
    `sentence` is filled with `found`, `limit` and the words of what was seen. `fixture` is a
    file in `fixtures.gate` that triggers it; `near_miss` one that just does not.
    """

    code: str
    measures: str
    look: Callable[[Master], Seen | None]
    sentence: str
    source: str
    limit: float | None = None
    bound: Bound = "at least"
    unit: str = ""
    fixture: str
    near_miss: str


CHECKS: Final = (
    Check(
        code="md5_mismatch",
        measures="a FLAC's samples against the MD5 in its header",
        look=looks.flac_md5_differs,
        sentence="found other samples than this FLAC's own checksum was made of, expected the "
        "same; export it again",
        source="RFC 9639 §8.2",
        fixture="md5-differs.flac",
        near_miss="music.flac",
    ),
    Check(
        code="impossible_samples",
        measures="float samples that are not a number, infinite, or above +60 dBFS",
        look=looks.impossible,
        limit=1,
        unit="samples",
        sentence="found {found:.0f} samples that are no sound (not a number, or without bounds), "
        "expected none; export it again",
        source="IEEE 754; our own bound",
        fixture="not-a-number.wav",
        near_miss="beyond-full-scale.wav",
    ),
    Check(
        code="lossy",
        measures="the codec",
        look=looks.lossy,
        sentence="found {codec}, which has thrown sound away already, expected a lossless file: "
        "FLAC, WAV, AIFF, ALAC or WavPack",
        source=_SPOTIFY,
        fixture="lossy.mp3",
        near_miss="music.flac",
    ),
    Check(
        code="sample_rate",
        measures="the sample rate",
        look=looks.sample_rate,
        limit=44_100,
        bound="below",
        unit="Hz",
        sentence="found a sample rate of {found:.0f} Hz, expected {limit:.0f} Hz or more",
        source=_SPOTIFY,
        fixture="rate-32000.flac",
        near_miss="music.flac",
    ),
    Check(
        code="bit_depth",
        measures="the width that the file declares",
        look=looks.bit_depth,
        limit=16,
        bound="below",
        unit="bits",
        sentence="found {found:.0f} bits a sample, expected {limit:.0f} or more",
        source=_SPOTIFY,
        fixture="bits-8.wav",
        near_miss="music.wav",
    ),
    Check(
        code="surround",
        measures="the channels",
        look=looks.channel_count,
        limit=2,
        bound="above",
        unit="channels",
        sentence="found {found:.0f} channels, expected {limit:.0f}; they will be mixed down to "
        "stereo",
        source=_SPOTIFY,
        fixture="surround.wav",
        near_miss="music.wav",
    ),
    Check(
        code="mono",
        measures="the channels",
        look=looks.mono,
        sentence="found one channel, expected two; it will be heard on both sides",
        source=_SPOTIFY,
        fixture="mono.flac",
        near_miss="music.flac",
    ),
    Check(
        code="extensible_wav",
        measures="the format code of a WAV",
        look=looks.extensible,
        sentence="found a WAV of the kind WAVE_FORMAT_EXTENSIBLE, expected plain PCM; some "
        "shops refuse it",
        source=_SPOTIFY,
        fixture="extensible.wav",
        near_miss="music.wav",
    ),
    Check(
        code="misnamed",
        measures="the file's name against its content",
        look=looks.name,
        sentence="found {container} in a file whose name ends in {ending}, expected the name of "
        "what it is",
        source="our own",
        fixture="misnamed.wav",
        near_miss="music.wav",
    ),
    Check(
        code="no_md5",
        measures="a FLAC's header",
        look=looks.flac_md5_absent,
        sentence="found a FLAC without its checksum, expected one; nobody can tell whether it "
        "is as it was exported",
        source="RFC 9639 §8.2",
        fixture="no-md5.flac",
        near_miss="music.flac",
    ),
    Check(
        code="inaudible",
        measures="that no sample passes -60 dBFS",
        look=looks.inaudible,
        sentence="found nothing loud enough to be heard, expected music",
        source=_SILENCE,
        fixture="inaudible.flac",
        near_miss="low-level.flac",
    ),
    Check(
        code="low_level",
        measures="the true peak",
        look=looks.low_level,
        limit=-20,
        bound="below",
        unit="dBTP",
        sentence="found music that never passes {found:.1f} dB, expected a master above "
        "{limit:.0f} dB",
        source="ITU-R BS.1770-4 Annex 2; our own limit",
        fixture="low-level.flac",
        near_miss="music.flac",
    ),
    Check(
        code="leading_silence",
        measures="the time below -60 dBFS before the music",
        look=looks.leading_silence,
        limit=10,
        unit="s",
        sentence="found {found:.1f} s of silence before the music, expected less than "
        "{limit:.0f} s",
        source=f"{_STORES}; {_SILENCE}",
        fixture="leading-silence.flac",
        near_miss="short-silences.flac",
    ),
    Check(
        code="trailing_silence",
        measures="the time below -60 dBFS after the music",
        look=looks.trailing_silence,
        limit=10,
        unit="s",
        sentence="found {found:.1f} s of silence after the music, expected less than {limit:.0f} s",
        source=f"{_STORES}; {_SILENCE}",
        fixture="trailing-silence.flac",
        near_miss="short-silences.flac",
    ),
    Check(
        code="silence_inside",
        measures="times of 5 s or more below -60 dBFS within the music",
        look=looks.inside_silence,
        limit=1,
        unit="places",
        sentence="found silence within the music ({found:.0f} times, {total_s:.1f} s), expected "
        "none of 5 s; good if it is meant so",
        source=f"our own; {_SILENCE}",
        fixture="silence-inside.flac",
        near_miss="short-silences.flac",
    ),
    Check(
        code="dropout",
        measures="digital silence of 4 ms to 1 s, with more than -40 dBFS on both sides of it",
        look=looks.dropouts,
        limit=1,
        unit="places",
        sentence="found sudden holes in the music ({found:.0f}), expected none; listen whether "
        "they are meant so",
        source="our own",
        fixture="dropout.flac",
        near_miss="soft-dropout.flac",
    ),
    Check(
        code="clipping",
        measures="runs of 3 or more samples at full scale in a channel",
        look=looks.clipping,
        limit=10,
        unit="runs",
        sentence="found {found:.0f} places cut flat at full scale, expected fewer than "
        "{limit:.0f}; it may be heard as distortion",
        source='3 samples in a row are the usual "over" of meters; our own count',
        fixture="clipping.flac",
        near_miss="nine-overs.flac",
    ),
    Check(
        code="true_peak_over",
        measures="the true peak",
        look=looks.true_peak,
        limit=0,
        bound="above",
        unit="dBTP",
        sentence="found peaks of {found:+.1f} dB between the samples, expected none above "
        "full scale; players may distort there",
        source="ITU-R BS.1770-4 Annex 2",
        fixture="true-peak-over.flac",
        near_miss="true-peak-high.flac",
    ),
    Check(
        code="true_peak_high",
        measures="the true peak, where it is not over full scale",
        look=looks.true_peak_below_full_scale,
        limit=-0.8,
        bound="above",
        unit="dBTP",
        sentence="found peaks of {found:.1f} dB, expected -1 dB at most, so that compressed "
        "copies have room",
        source="EBU R 128: -1 dBTP, and a meter's tolerance of 0.2 dB (Tech 3341); Spotify for "
        "Artists, Loudness normalization",
        fixture="true-peak-high.flac",
        near_miss="music.flac",
    ),
    Check(
        code="channel_missing",
        measures="how far one front channel is below the other",
        look=looks.channel_difference,
        limit=60,
        unit="dB",
        sentence="found nothing on the {side} side, expected sound on both",
        source="our own",
        fixture="right-missing.flac",
        near_miss="right-soft.flac",
    ),
    Check(
        code="channel_inverted",
        measures="the correlation of left and right",
        look=looks.correlation,
        limit=-0.9,
        bound="at most",
        sentence="found one side upside down against the other, expected them to agree; on one "
        "loudspeaker nearly nothing is left",
        source="our own; EBU Tech 3363 has it as a check",
        fixture="right-inverted.flac",
        near_miss="wide.flac",
    ),
    Check(
        code="mono_as_stereo",
        measures="left and right, sample for sample",
        look=looks.alike,
        sentence="found the same sound on both sides, expected two; good if it is meant as mono",
        source="our own",
        fixture="mono-as-stereo.flac",
        near_miss="music.flac",
    ),
    Check(
        code="dc_offset",
        measures="the mean of a channel's samples",
        look=looks.offset,
        limit=1,
        unit="% of full scale",
        sentence="found the waveform {found:.1f}% off its middle, expected less than "
        "{limit:.0f}%; a high-pass filter mends it",
        source="our own",
        fixture="dc-offset.flac",
        near_miss="small-dc-offset.flac",
    ),
    Check(
        code="padded_bits",
        measures="the bits that are ever used, where more than 16 are declared",
        look=looks.padded_bits,
        limit=16,
        bound="at most",
        unit="bits",
        sentence="found {found:.0f} bits of sound in a {bits}-bit file, expected {bits}; send "
        "the original",
        source="Spotify for Artists: the best quality that there is; our own limit",
        fixture="padded-24.flac",
        near_miss="true-24.flac",
    ),
    Check(
        code="upsampled",
        measures="how steeply the spectrum ends below 62% of what the rate could hold, above "
        "48 kHz",
        look=looks.upsampled,
        limit=30,
        unit="dB within 2 kHz",
        sentence="found nothing above {khz:.1f} kHz in a file of {rate_khz:g} kHz, expected what "
        "such a file can hold; send the original",
        source="Apple Digital Masters: no upsampling; our own limit",
        fixture="upsampled-96000.flac",
        near_miss="true-96000.flac",
    ),
    Check(
        code="lossy_origin",
        measures="how steeply the spectrum of a lossless file ends between 15 and 19.5 kHz",
        look=looks.lossy_origin,
        limit=30,
        unit="dB within 2 kHz",
        sentence="found nothing above {khz:.1f} kHz, as in a file made from an MP3 or the like, "
        "expected a master that never was one",
        source="D'Alessandro and Shi, ACM MM&Sec 2009; our own limit",
        fixture="was-mp3.flac",
        near_miss="music.flac",
    ),
)  # fmt: skip
