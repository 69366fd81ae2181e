"""Which folders are synced: as strace saw it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from legato.storage.durable import make_folders

MAKE = "import sys; from pathlib import Path; from legato.storage.durable import make_folders\n"
MAKE += "make_folders(Path(sys.argv[1]), Path(sys.argv[2]))"


def synced(folder: Path, below: Path, log: Path) -> set[str]:
    """The folders that were synced while one was made."""
    strace = shutil.which("strace") or "strace"
    watching = [strace, "-y", "-qq", "-e", "trace=fsync", "-o", str(log)]
    subprocess.run([*watching, sys.executable, "-c", MAKE, folder, below], check=True)
    return set(re.findall(r"fsync\(\d+<([^>]*)>\) += 0", log.read_text()))


def test_every_name_up_to_the_root_is_durable_whoever_made_it(tmp_path: Path) -> None:
    root = tmp_path / "data" / "objects"
    folder = root / "masters" / "ab"

    new = synced(folder, root, tmp_path / "log")
    again = synced(folder, root, tmp_path / "log")  # somebody else may have made it just now

    assert again == {str(root), str(root / "masters")}
    assert new == again | {str(tmp_path), str(tmp_path / "data")}


def test_a_root_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    make_folders(tmp_path, tmp_path)

    assert tmp_path.stat().st_mode & 0o777 == 0o700
