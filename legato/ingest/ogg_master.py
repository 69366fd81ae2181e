"""What an Ogg master says of itself that ffmpeg does not tell."""

import hashlib
from pathlib import Path
from typing import Final

from legato.errors import BadInput, Corrupt
from legato.packaging.ogg_packets import read_packets
from legato.packaging.ogg_page import CAPTURE_PATTERN, read_pages

# The largest page: its header, 255 segments, and as many bytes in each (RFC 3533 §6).
_LARGEST_PAGE: Final = 27 + 255 + 255 * 255


def vorbis_configuration(master: Path) -> bytes:
    """The digest of what sets up a Vorbis decoder: identification and codebooks, no comments.

    Raises BadInput `damaged` where the headers cannot be read.
    """
    try:
        with master.open("rb") as source:
            packets = read_packets(read_pages(source))
            identification, _, setup = (next(packets).data for _ in range(3))
    except (Corrupt, StopIteration, RuntimeError) as error:
        raise BadInput("damaged", f"its Vorbis headers: {error}") from error
    return hashlib.sha256(identification + setup).digest()


def is_cut_off(master: Path) -> bool:
    """Whether the file ends in the middle of a page."""
    with master.open("rb") as source:
        size = source.seek(0, 2)
        source.seek(max(size - _LARGEST_PAGE, 0))
        tail = source.read()
    start = tail.rfind(CAPTURE_PATTERN)
    page = tail[start:]
    if start < 0 or len(page) < 27:
        return True
    lacing = page[27 : 27 + page[26]]
    return len(lacing) < page[26] or len(page) < 27 + len(lacing) + sum(lacing)
