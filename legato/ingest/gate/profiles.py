"""Who sends a master decides how strictly it is judged: a profile is a table of severities."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from legato.ingest.gate.finding import Severity

_REJECT, _WARN, _INFO = Severity.REJECT, Severity.WARN, Severity.INFO


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How grave each code is, and the limits that differ from the checks' own."""

    name: str
    severities: Mapping[str, Severity]
    limits: Mapping[str, float] = field(default_factory=dict)


_LENIENT: Final = {
    "md5_mismatch": _REJECT,
    "impossible_samples": _REJECT,
    "lossy": _WARN,
    "sample_rate": _WARN,
    "bit_depth": _WARN,
    "surround": _WARN,
    "mono": _INFO,
    "extensible_wav": _INFO,
    "misnamed": _INFO,
    "no_md5": _INFO,
    "inaudible": _WARN,
    "low_level": _INFO,
    "leading_silence": _WARN,
    "trailing_silence": _WARN,
    "silence_inside": _INFO,
    "dropout": _INFO,
    "clipping": _WARN,
    "true_peak_over": _WARN,
    "true_peak_high": _INFO,
    "channel_missing": _WARN,
    "channel_inverted": _WARN,
    "mono_as_stereo": _INFO,
    "dc_offset": _INFO,
    "padded_bits": _WARN,
    "upsampled": _WARN,
    "lossy_origin": _INFO,
}
ARTIST: Final = Profile(name="artist", severities=_LENIENT)
LABEL: Final = Profile(
    name="label",
    severities=_LENIENT
    | {
        "lossy": _REJECT,
        "sample_rate": _REJECT,
        "bit_depth": _REJECT,
        "mono": _WARN,
        "extensible_wav": _WARN,
        "dc_offset": _WARN,
        "lossy_origin": _WARN,
    },
)
PROFILES: Final[Mapping[str, Profile]] = {one.name: one for one in (ARTIST, LABEL)}


def profile_of(kind: str) -> Profile:
    """The profile of a kind of tenant: whoever is no label is judged as an artist."""
    return PROFILES.get(kind, ARTIST)
