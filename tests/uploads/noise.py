"""Files like no others, for lines that break."""

import hashlib
import random
from pathlib import Path

_BLOCK = 1_000_000


def write_noise(path: Path, size: int) -> str:
    """So many bytes that only the file's name tells; answers their SHA-256."""
    digest, seed = hashlib.sha256(), random.Random(path.name)
    with path.open("wb") as file:
        for start in range(0, size, _BLOCK):
            block = seed.randbytes(min(_BLOCK, size - start))
            digest.update(block)
            file.write(block)
    return digest.hexdigest()
