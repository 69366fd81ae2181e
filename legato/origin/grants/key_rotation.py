"""Rotating the signing keys with overlap: pure steps, and the key file that they change.

The order is the state: the first key signs, and all verify. A key that is later in its series
than the one that signs (`k20261115142233123` behind `k1`) is staged: it verifies, and will sign
after the next rotation, by which time every edge knows it.

The number of a new key is the time it was made at, in UTC to the millisecond: no id ever comes
back with another secret, also after its key was dropped.
"""

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from legato.errors import BadInput, Unavailable
from legato.origin.grants.private_file import replace_private_file
from legato.origin.grants.signing_keys import (
    KEY_FILE,
    KEY_ID_LONGEST,
    SigningKeys,
    format_signing_keys,
    load_signing_keys,
    new_secret,
    parse_signing_keys,
)

_SERIES = re.compile(r"(?P<stem>.*?)(?P<number>[0-9]*)", re.DOTALL)

Change = Callable[[SigningKeys], SigningKeys]


class KeyRole(StrEnum):
    """What a key is for."""

    SIGNS = "signs"
    VERIFIES = "verifies"
    STAGED = "staged"


def roles(keys: SigningKeys) -> dict[str, KeyRole]:
    """The role of every key, in the order of the keys."""
    newest, _ = keys.newest
    return {
        key_id: KeyRole.SIGNS
        if key_id == newest
        else KeyRole.STAGED
        if _is_later(key_id, newest)
        else KeyRole.VERIFIES
        for key_id in keys.by_id
    }


def staged_key(keys: SigningKeys) -> str | None:
    """The key that the next rotation lets sign, if one has been staged."""
    return next((one for one, role in roles(keys).items() if role is KeyRole.STAGED), None)


def stage(keys: SigningKeys) -> SigningKeys:
    """A new key at the end; raises BadInput `already_staged` where one waits already."""
    waiting = staged_key(keys)
    if waiting is not None:
        raise BadInput(
            "already_staged", f"key {waiting} is staged: give it to the edges, then rotate"
        )
    return SigningKeys(by_id={**keys.by_id, _next_id(keys): new_secret()})


def rotate(keys: SigningKeys, *, now: bool = False) -> SigningKeys:
    """The staged key signs; all others verify. `now`: where none is staged, a new one does.

    Raises BadInput `none_staged`: tokens of a key that no edge has been given are refused there.
    """
    staged = staged_key(keys)
    if staged is None and not now:
        raise BadInput(
            "none_staged",
            "found no staged key, which edges know: --stage makes one, --now does without edges",
        )
    key_id = staged or _next_id(keys)
    secret = keys.by_id[staged] if staged is not None else new_secret()
    return SigningKeys(by_id={key_id: secret, **_without(keys, key_id)})


def drop(keys: SigningKeys, key_id: str) -> SigningKeys:
    """Grants that this key has signed are good no more.

    Raises BadInput `no_signing_key`, and `key_signs` for the one that signs.
    """
    if key_id not in keys.by_id:
        known = ", ".join(keys.by_id)
        raise BadInput("no_signing_key", f"key {key_id!r}: found none of that id, only {known}")
    if key_id == keys.newest[0]:
        raise BadInput("key_signs", f"key {key_id} signs: rotate first, then drop it")
    return SigningKeys(by_id=_without(keys, key_id))


def changed(keys: SigningKeys, change: Change, where: str) -> SigningKeys:
    """What `change` makes of keys, as it will be read; raises BadInput if that cannot be."""
    return parse_signing_keys(format_signing_keys(change(keys)), where)


def change_key_file(folder: Path, change: Change) -> SigningKeys:
    """Replace the keys of a data folder by what `change` makes of them; answers those.

    The file is replaced whole and is on disk when this returns, whoever's it was it is still; of
    several changes at a time, one waits for the other. Raises Unavailable, and what `change`
    raises.
    """
    load_signing_keys(None, folder)
    try:
        path = (folder / KEY_FILE).resolve(strict=True)
        with _alone(path.parent):
            keys = changed(parse_signing_keys(path.read_text(), str(path)), change, str(path))
            replace_private_file(path, format_signing_keys(keys) + "\n")
    except OSError as error:
        raise Unavailable("key_file", f"{folder / KEY_FILE}: {error.strerror}") from error
    return keys


def _next_id(keys: SigningKeys) -> str:
    """An id behind all others in the series of the key that signs; raises BadInput."""
    stem, _ = _series(keys.newest[0])
    made_at = int(f"{datetime.now(UTC):%Y%m%d%H%M%S%f}"[:-3])
    numbers = [number for one, number in map(_series, keys.by_id) if one == stem]
    key_id = f"{stem}{max(made_at, max(numbers) + 1)}"
    if len(key_id) > KEY_ID_LONGEST:
        raise BadInput(
            "long_key_id",
            f"key {keys.newest[0]} signs: found no room for a number of its series in "
            f"{KEY_ID_LONGEST} characters, expected a shorter kid: set one by hand",
        )
    return key_id


def _is_later(key_id: str, than: str) -> bool:
    (stem, number), (other_stem, other_number) = _series(key_id), _series(than)
    return stem == other_stem and number > other_number


def _series(key_id: str) -> tuple[str, int]:
    found = _SERIES.fullmatch(key_id)
    assert found is not None  # noqa: S101 - it matches any text
    return found["stem"], int(found["number"] or 1)


def _without(keys: SigningKeys, key_id: str) -> dict[str, bytes]:
    return {one: secret for one, secret in keys.by_id.items() if one != key_id}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock (flock(2)), which ends with the process at the latest."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
        os.fsync(fd)
    finally:
        os.close(fd)
