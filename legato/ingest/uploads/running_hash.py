"""The SHA-256 of an upload, computed while it arrives."""

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Final

from legato.ingest.uploads.upload_file import UploadFile

_BLOCK_SIZE: Final = 1 << 20
# Uploads whose hash is remembered between their requests; a few hundred bytes each.
_REMEMBERED: Final = 4096


class RunningHash:
    """The hash of the first `position` bytes of a file."""

    def __init__(self, digest: "hashlib._Hash | None" = None, position: int = 0) -> None:
        self._digest = digest or hashlib.sha256()
        self.position = position

    def update(self, data: bytes | memoryview) -> None:
        """Go on behind what has been hashed."""
        self._digest.update(data)
        self.position += len(data)

    def catch_up(self, file: UploadFile) -> None:
        """Read what of a file has not been hashed: nothing, but after a restart."""
        while self.position < file.size:
            self.update(file.read(self.position, _BLOCK_SIZE))

    def copy(self) -> "RunningHash":
        return RunningHash(self._digest.copy(), self.position)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


class RunningHashes:
    """The hashes of uploads that may go on; the least used are forgotten. For any threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, RunningHash] = OrderedDict()
        self._lock = Lock()

    def take(self, upload_id: str) -> RunningHash:
        """What is known of an upload's hash, for whoever has its file."""
        with self._lock:
            return self._kept.pop(upload_id, None) or RunningHash()

    def keep(self, upload_id: str, running: RunningHash, file: UploadFile) -> None:
        """Remember it, if it is that of all that is in the file; else that is read again."""
        if running.position != file.size:
            return
        with self._lock:
            self._kept[upload_id] = running
            if len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
