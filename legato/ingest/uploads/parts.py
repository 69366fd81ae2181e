"""How an upload to the bucket is cut into parts."""

from typing import Final

from legato.catalog.objects.uploads import Upload
from legato.errors import BadInput
from legato.storage.direct_uploads import Part

# S3's own limits: parts of 5 MiB and more, 10,000 of them at most.
LEAST_PART_BYTES: Final = 5 << 20
MOST_PARTS: Final = 10_000
USUAL_PART_BYTES: Final = 16 << 20


def part_size_bytes(size_bytes: int) -> int:
    """How large each part but the last is."""
    return max(USUAL_PART_BYTES, -(-size_bytes // MOST_PARTS))


def part_count(upload: Upload) -> int:
    return max(1, -(-upload.size_bytes // _part_size(upload)))


def check_part(upload: Upload, part: Part) -> None:
    """Raises BadInput `bad_part` for one that the upload does not have."""
    count, size = part_count(upload), _part_size(upload)
    if not 1 <= part.number <= count:
        raise BadInput("bad_part", f"found part {part.number}, expected 1 to {count}")
    expected = min(size, upload.size_bytes - size * (part.number - 1))
    if part.size_bytes != expected:
        raise BadInput(
            "bad_part",
            f"part {part.number}: found {part.size_bytes} bytes, expected {expected}",
        )


def _part_size(upload: Upload) -> int:
    return upload.part_size_bytes or part_size_bytes(upload.size_bytes)
