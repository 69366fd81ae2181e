"""Apple's HLS authoring rules that bind audio-only VOD, one function a rule, by its number.

Rules about a server's answers (8.18 redirects, 10.1 media types, 10.4 gzip) are tests of the
origin; these judge what stands in playlists and segments.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from legato.manifests.bitrate import average_bps, peak_bps
from legato.manifests.stream import Stream, Variant
from legato.packaging.fragment_reader import AAC_LC

_HALF_SECOND: Final = Fraction(1, 2)
_EXACT_S: Final = Fraction(1, 1_000_000)
_CELLULAR_BPS: Final = 192_000
_TENTH: Final = Fraction(1, 10)
_NEUTRAL_URI = re.compile(r"(?:[./]|index|init|aac|vorbis|-|\d|m3u8|m4s|mp4)+")

Judge = Callable[[Stream], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, what it asks, and who finds what is against it."""

    number: str
    asks: str
    judge: Judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One thing that is against a rule."""

    rule: str
    found: str


RULES: Final[list[Rule]] = []


def breaches(stream: Stream) -> list[Breach]:
    """All that is against any of the rules."""
    return [Breach(rule=rule.number, found=found) for rule in RULES for found in rule.judge(stream)]


def _rule(number: str, asks: str) -> Callable[[Judge], Judge]:
    def register(judge: Judge) -> Judge:
        RULES.append(Rule(number, asks, judge))
        return judge

    return register


@_rule("1.26", "the declared average bitrate is within 10% of the measured one")
def _average_is_measured(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        declared = variant.declared.stream_info.average_bandwidth or 0
        yield from _unless_near(variant, "AVERAGE-BANDWIDTH", declared, _measured(variant)[0])


@_rule("1.27", "the declared peak bitrate is within 10% of the measured one")
def _peak_is_measured(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        declared = variant.declared.stream_info.bandwidth or 0
        yield from _unless_near(variant, "BANDWIDTH", declared, _measured(variant)[1])


@_rule("2.3", "stereo in AAC-LC is there")
def _has_stereo_aac(stream: Stream) -> Iterator[str]:
    if not any(
        one.init.object_type == AAC_LC and one.init.channels == 2 for one in stream.variants
    ):
        yield "no variant is stereo AAC-LC"


@_rule("2.4", "HE-AAC is not used above 64 kbit/s")
def _no_he_aac(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        if variant.init.object_type != AAC_LC and _measured(variant)[0] > 64_000:
            yield f"{variant.uri}: AAC object type {variant.init.object_type}, expected {AAC_LC}"


@_rule("2.18", "loudness is declared, in a ludt box")
def _loudness_is_declared(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        if not variant.init.declares_loudness:
            yield f"{variant.uri}: no ludt box in its init segment"


@_rule("7.3", "decode times are continuous")
def _decode_times_are_continuous(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        expected = 0
        for index, fragment in enumerate(variant.fragments):
            if fragment.decode_time != expected:
                yield (
                    f"{variant.uri}: segment {index}: tfdt {fragment.decode_time}, "
                    f"expected {expected}"
                )
            expected = fragment.decode_time + fragment.samples


@_rule("7.7", "no segment is longer than the target duration and half a second")
def _segments_are_short(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        limit = variant.playlist.target_duration + _HALF_SECOND
        for index, duration in enumerate(variant.durations_s):
            if duration > limit:
                yield f"{variant.uri}: segment {index}: {float(duration)} s, at most {limit}"


@_rule("8.1", "EXTINF durations of any run of segments sum to the truth")
def _durations_are_true(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        stated = true = Fraction(0)
        for index, (one, other) in enumerate(
            zip(variant.durations_s, variant.presented_s, strict=True)
        ):
            stated, true = stated + one, true + other
            if abs(stated - true) > _EXACT_S:
                yield f"{variant.uri}: up to segment {index}: {float(stated - true):+} s off"


@_rule("8.2", "all variants have the same target duration")
def _same_target(stream: Stream) -> Iterator[str]:
    targets = {one.playlist.target_duration for one in stream.variants}
    if len(targets) > 1:
        yield f"target durations {sorted(targets)}, expected one"


@_rule("8.3", "the target duration is the longest segment's, rounded")
def _target_is_longest(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        longest = int(max(variant.durations_s) + _HALF_SECOND)
        if variant.playlist.target_duration != max(longest, 1):
            found = variant.playlist.target_duration
            yield f"{variant.uri}: target duration {found}, expected {longest}"


@_rule("8.6", "EXT-X-PLAYLIST-TYPE is VOD, and the playlist has an end")
def _is_vod(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        if (variant.playlist.playlist_type or "").upper() != "VOD":
            yield f"{variant.uri}: EXT-X-PLAYLIST-TYPE {variant.playlist.playlist_type}"
        if not variant.playlist.is_endlist:
            yield f"{variant.uri}: no EXT-X-ENDLIST"


@_rule("8.7", "all variants span the same time")
def _same_span(stream: Stream) -> Iterator[str]:
    spans = {sum(one.presented_s) for one in stream.variants}
    if len(spans) > 1:
        yield f"variants of {', '.join(f'{float(span)} s' for span in sorted(spans))}"


@_rule("8.20", "fMP4 segments come with EXT-X-MAP")
def _has_map(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        for index, segment in enumerate(variant.playlist.segments):
            if segment.init_section is None:
                yield f"{variant.uri}: segment {index} has no EXT-X-MAP before it"


@_rule("8.22", "segment boundaries of all variants are aligned")
def _boundaries_are_aligned(stream: Stream) -> Iterator[str]:
    first, *others = stream.variants
    expected = [fragment.decode_time for fragment in first.fragments]
    for variant in others:
        if [fragment.decode_time for fragment in variant.fragments] != expected:
            yield f"{variant.uri}: other boundaries than {first.uri}"


@_rule("9.1", "CODECS is there, and true")
def _codecs_are_named(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        expected = f"mp4a.40.{variant.init.object_type}"
        if variant.declared.stream_info.codecs != expected:
            found = variant.declared.stream_info.codecs
            yield f"{variant.uri}: CODECS {found!r}, expected {expected!r}"


@_rule("9.13", "BANDWIDTH is the measured peak, and no segment run is above it")
def _bandwidth_is_peak(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        declared = variant.declared.stream_info.bandwidth or 0
        if declared < _measured(variant)[1]:
            yield f"{variant.uri}: BANDWIDTH {declared}, measured {_measured(variant)[1]}"


@_rule("9.14", "AVERAGE-BANDWIDTH is there")
def _average_is_declared(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        if variant.declared.stream_info.average_bandwidth is None:
            yield f"{variant.uri}: no AVERAGE-BANDWIDTH"


@_rule("9.21", "a variant of 192 kbit/s or less is there, for cellular networks")
def _has_cellular(stream: Stream) -> Iterator[str]:
    first = stream.variants[0]
    if sum(first.presented_s) < first.playlist.target_duration * _HALF_SECOND:
        return  # no run of segments is long enough for a peak (RFC 8216 §4.1)
    lowest = min(one.declared.stream_info.bandwidth or 0 for one in stream.variants)
    if lowest > _CELLULAR_BPS:
        yield f"the lowest BANDWIDTH is {lowest}, expected {_CELLULAR_BPS} at most"


@_rule("11.4", "addresses tell nothing of what is heard")
def _addresses_are_neutral(stream: Stream) -> Iterator[str]:
    for variant in stream.variants:
        uris = [variant.uri, *(segment.uri for segment in variant.playlist.segments)]
        yield from (uri for uri in uris if not _NEUTRAL_URI.fullmatch(uri))


def _measured(variant: Variant) -> tuple[int, int]:
    """Average and peak bitrate of the segments, as they are heard."""
    rate_hz = variant.init.sample_rate_hz
    chunks = [
        (size, int(presented * rate_hz))
        for size, presented in zip(variant.sizes, variant.presented_s, strict=True)
    ]
    return average_bps(chunks, rate_hz), peak_bps(chunks, rate_hz)


def _unless_near(variant: Variant, name: str, declared: int, measured: int) -> Iterator[str]:
    if abs(declared - measured) > measured * _TENTH:
        yield f"{variant.uri}: {name} {declared}, measured {measured}"
