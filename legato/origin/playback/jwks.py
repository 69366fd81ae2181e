"""A JSON Web Key Set (RFC 7517) at a URL or in a file, whose keys are replaced while we run."""

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Final

import structlog
from jwt import PyJWK, PyJWKClient, PyJWTError

from legato.errors import BadInput, Unavailable
from legato.origin.playback.listener_keys import ListenerKey, choose

Keys = Sequence[ListenerKey]

_URL_GOOD_FOR_S: Final = 300.0
_FILE_GOOD_FOR_S: Final = 5.0
# An unknown key id, or a source that is away, makes us read it again this often at most.
_AGAIN_AFTER_S: Final = 10.0
_TIMEOUT_S: Final = 5.0

log = structlog.get_logger()


class Jwks:
    """The keys of a set: read when they are old, and when a key is asked for that is not there.

    While the source is away, the keys that were read last are good. Once any are known, whoever
    reads the set again holds up nobody else.
    """

    def __init__(
        self,
        load: Callable[[], Keys],
        good_for_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._good_for_s = good_for_s
        self._clock = clock
        self._lock = Lock()
        self._keys: Keys | None = None
        self._old_at = self._again_at = clock()

    def candidates(self, key_id: str | None) -> Sequence[ListenerKey]:
        """Raises Unavailable while no set was ever read, or this key may be in one that is."""
        if self._clock() >= self._old_at:
            self._read(wait=self._keys is None)
        found = choose(self._known(), key_id)
        if found:
            return found
        if not self._read(wait=False):
            raise Unavailable("jwks_unavailable", "the keys of listeners' tokens are being read")
        return choose(self._known(), key_id)

    def _known(self) -> Keys:
        if self._keys is None:
            raise Unavailable("jwks_unavailable", "the keys of listeners' tokens cannot be read")
        return self._keys

    def _read(self, *, wait: bool) -> bool:
        """Read the source, unless that was just done.

        One thread reads at a time. Others `wait` until it has, or are answered False.
        """
        if not self._lock.acquire(blocking=wait):
            return False
        try:
            if self._clock() >= self._again_at:
                self._read_now()
        finally:
            self._lock.release()
        return True

    def _read_now(self) -> None:
        try:
            self._keys = self._load()
            self._old_at = self._clock() + self._good_for_s
        except Unavailable as error:
            log.warning("jwks_unavailable", error=error.message)
        self._again_at = self._clock() + min(_AGAIN_AFTER_S, self._good_for_s)


def open_jwks(source: str) -> Jwks:
    """The set that LEGATO_JWT_JWKS names. A file must be readable now; raises BadInput."""
    if source.startswith(("https://", "http://")):
        client = PyJWKClient(source, cache_jwk_set=False, timeout=_TIMEOUT_S)
        return Jwks(partial(_fetch, client), _URL_GOOD_FOR_S)
    load = partial(_read_file, Path(source))
    try:
        load()
    except Unavailable as error:
        raise BadInput("bad_setting", f"LEGATO_JWT_JWKS: {error.message}") from error
    return Jwks(load, _FILE_GOOD_FOR_S)


def _fetch(client: PyJWKClient) -> Keys:
    try:
        return _keys_of(client.uri, client.fetch_data())
    except (PyJWTError, OSError, ValueError) as error:
        raise _unavailable(client.uri, str(error)) from error


def _read_file(path: Path) -> Keys:
    try:
        return _keys_of(str(path), json.loads(path.read_bytes()))
    except OSError as error:
        raise _unavailable(str(path), error.strerror or "cannot be read") from error
    except ValueError as error:
        raise _unavailable(str(path), f"expected JSON: {error}") from error


def _keys_of(source: str, document: Any) -> Keys:
    """The keys of a set that we can verify with; others are passed over (RFC 7517 §5)."""
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise _unavailable(source, "expected an object with a list of keys")
    keys = [
        key
        for entry in listed
        if isinstance(entry, dict) and entry.get("use") in (None, "sig")
        if (key := _key_of(entry)) is not None
    ]
    if not keys:
        raise _unavailable(source, "expected a key for HS256, RS256 or ES256")
    return keys


def _key_of(entry: dict[str, Any]) -> ListenerKey | None:
    try:
        jwk = PyJWK(entry)
        key = jwk.key if isinstance(jwk.key, bytes) else _public(jwk.key)
        key_id = str(entry["kid"]) if "kid" in entry else None
        return ListenerKey(key_id=key_id, algorithm=jwk.algorithm_name, key=key)
    except (PyJWTError, ValueError, TypeError, AttributeError, KeyError):
        return None


def _public(key: Any) -> Any:
    """The public half of a key, also where a set carries private ones by mistake."""
    return key.public_key() if hasattr(key, "public_key") else key


def _unavailable(source: str, found: str) -> Unavailable:
    return Unavailable("jwks_unavailable", f"{source}: {found}")
