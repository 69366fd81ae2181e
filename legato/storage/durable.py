"""Names that survive a power cut: a file's bytes, and its place in every folder above it."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """What a file holds, or the names in a folder, are on the disk. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_folders(folder: Path, below: Path, *, mode: int = 0o777) -> None:
    """Make `folder`; its name, and those up to `below`, are durable, whoever made them.

    Somebody may have made one and died before it was synced. Above `below`, those are that were
    missing. `mode` is what `folder` and `below` are made with. Raises OSError.
    """
    missing = [above for above in (below, *below.parents) if not above.exists()]
    for made in (below, folder):
        made.mkdir(parents=True, exist_ok=True, mode=mode)
    for made in missing:
        sync(made.parent)
    while folder != below:
        folder = folder.parent
        sync(folder)
