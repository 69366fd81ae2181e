"""Artwork of tracks: the cover in a master, or the image that a tenant sends.

Content-addressed: five taggings of one recording with five covers are five artworks beside one
asset (docs/decisions/0017). What was made from the same image before is not made again.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from legato.catalog.database import Database
from legato.catalog.objects import artworks, holds
from legato.catalog.objects.artworks import Artwork, artwork_key
from legato.errors import BadInput
from legato.ingest.apart import ApartError, run_apart
from legato.ingest.gate.finding import Finding, Severity
from legato.ingest.tags import Tags
from legato.storage.object_store import ObjectStore

# Called in the transaction that enters an artwork, with its id.
OnEntered = Callable[[Session, str], None]
Covers = dict[int, bytes]

log = structlog.get_logger()


def take_artwork(
    database: Database, store: ObjectStore, track_id: str, master: Path, tags: Tags
) -> Finding | None:
    """Let a track show the cover in its master, where it shows nothing yet.

    A cover that cannot be used is no fault of the master: it is told as a finding. Raises
    Unavailable.
    """
    if not tags.pictures:
        return None
    path, source_sha256 = str(master.absolute()), tags.pictures[0].sha256

    def show(session: Session, artwork_id: str) -> None:
        if artworks.artwork_of_track(session, track_id) is None:
            artworks.show_artwork(session, track_id, artwork_id)

    try:
        _enter(database, store, source_sha256, lambda: _made(path), show)
    except BadInput as error:
        message = f"The cover in the file was left out ({error.message}). You can send another."
        return Finding(code=error.code, severity=Severity.WARN, message=message)
    return None


def enter_image(
    database: Database, store: ObjectStore, image: bytes, on_entered: OnEntered
) -> None:
    """Enter the artwork that is made from an image.

    Raises BadInput `artwork_unreadable`, `artwork_too_large`, `artwork_too_small`; Unavailable.
    """
    source_sha256 = hashlib.sha256(image).hexdigest()
    _enter(database, store, source_sha256, lambda: _made(body=image), on_entered)


def _enter(
    database: Database,
    store: ObjectStore,
    source_sha256: str,
    make: Callable[[], Covers],
    on_entered: OnEntered,
) -> None:
    with database.write() as session:
        known = artworks.made_from(session, source_sha256)
        if known is not None:
            on_entered(session, known)
            return
    covers = make()
    artwork = _artwork(covers)
    with holds.writing(database, holds.of_artwork(artwork.artwork_id)) as hold:
        for size, jpeg in covers.items():
            store.put(artwork_key(artwork.artwork_id, size), jpeg, media_type="image/jpeg")
        with database.write() as session:
            holds.release(session, hold)
            artworks.add_artwork(session, artwork, source_sha256)
            on_entered(session, artwork.artwork_id)


def _artwork(covers: Covers) -> Artwork:
    sizes = tuple(sorted(covers, reverse=True))
    return Artwork(artwork_id=hashlib.sha256(covers[sizes[0]]).hexdigest(), sizes=sizes)


def _made(*arguments: str, body: bytes = b"") -> Covers:
    """Square JPEGs by their sides, made in a process apart."""
    try:
        written = run_apart("legato.ingest.covers", *arguments, body=body)
    except ApartError as error:
        log.warning("artwork_not_made", error=str(error))
        raise BadInput(
            "artwork_unreadable", "artwork: found an image that takes too much to be read"
        ) from error
    line, _, jpegs = written.partition(b"\n")
    described = json.loads(line)
    if "error" in described:
        raise BadInput(*described["error"])
    covers, start = {}, 0
    for size, length in described["sizes"].items():
        covers[int(size)] = jpegs[start : start + length]
        start += length
    return covers
