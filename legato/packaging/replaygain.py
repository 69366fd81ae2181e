"""ReplayGain 2.0 in Vorbis comments."""

from typing import Final

from legato.packaging.loudness import Loudness

REFERENCE_LUFS: Final = -18.0


def replaygain_comments(loudness: Loudness) -> dict[str, str]:
    """Track gain and peak (ReplayGain 2.0 specification, "Metadata format"); none undefined."""
    comments = {}
    if loudness.integrated_lufs is not None:
        gain_db = REFERENCE_LUFS - loudness.integrated_lufs
        comments["REPLAYGAIN_TRACK_GAIN"] = f"{gain_db:.2f} dB"
    if loudness.true_peak_dbtp is not None:
        comments["REPLAYGAIN_TRACK_PEAK"] = f"{10 ** (loudness.true_peak_dbtp / 20):.6f}"
    return comments
