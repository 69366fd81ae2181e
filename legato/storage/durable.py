"""Names that survive a power cut: a file's bytes, and its place in every folder above it."""

import os
from pathlib import Path
from typing import Final

# What lies below is masters: nobody else's.
FOLDER_MODE: Final = 0o770


def sync(path: Path) -> None:
    """What a file holds, or the names in a folder, are on the disk. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_folders(folder: Path, below: Path) -> None:
    """Make `folder`; its name, and those up to `below`, are durable, whoever made them.

    Somebody may have made one and died before it was synced. Above `below`, those are that were
    missing. `folder` and `below` are made with FOLDER_MODE.
    Raises OSError.
    """
    missing = [above for above in (below, *below.parents) if not above.exists()]
    for made in (below, folder):
        made.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    for made in missing:
        sync(made.parent)
    while folder != below:
        folder = folder.parent
        sync(folder)
