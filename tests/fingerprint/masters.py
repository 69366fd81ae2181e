"""One performance in many masters, by ffmpeg's filters and encoders."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

MP3: Final = ("-ar", "44100", "-c:a", "libmp3lame", "-b:a", "128k")
AAC: Final = ("-ar", "44100", "-c:a", "aac", "-b:a", "96k")
VORBIS: Final = ("-ar", "44100", "-c:a", "libvorbis", "-b:a", "96k")
MASTERINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "2 dB louder": ("-af", "volume=2dB"),
    "2 dB softer": ("-af", "volume=-2dB"),
    "at 48 kHz": ("-ar", "48000"),
    "in mono": ("-ac", "1"),
    "0.71 s trimmed": ("-ss", "0.71"),
    "5.33 s trimmed": ("-ss", "5.33"),
    "equalised": ("-af", "bass=g=4:f=120,treble=g=-5:f=6000,equalizer=f=1500:t=q:w=1:g=4"),
    "equalised the other way": ("-af", "bass=g=-6:f=150,treble=g=6:f=5000"),
    "limited by 9 dB": ("-af", "volume=9dB,alimiter=limit=0.8:level=false"),
    "compressed 6:1": (
        "-af", "acompressor=threshold=0.05:ratio=6:attack=5:release=80:makeup=4",
    ),
    "equalised, limited, trimmed": (
        "-ss", "0.4", "-af", "bass=g=3:f=120,treble=g=3:f=5000,volume=4dB,alimiter=limit=0.8",
    ),
}  # fmt: skip
LOSSY: Final[Mapping[str, tuple[str, ...]]] = {
    "as MP3, 128 kbit/s": (*MP3, "-f", "mp3"),
    "as AAC, 96 kbit/s": (*AAC, "-f", "ipod"),
    "as Vorbis, 96 kbit/s": (*VORBIS, "-f", "ogg"),
}


def remaster(master: Path, path: Path, options: tuple[str, ...], length_s: float = 125) -> Path:
    """Write another master of the first seconds; a WAV, unless the options say otherwise."""
    form = () if "-f" in options else ("-f", "wav")
    words = ["-t", f"{length_s:g}", "-i", str(master), "-map", "0:a:0", *options, *form]
    command = ["ffmpeg", "-y", "-v", "error", "-nostdin", *words, str(path)]
    subprocess.run(command, check=True)
    return path
