"""What each check looks at: pure functions from facts to what was seen, or None."""

from dataclasses import dataclass, field
from typing import Any, Final

from legato.ingest.gate.facts import FileFacts, SoundFacts
from legato.ingest.gate.finding import Span
from legato.ingest.gate.names import CODECS, CONTAINERS, misnamed
from legato.ingest.gate.runs import Places

_SIDES: Final = ("left", "right")
# What a channel of digital silence counts as, so that levels can be compared.
_NOTHING_DBFS: Final = -200.0
_HIGHEST_PLAIN_RATE_HZ: Final = 48_000
_WIDEST_PLAIN_BITS: Final = 16
# Where lossy encoders cut: 15 to 19.5 kHz, up to about 192 kbit/s.
_LOSSY_WALL_HZ: Final = (15_000, 19_500)
# Half the rate of what is resampled up to twice its rate or more, with room for odd ratios.
_UPSAMPLED_SHARE: Final = 0.62
_LOWEST_OLD_NYQUIST_HZ: Final = 15_000
# Above the wall there is no more than rounding leaves: 16 bits with dither make -96 dB.
_EMPTY_DB: Final = -80.0
# What the silence of a whole master may lack of its length, for rounding.
_STEP_S: Final = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """All that is known of a master when it is judged."""

    file: FileFacts
    sound: SoundFacts
    file_name: str = ""

    @property
    def whole(self) -> tuple[Span, ...]:
        return ((0.0, round(self.sound.duration_s, 3)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`number` is held against the check's limit; `words` fill its sentence."""

    number: float
    spans: tuple[Span, ...] = ()
    words: dict[str, Any] = field(default_factory=dict)


def lossy(master: Master) -> Seen | None:
    codec = CODECS.get(master.file.codec, master.file.codec)
    return None if master.file.lossless else Seen(number=1, words={"codec": codec})


def sample_rate(master: Master) -> Seen:
    return Seen(number=master.sound.sample_rate_hz)


def bit_depth(master: Master) -> Seen | None:
    return Seen(number=master.file.bits) if master.file.bits else None


def channel_count(master: Master) -> Seen:
    return Seen(number=master.sound.channels)


def mono(master: Master) -> Seen | None:
    return Seen(number=1) if master.sound.channels == 1 else None


def extensible(master: Master) -> Seen | None:
    return Seen(number=1) if master.file.extensible else None


def name(master: Master) -> Seen | None:
    ending = misnamed(master.file_name, master.file.container)
    if ending is None:
        return None
    container = CONTAINERS.get(master.file.container, master.file.container)
    return Seen(number=1, words={"ending": ending, "container": container})


def flac_md5_differs(master: Master) -> Seen | None:
    return Seen(number=1) if master.file.flac_md5 == "differs" else None


def flac_md5_absent(master: Master) -> Seen | None:
    return Seen(number=1) if master.file.flac_md5 == "absent" else None


def impossible(master: Master) -> Seen:
    return _places(master.sound.impossible)


def inaudible(master: Master) -> Seen | None:
    """Nothing ever passes -60 dBFS: all of it is silence before the music."""
    return Seen(number=1, spans=master.whole) if _is_inaudible(master.sound) else None


def low_level(master: Master) -> Seen | None:
    peak = master.sound.true_peak_dbtp
    return None if peak is None or _is_inaudible(master.sound) else Seen(number=peak)


def leading_silence(master: Master) -> Seen | None:
    length = master.sound.leading_silence_s
    return None if _is_inaudible(master.sound) else Seen(number=length, spans=((0.0, length),))


def trailing_silence(master: Master) -> Seen | None:
    length, end = master.sound.trailing_silence_s, master.sound.duration_s
    if _is_inaudible(master.sound):
        return None
    return Seen(number=length, spans=((round(max(end - length, 0.0), 3), round(end, 3)),))


def inside_silence(master: Master) -> Seen:
    return _places(master.sound.silences)


def dropouts(master: Master) -> Seen:
    return _places(master.sound.dropouts)


def clipping(master: Master) -> Seen:
    return _places(master.sound.clipping)


def true_peak(master: Master) -> Seen | None:
    peak, at_s = master.sound.true_peak_dbtp, master.sound.true_peak_at_s
    return None if peak is None else Seen(number=peak, spans=((at_s, at_s),))


def true_peak_below_full_scale(master: Master) -> Seen | None:
    seen = true_peak(master)
    return seen if seen is not None and seen.number <= 0 else None


def channel_difference(master: Master) -> Seen | None:
    """How far the softer of the two front channels is below the other."""
    if master.sound.channels == 1 or _is_inaudible(master.sound):
        return None
    levels = [_NOTHING_DBFS if one is None else one for one in master.sound.levels_dbfs[:2]]
    side = _SIDES[levels.index(min(levels))]
    difference = round(max(levels) - min(levels), 1)
    return Seen(number=difference, spans=master.whole, words={"side": side})


def correlation(master: Master) -> Seen | None:
    found = master.sound.correlation
    return None if found is None else Seen(number=found, spans=master.whole)


def alike(master: Master) -> Seen | None:
    return Seen(number=1, spans=master.whole) if master.sound.alike else None


def offset(master: Master) -> Seen:
    largest = max(abs(one) for one in master.sound.offsets)
    return Seen(number=round(100 * largest, 2), spans=master.whole)


def padded_bits(master: Master) -> Seen | None:
    """A file that declares more than 16 bits, and uses no more than those."""
    declared, used = master.file.bits, master.sound.effective_bits
    if declared is None or not used or declared <= _WIDEST_PLAIN_BITS:
        return None
    return Seen(number=used, words={"bits": declared})


def upsampled(master: Master) -> Seen | None:
    """A wall where the spectrum of a lower rate ends, in a file of more than 48 kHz."""
    wall, rate_hz = master.sound.wall, master.sound.sample_rate_hz
    if wall is None or wall.floor_db > _EMPTY_DB or rate_hz <= _HIGHEST_PLAIN_RATE_HZ:
        return None
    highest = _UPSAMPLED_SHARE * rate_hz / 2
    if not _LOWEST_OLD_NYQUIST_HZ <= wall.frequency_hz <= highest:
        return None
    words = {"khz": wall.frequency_hz / 1000, "rate_khz": rate_hz / 1000}
    return Seen(number=wall.drop_db, spans=master.whole, words=words)


def lossy_origin(master: Master) -> Seen | None:
    """A wall where lossy encoders cut, in a lossless file of an ordinary rate."""
    wall, rate_hz = master.sound.wall, master.sound.sample_rate_hz
    if wall is None or wall.floor_db > _EMPTY_DB or rate_hz > _HIGHEST_PLAIN_RATE_HZ:
        return None
    if not _LOSSY_WALL_HZ[0] <= wall.frequency_hz <= _LOSSY_WALL_HZ[1]:
        return None
    return Seen(number=wall.drop_db, spans=master.whole, words={"khz": wall.frequency_hz / 1000})


def _places(places: Places) -> Seen:
    return Seen(number=places.count, spans=places.spans, words={"total_s": places.total_s})


def _is_inaudible(sound: SoundFacts) -> bool:
    return sound.leading_silence_s > 0 and sound.leading_silence_s + _STEP_S >= sound.duration_s
