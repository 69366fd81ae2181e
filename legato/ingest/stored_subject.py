"""Which objects of the store belong together: what a hold is on, and the keys of it."""

from collections.abc import Iterator
from typing import Final

from legato.ingest.master_key import master_key
from legato.storage.object_store import ObjectStore, StoredObject

FOLDERS: Final = ("masters", "audio", "artwork", "incoming")
_MASTERS: Final = "masters"
_MANY_FILES: Final = ("audio", "artwork")


def subject_of(key: str) -> str | None:
    """What an object belongs to, as holds name it; None for a key that is none of ours."""
    folder, _, rest = key.partition("/")
    id_, _, file = rest.partition("/")
    if folder == _MASTERS:
        return f"{folder}/{file}" if file and key == master_key(file) else None
    if folder in _MANY_FILES:
        return f"{folder}/{id_}" if file else None
    return f"{folder}/{id_}" if folder in FOLDERS and id_ and not file else None


def objects_of(store: ObjectStore, subject: str) -> list[StoredObject]:
    """The objects of a subject, a manifest first: where it does not stand, nothing is whole."""
    folder, _, id_ = subject.partition("/")
    prefix = master_key(id_) if folder == _MASTERS else subject
    if folder in _MANY_FILES:
        prefix += "/"
    found = [one for one in store.list(prefix) if subject_of(one.key) == subject]
    return sorted(found, key=lambda one: (not one.key.endswith("/manifest.json"), one.key))


def subjects_below(store: ObjectStore, folder: str) -> Iterator[tuple[str | None, StoredObject]]:
    """Each object in a folder of the store, in the order of keys, with what it belongs to."""
    for found in store.list(f"{folder}/"):
        yield subject_of(found.key), found
