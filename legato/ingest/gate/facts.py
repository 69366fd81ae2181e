"""What is measured of a master: of its file, and of its samples. Stored as JSON, read back.

Two files of one recording share what was measured of the samples, never what was of the file.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from legato.ingest.gate.runs import Places
from legato.ingest.gate.spectrum import Wall

# Raised when something is measured otherwise or anew: what was stored before is then not read.
VERSION: Final = 1

T = TypeVar("T")
FlacMd5State = Literal["matches", "differs", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What a file is. `bits` is its declared width, where it has one."""

    container: str
    codec: str
    lossless: bool
    bits: int | None
    extensible: bool
    flac_md5: FlacMd5State | None
    version: int = VERSION

    def to_json(self) -> dict[str, Any]:
        return _dumped(_FILE_FACTS, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFacts:
    """What is heard. Times in seconds, levels in dB relative to full scale, None for silence.

    `effective_bits` is None for a lossy master, which has no width. `alike`: left and right are
    the same. `impossible`: samples that are no sound (NaN, infinite, or beyond +60 dBFS).
    """

    sample_rate_hz: int
    channels: int
    samples: int
    true_peak_dbtp: float | None
    true_peak_at_s: float
    levels_dbfs: tuple[float | None, ...]
    offsets: tuple[float, ...]
    correlation: float | None
    alike: bool
    leading_silence_s: float
    trailing_silence_s: float
    silences: Places
    dropouts: Places
    clipping: Places
    impossible: Places
    effective_bits: int | None
    wall: Wall | None
    version: int = VERSION

    @property
    def duration_s(self) -> float:
        return self.samples / self.sample_rate_hz

    def to_json(self) -> dict[str, Any]:
        return _dumped(_SOUND_FACTS, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was measured of a master: all that it is judged by."""

    file: FileFacts
    sound: SoundFacts


def read_file_facts(stored: dict[str, Any] | None) -> FileFacts | None:
    """What was stored of a file; None where nothing was, or by another version of this."""
    return _read(_FILE_FACTS, stored)


def read_sound_facts(stored: dict[str, Any] | None) -> SoundFacts | None:
    """What was stored of the samples; None where nothing was, or by another version of this."""
    return _read(_SOUND_FACTS, stored)


def _read(adapter: TypeAdapter[T], stored: dict[str, Any] | None) -> T | None:
    if stored is None or stored.get("version") != VERSION:
        return None
    try:
        return adapter.validate_python(stored)
    except ValidationError:
        return None


def _dumped(adapter: TypeAdapter[T], facts: T) -> dict[str, Any]:
    dumped: dict[str, Any] = adapter.dump_python(facts, mode="json")
    return dumped


_FILE_FACTS: Final = TypeAdapter(FileFacts)
_SOUND_FACTS: Final = TypeAdapter(SoundFacts)
