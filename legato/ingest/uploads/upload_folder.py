"""The folder that uploads arrive in, and its own name: others look on, and touch nothing."""

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from legato.ingest.scratch_errors import scratch_errors
from legato.ingest.uploads.upload_file import UploadFile
from legato.storage.durable import make_folders, sync

# In the folder, so that it goes where the uploads go: another host, or another container.
_ID: Final = ".folder-id"


class UploadFolder:
    """Where uploads arrive, a file each; how long the file is, is how much has arrived.

    It is made, and named, when its name is first asked for to be entered with an upload.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def id(self) -> str:
        """Its name for ever; made once, and durable with the folder's own."""
        known = self.known_id()
        if known is not None:
            return known
        with scratch_errors():
            make_folders(self._root, self._root.parent)
            self._name()
        return self.id()

    def known_id(self) -> str | None:
        """Its name; None where nothing has ever arrived."""
        with scratch_errors(), suppress(FileNotFoundError):
            return (self._root / _ID).read_text()
        return None

    def size(self, upload_id: str) -> int:
        """How many bytes have arrived."""
        try:
            return self._path(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def hold(self, upload_id: str) -> UploadFile | None:
        """The file, for one writer; None while another has it, in this process or any."""
        path = self._path(upload_id)
        with scratch_errors():
            self._root.mkdir(parents=True, exist_ok=True)
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _locked(fd) or not _is_at(fd, path):
            os.close(fd)
            return None
        return UploadFile(path, fd)

    def upload_ids(self) -> list[str]:
        """The uploads that have a file."""
        with suppress(FileNotFoundError):
            names = (path.name for path in self._root.iterdir())
            return sorted({name.partition(".")[0] for name in names if not name.startswith(_ID)})
        return []

    def _name(self) -> None:
        """Of two at once the first names it; the file is there whole, or not at all."""
        made = self._root / f"{_ID}-{secrets.token_hex(8)}"
        try:
            made.write_text(secrets.token_hex(16))
            sync(made)
            with suppress(FileExistsError):
                os.link(made, self._root / _ID)
            sync(self._root)
        finally:
            made.unlink(missing_ok=True)

    def _path(self, upload_id: str) -> Path:
        return self._root / upload_id


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(fd: int, path: Path) -> bool:
    """Whether the file has its name still: another may have removed it before it was ours.

    Then it may be a master by now, under another name.
    """
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(fd), path.stat())
    return False
