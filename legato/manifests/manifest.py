"""`manifest.json`, version 1: the one truth for delivery (docs/manifest.md)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from legato.errors import Corrupt, NotFound
from legato.manifests.bitrate import average_bps, peak_bps
from legato.packaging.chunks import ChunkIndex
from legato.packaging.loudness import Loudness

VERSION: Final = 1
MANIFEST_FILE: Final = "manifest.json"
PEAKS_FILE: Final = "peaks.json"
CODEC_STRINGS: Final = {"vorbis": "vorbis", "aac": "mp4a.40.2"}  # RFC 6381 §3.3
MEDIA_TYPES: Final = {"vorbis": "audio/ogg", "aac": "audio/mp4"}
FILE_EXTENSIONS: Final = {"vorbis": ".ogg", "aac": ".mp4"}
CHUNK_EXTENSIONS: Final = {"vorbis": ".ogg", "aac": ".m4s"}


def asset_key(asset_id: str, file: str) -> str:
    """Where a file of an asset stands in the object store; addresses are the same."""
    return f"audio/{asset_id}/{file}"


Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Span(_Stored):
    """Bytes of a file: `[offset, offset + size)`."""

    offset: Count
    size: Count


class Chunks(_Stored):
    """Columns with a row a chunk: bytes, and samples of the presented timeline.

    A player fetches `[offset - preroll, offset + size)`; after the init segment that decodes
    to `preroll_samples` samples before the chunk, and then its own `samples`.
    """

    offset: tuple[Count, ...]
    size: tuple[Count, ...]
    preroll: tuple[Count, ...]
    preroll_samples: tuple[Count, ...]
    start_sample: tuple[Count, ...]
    samples: tuple[Positive, ...]

    @model_validator(mode="after")
    def _columns_are_equally_long(self) -> Self:
        lengths = {len(getattr(self, column)) for column in type(self).model_fields}
        if len(lengths) != 1 or lengths == {0}:
            raise ValueError("columns of one length, and of one chunk or more, are expected")
        return self

    def __len__(self) -> int:
        return len(self.offset)

    def fetched(self, index: int) -> Span:
        """What the address of a chunk stands for: its pre-roll and itself."""
        preroll = self.preroll[index]
        return Span(offset=self.offset[index] - preroll, size=self.size[index] + preroll)


class LoudnessEntry(_Stored):
    """EBU R 128 loudness and BS.1770-4 true peak; None where one is not defined."""

    integrated_lufs: float | None
    range_lu: float | None
    true_peak_dbtp: float | None


class RenditionEntry(_Stored):
    """One encoded file and where its chunks lie. `loudness` is None where none was measured."""

    name: str
    codec: Literal["vorbis", "aac"]
    media_type: str
    file: str
    size_bytes: int
    sha256: str
    nominal_bps: int
    average_bps: int
    peak_bps: int
    warmup_samples: int
    loudness: LoudnessEntry | None = None
    init: Span
    chunks: Chunks


class PeaksEntry(_Stored):
    """The waveform for players to draw: a file in audiowaveform's JSON format, version 2."""

    file: str
    size_bytes: int
    sha256: str


class Manifest(_Stored):
    """All that a player or a CDN has to know of an asset. `asset_id` is the rest's SHA-256."""

    version: Literal[1]
    asset_id: str
    audio_id: str
    ladder: str
    sample_rate_hz: Positive
    channels: Positive
    samples: Positive
    loudness: LoudnessEntry
    peaks: PeaksEntry
    renditions: tuple[RenditionEntry, ...]
    _stored: bytes | None = PrivateAttr(default=None)

    @cached_property
    def by_name(self) -> dict[str, RenditionEntry]:
        return {entry.name: entry for entry in self.renditions}

    @property
    def duration_s(self) -> float:
        return self.samples / self.sample_rate_hz

    def rendition(self, name: str) -> RenditionEntry:
        """The entry of this name; raises NotFound."""
        entry = self.by_name.get(name)
        if entry is None:
            raise NotFound("no_rendition", f"rendition {name!r}: found {', '.join(self.by_name)}")
        return entry

    def to_json(self) -> bytes:
        """The manifest as it is stored: sorted keys, no spaces, so that its hash is one.

        One that was read stays as it was, with fields that another release gave it.
        """
        return self._stored or _canonical(self.model_dump(mode="json"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedFile:
    """A packaged rendition: what it is called, what is in it, where its chunks lie.

    `loudness` is what its decode was measured to be, None where it was not.
    """

    name: str
    codec: Literal["vorbis", "aac"]
    nominal_bps: int
    size_bytes: int
    sha256: str
    loudness: Loudness | None
    index: ChunkIndex

    @property
    def file(self) -> str:
        return self.name + FILE_EXTENSIONS[self.codec]

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.codec]


def make_manifest(  # noqa: PLR0913 - it is made of all of these
    *,
    audio_id: str,
    ladder: str,
    channels: int,
    loudness: Loudness,
    peaks: bytes,
    files: Sequence[PackagedFile],
) -> Manifest:
    """The manifest of packaged files, under its own hash; they must be equally long."""
    lengths = {file.index.samples for file in files}
    rates = {file.index.sample_rate_hz for file in files}
    if len(lengths) != 1 or len(rates) != 1:
        raise Corrupt(
            "renditions_differ",
            f"the renditions are {sorted(lengths)} samples at {sorted(rates)} Hz, "
            "expected one length and one rate",
        )
    content = {
        "version": VERSION,
        "audio_id": audio_id,
        "ladder": ladder,
        "sample_rate_hz": rates.pop(),
        "channels": channels,
        "samples": lengths.pop(),
        "loudness": asdict(loudness),
        "peaks": {
            "file": PEAKS_FILE,
            "size_bytes": len(peaks),
            "sha256": hashlib.sha256(peaks).hexdigest(),
        },
        "renditions": [_entry(file) for file in files],
    }
    return read_manifest(_canonical({**content, "asset_id": asset_id_of(content)}))


def asset_id_of(content: dict[str, Any]) -> str:
    """SHA-256 of a manifest's canonical JSON without its `asset_id`."""
    rest = {key: value for key, value in content.items() if key != "asset_id"}
    return hashlib.sha256(_canonical(rest)).hexdigest()


def read_manifest(stored: bytes) -> Manifest:
    """Read a stored manifest; raises Corrupt where it is none, or not what its id says."""
    try:
        content = json.loads(stored)
        manifest = Manifest.model_validate(content)
        found = asset_id_of(content)
    except (ValueError, RecursionError) as error:
        where = " ".join(str(error).split("\n")[:3])  # the first of pydantic's findings
        raise Corrupt("bad_manifest", f"manifest: {where}") from error
    if found != manifest.asset_id:
        raise Corrupt(
            "manifest_hash", f"manifest {manifest.asset_id}: its content hashes to {found}"
        )
    manifest._stored = stored  # noqa: SLF001 - nobody else may set it
    return manifest


def _entry(file: PackagedFile) -> dict[str, Any]:
    chunks = file.index.chunks
    spans = [(chunk.size, chunk.samples) for chunk in chunks]
    rate_hz = file.index.sample_rate_hz
    return {
        "name": file.name,
        "codec": file.codec,
        "media_type": f'{file.media_type}; codecs="{CODEC_STRINGS[file.codec]}"',
        "file": file.file,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
        "nominal_bps": file.nominal_bps,
        "average_bps": average_bps(spans, rate_hz),
        "peak_bps": peak_bps(spans, rate_hz),
        "warmup_samples": file.index.warmup_samples,
        "loudness": asdict(file.loudness) if file.loudness else None,
        "init": {"offset": 0, "size": file.index.init_size},
        "chunks": {
            column: [getattr(chunk, column) for chunk in chunks] for column in Chunks.model_fields
        },
    }


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
