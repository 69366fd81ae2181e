"""Presigned multipart uploads: SigV4 binds each part's length and SHA-256 to its address."""

import base64
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError

from legato.errors import BadInput, NotFound
from legato.storage.direct_uploads import Part, PartAddress, StoredPart, incoming_key
from legato.storage.object_key import key_parts
from legato.storage.s3_client import connect, error_code, in_our_words

_CHECKSUM: Final = "x-amz-checksum-sha256"
_NO_UPLOAD: Final = ("NoSuchUpload", "404")
_BAD_PART: Final = ("InvalidPart", "InvalidPartOrder", "EntityTooSmall", "InvalidRequest")


class S3DirectUploads:
    """Uploads into a bucket, under its prefix; `endpoint` is where clients reach it."""

    def __init__(
        self,
        bucket: str,
        prefix: str,
        endpoint: str | None = None,
        connect: Callable[..., Any] = connect,
    ) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._connect = connect
        self._endpoint = endpoint
        self._clients: tuple[Any, Any] | None = None

    def begin(self, upload_id: str) -> str:
        with self._asking(upload_id) as target:
            begun = self._client.create_multipart_upload(**target, ChecksumAlgorithm="SHA256")
            store_upload_id: str = begun["UploadId"]
            return store_upload_id

    def address(
        self, upload_id: str, store_upload_id: str, part: Part, *, ttl_s: int
    ) -> PartAddress:
        checksum = _base64(part.sha256)
        with self._asking(upload_id) as target:
            url = self._signer.generate_presigned_url(
                "upload_part",
                Params={
                    **target,
                    "UploadId": store_upload_id,
                    "PartNumber": part.number,
                    "ContentLength": part.size_bytes,
                    "ChecksumSHA256": checksum,
                },
                ExpiresIn=ttl_s,
            )
        return PartAddress(url=url, headers={_CHECKSUM: checksum})

    def stored(self, upload_id: str, store_upload_id: str) -> list[StoredPart]:
        return [
            StoredPart(number=part["PartNumber"], size_bytes=part["Size"])
            for part in self._parts(upload_id, store_upload_id)
        ]

    def complete(self, upload_id: str, store_upload_id: str, parts: Sequence[Part]) -> None:
        try:
            found = {part["PartNumber"]: part for part in self._parts(upload_id, store_upload_id)}
        except NotFound:
            if self._is_complete(upload_id):
                return
            raise
        described = [_described(part, found) for part in parts]
        with self._asking(upload_id) as target:
            self._client.complete_multipart_upload(
                **target, UploadId=store_upload_id, MultipartUpload={"Parts": described}
            )

    def abort(self, upload_id: str, store_upload_id: str) -> None:
        try:
            with self._asking(upload_id) as target:
                self._client.abort_multipart_upload(**target, UploadId=store_upload_id)
        except NotFound:
            return

    def _parts(self, upload_id: str, store_upload_id: str) -> list[Any]:
        with self._asking(upload_id) as target:
            pages = self._client.get_paginator("list_parts").paginate(
                **target, UploadId=store_upload_id
            )
            return [part for page in pages for part in page.get("Parts", [])]

    def _is_complete(self, upload_id: str) -> bool:
        try:
            with self._asking(upload_id) as target:
                self._client.head_object(**target)
        except NotFound:
            return False
        return True

    @contextmanager
    def _asking(self, upload_id: str) -> Iterator[dict[str, str]]:
        key = incoming_key(upload_id)
        name = "/".join([*key_parts(self._prefix), key] if self._prefix else [key])
        with in_our_words(self._bucket, key):
            try:
                yield {"Bucket": self._bucket, "Key": name}
            except ClientError as error:
                refusal = _refusal(error, upload_id)
                if refusal is None:
                    raise
                raise refusal from error

    @property
    def _client(self) -> Any:
        return self._connected()[0]

    @property
    def _signer(self) -> Any:
        return self._connected()[1]

    def _connected(self) -> tuple[Any, Any]:
        """Two threads at once may connect twice, which costs time and harms nothing."""
        if self._clients is None:
            self._clients = (self._connect(), self._connect(self._endpoint))
        return self._clients


def _described(part: Part, found: dict[int, Any]) -> dict[str, Any]:
    """A part as S3 wants it named; raises BadInput where another one, or none, is there."""
    there = found.get(part.number)
    if there is None or there["Size"] != part.size_bytes:
        size = "nothing" if there is None else f"{there['Size']} bytes"
        raise BadInput(
            "bad_part", f"part {part.number}: found {size}, expected {part.size_bytes} bytes"
        )
    checksum = _base64(part.sha256)
    return {"PartNumber": part.number, "ETag": there["ETag"], "ChecksumSHA256": checksum}


def _refusal(error: ClientError, upload_id: str) -> NotFound | BadInput | None:
    """What is the caller's own, and not the store's."""
    if error_code(error) in _NO_UPLOAD:
        return NotFound("no_upload", f"upload {upload_id!r}: the store has no such upload")
    if error_code(error) in _BAD_PART:
        return BadInput(
            "bad_part",
            f"upload {upload_id!r}: the store answers {error_code(error)}: expected every part "
            "with the SHA-256 that it was sent with, and all but the last of 5 MiB or more",
        )
    return None


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
