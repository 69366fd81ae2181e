"""The keys that grants are signed with: several at a time, the newest signs."""

import base64
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from legato.errors import BadInput, Unavailable

SETTING = "LEGATO_SIGNING_KEYS"
KEY_FILE = "signing-keys"
KEY_ID_LONGEST = 32
_KEY_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{KEY_ID_LONGEST}}}")
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SigningKeys:
    """Secrets by key id, newest first."""

    by_id: Mapping[str, bytes]

    @property
    def newest(self) -> tuple[str, bytes]:
        return next(iter(self.by_id.items()))


def parse_signing_keys(text: str, where: str = SETTING) -> SigningKeys:
    """Read `kid:base64,kid:base64`; raises BadInput, which never shows a secret."""
    by_id: dict[str, bytes] = {}
    for number, item in enumerate(text.strip().split(","), start=1):
        key_id, _, encoded = item.strip().partition(":")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except ValueError:  # binascii's, and that of text beyond ASCII
            secret = b""
        if not _KEY_ID.fullmatch(key_id) or key_id in by_id or len(secret) < _KEY_BYTES:
            raise BadInput(
                "bad_setting",
                f"{where}, key {number}: expected kid:base64, a kid of its own of at most "
                f"{KEY_ID_LONGEST} letters, digits, '_' and '-', a key of {_KEY_BYTES} bytes or "
                "more",
            )
        by_id[key_id] = secret
    return SigningKeys(by_id=by_id)


def format_signing_keys(keys: SigningKeys) -> str:
    """`kid:base64,kid:base64`, as it is read."""
    return ",".join(
        f"{key_id}:{base64.b64encode(secret).decode()}" for key_id, secret in keys.by_id.items()
    )


def new_secret() -> bytes:
    return secrets.token_bytes(_KEY_BYTES)


def load_signing_keys(setting: str | None, folder: Path) -> SigningKeys:
    """The keys that are set, else those in the data folder, where one is made on first use."""
    if setting is not None:
        return parse_signing_keys(setting)
    path = folder / KEY_FILE
    made = SigningKeys(by_id={"k1": new_secret()})
    return parse_signing_keys(read_or_make(path, f"{format_signing_keys(made)}\n"), str(path))


class KeyRing:
    """The signing keys as they are now: called, it answers them, the same object until they change.

    Keys that are set never change while running; those in the data folder follow their file.
    """

    def __init__(self, setting: str | None, folder: Path) -> None:
        self._path = folder / KEY_FILE if setting is None else None
        self._seen = self._stamp()
        self._keys = load_signing_keys(setting, folder)
        self._seen = self._seen or self._stamp()  # the first key has just been made

    def __call__(self) -> SigningKeys:
        return self._keys

    def reload(self) -> bool:
        """Read the file if it is another than before; answers whether it was.

        Raises BadInput or Unavailable, and the keys stay as they are.
        """
        stamp = self._stamp()
        if self._path is None or stamp is None or stamp == self._seen:
            return False
        try:
            keys = parse_signing_keys(self._path.read_text(), str(self._path))
        except OSError as error:
            raise Unavailable("key_file", f"{self._path}: {error.strerror}") from error
        self._keys, self._seen = keys, stamp
        return True

    def _stamp(self) -> tuple[int, int, int] | None:
        """What tells one state of the file from another."""
        try:
            found = self._path.stat() if self._path is not None else None
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_ino, found.st_size) if found is not None else None


def read_or_make(path: Path, content: str) -> str:
    """The text of a file that only its owner may read; made with `content` if there is none.

    Of several processes at once, one makes it and all read the same. Raises Unavailable.
    """
    try:
        return _read_or_make(path, content)
    except OSError as error:
        raise Unavailable("key_file", f"{path}: {error.strerror}") from error


def _read_or_make(path: Path, content: str) -> str:
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    candidate = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        fd = os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(candidate, path)
        except FileExistsError:
            pass
        finally:
            candidate.unlink()
    return path.read_text()
