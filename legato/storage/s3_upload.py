"""One object on its way to S3, whole or in parts, so that the server checks every byte.

The server is told the SHA-256 of each body, and answers 400 where another one arrives; the
SHA-256 of the whole object is kept beside it as `x-amz-meta-sha256`.
"""

import base64
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

PART_SIZE: Final = 5 * 1024**2  # the least that S3 takes
_MAX_PARTS: Final = 10_000  # S3's own limit
_PARTS_AT_ONCE: Final = 4
# A CDN may pull what is delivered from the bare bucket.
_DELIVERED: Final = ("audio/", "artwork/")
_IMMUTABLE: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What is to be stored at a key, and the hashes that it must have there."""

    key: str
    media_type: str
    read: Callable[[int, int], bytes]  # offset and size, in bytes
    size: int
    part_size: int
    sha256: bytes
    part_sha256: tuple[bytes, ...]

    @property
    def is_whole(self) -> bool:
        return len(self.part_sha256) == 1

    @property
    def checksum(self) -> str:
        """As S3 writes it: of the bytes, or of the parts' hashes, with their number."""
        if self.is_whole:
            return _base64(self.sha256)
        of_parts = hashlib.sha256(b"".join(self.part_sha256)).digest()
        return f"{_base64(of_parts)}-{len(self.part_sha256)}"


def upload_of_bytes(key: str, body: bytes, media_type: str) -> Upload:
    return _hashed(key, media_type, lambda offset, size: body[offset : offset + size], len(body))


@contextmanager
def upload_of_file(key: str, path: Path, media_type: str) -> Iterator[Upload]:
    """The upload of a file, good inside the context; the file is read once here and once there."""
    with path.open("rb") as file:
        fd = file.fileno()
        size = os.fstat(fd).st_size
        yield _hashed(key, media_type, lambda offset, size: os.pread(fd, size, offset), size)


def _hashed(key: str, media_type: str, read: Callable[[int, int], bytes], size: int) -> Upload:
    part_size = max(PART_SIZE, -(-size // _MAX_PARTS))
    whole, parts = hashlib.sha256(), []
    for offset in range(0, max(size, 1), part_size):
        block = read(offset, part_size)
        whole.update(block)
        parts.append(hashlib.sha256(block).digest())
    return Upload(
        key=key,
        media_type=media_type,
        read=read,
        size=size,
        part_size=part_size,
        sha256=whole.digest(),
        part_sha256=tuple(parts),
    )


def send(client: Any, target: Mapping[str, str], upload: Upload, *, if_absent: bool) -> None:
    """Store the object at `target`; `if_absent`: only where there is none (`If-None-Match: *`).

    Raises boto3's exceptions; no part of the upload is in the store then.
    """
    condition = {"IfNoneMatch": "*"} if if_absent else {}
    if not upload.is_whole:
        _send_parts(client, target, upload, condition)
        return
    client.put_object(
        **target,
        **_description(upload),
        **condition,
        Body=upload.read(0, upload.size),
        ChecksumSHA256=upload.checksum,
    )


def _send_parts(
    client: Any, target: Mapping[str, str], upload: Upload, condition: Mapping[str, str]
) -> None:
    begun = client.create_multipart_upload(
        **target, **_description(upload), ChecksumAlgorithm="SHA256"
    )
    target = {**target, "UploadId": begun["UploadId"]}

    def send_part(index: int) -> dict[str, Any]:
        body = upload.read(index * upload.part_size, upload.part_size)
        part = {"PartNumber": index + 1, "ChecksumSHA256": _base64(upload.part_sha256[index])}
        sent = client.upload_part(**target, **part, Body=body)
        return {**part, "ETag": sent["ETag"]}

    try:
        with ThreadPoolExecutor(_PARTS_AT_ONCE) as executor:
            parts = list(executor.map(send_part, range(len(upload.part_sha256))))
        client.complete_multipart_upload(**target, **condition, MultipartUpload={"Parts": parts})
    except BaseException:
        with suppress(ClientError, BotoCoreError):  # the bucket's lifecycle rule is behind us
            client.abort_multipart_upload(**target)
        raise


def _description(upload: Upload) -> dict[str, Any]:
    cache = {"CacheControl": _IMMUTABLE} if upload.key.startswith(_DELIVERED) else {}
    return {
        "ContentType": upload.media_type,
        "Metadata": {"sha256": upload.sha256.hex()},
        **cache,
    }


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
