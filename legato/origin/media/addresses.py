"""The addresses below `/audio/{asset_id}/`, and what each stands for."""

import re
from dataclasses import dataclass

from legato.errors import NotFound
from legato.manifests import hls
from legato.manifests.manifest import (
    CHUNK_EXTENSIONS,
    FILE_EXTENSIONS,
    MANIFEST_FILE,
    MEDIA_TYPES,
    PEAKS_FILE,
    Manifest,
    RenditionEntry,
    Span,
)

_MULTIVARIANT = re.compile(r"index(?:-([1-9][0-9]{0,4}))?\.m3u8", re.ASCII)
_WHOLE = re.compile(r"([a-z0-9-]+)(\.[a-z0-9]+)", re.ASCII)
_PART = re.compile(r"([a-z0-9-]+)/(index\.m3u8|init|0|[1-9][0-9]{0,6})(\.[a-z0-9]+)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A playlist or the manifest: made from the manifest, short-lived in caches.

    `needs_bps` is the bitrate that a grant must reach.
    """

    body: bytes
    media_type: str
    needs_bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Bytes of a stored file, the same for ever."""

    file: str
    span: Span
    media_type: str
    needs_bps: int


def resolve(manifest: Manifest, rest: str) -> Text | Media:
    """What the address `rest` of an asset stands for; raises NotFound."""
    if rest == PEAKS_FILE:
        span = Span(offset=0, size=manifest.peaks.size_bytes)
        return Media(file=rest, span=span, media_type="application/json", needs_bps=0)
    if rest == MANIFEST_FILE:
        return Text(body=manifest.to_json(), media_type="application/json", needs_bps=0)
    if (found := _MULTIVARIANT.fullmatch(rest)) is not None:
        return _multivariant(manifest, int(found[1]) * 1000 if found[1] else None)
    if (found := _PART.fullmatch(rest)) is not None:
        return _part(manifest, manifest.rendition(found[1]), found[2], found[3])
    if (found := _WHOLE.fullmatch(rest)) is not None:
        entry = manifest.rendition(found[1])
        if found[2] == FILE_EXTENSIONS[entry.codec]:
            return _media(entry, Span(offset=0, size=entry.size_bytes))
    raise _no_address(rest)


def _multivariant(manifest: Manifest, highest_bps: int | None) -> Text:
    """The playlist that names no variant above a tier's bitrate, or all of them.

    One address a bitrate of the ladder: others would be the same bytes under other names.
    """
    bitrates = {entry.nominal_bps for entry in hls.variants(manifest)}
    if highest_bps is not None and highest_bps not in bitrates:
        raise NotFound("no_variant", f"no HLS variant of {highest_bps} bit/s")
    playlist = hls.multivariant_playlist(manifest, highest_bps)
    return Text(
        body=playlist.encode(),
        media_type=hls.MEDIA_TYPE,
        needs_bps=highest_bps or max(bitrates),
    )


def _part(
    manifest: Manifest, entry: RenditionEntry, name: str, extension: str | None
) -> Text | Media:
    """An init segment (`init.mp4`, `init.ogg`), a chunk (`7.m4s`, `7.ogg`) or a playlist."""
    if name == "index.m3u8" and extension is None:
        playlist = hls.media_playlist(manifest, entry)
        return Text(body=playlist.encode(), media_type=hls.MEDIA_TYPE, needs_bps=entry.nominal_bps)
    if name == "init" and extension == FILE_EXTENSIONS[entry.codec]:
        return _media(entry, entry.init)
    if name.isdecimal() and extension == CHUNK_EXTENSIONS[entry.codec]:
        if int(name) >= len(entry.chunks):
            raise NotFound(
                "no_chunk", f"chunk {name} of {entry.name}: there are {len(entry.chunks)}"
            )
        return _media(entry, entry.chunks.fetched(int(name)))
    raise _no_address(f"{entry.name}/{name}{extension or ''}")


def _media(entry: RenditionEntry, span: Span) -> Media:
    return Media(
        file=entry.file,
        span=span,
        media_type=MEDIA_TYPES[entry.codec],
        needs_bps=entry.nominal_bps,
    )


def _no_address(rest: str) -> NotFound:
    return NotFound("no_address", f"{rest!r}: no such address of an asset")
