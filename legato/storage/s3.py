"""A bucket, or what lies under one prefix of it, as object store."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any, Final

from botocore.exceptions import ClientError, IncompleteReadError, ResponseStreamingError

from legato.errors import Corrupt, NotFound, Unavailable
from legato.storage.object_key import key_parts
from legato.storage.object_store import StoredObject
from legato.storage.s3_client import connect, error_code, http_status, in_our_words
from legato.storage.s3_upload import Upload, send, upload_of_bytes, upload_of_file
from legato.storage.temporary_copy import temporary_copy

_BLOCK_SIZE: Final = 5 * 1024**2
_ATTEMPTS: Final = 4
# Somebody else was at the same key, or our own first request was done and its answer lost.
_CLASHES: Final = (
    "PreconditionFailed", "ConditionalRequestConflict", "NoSuchUpload", "NoSuchKey"
)  # fmt: skip
_BROKEN_OFF: Final = (IncompleteReadError, ResponseStreamingError)


class S3Store:
    """One object a key, written on the condition that none is there, and compared by SHA-256."""

    def __init__(
        self, bucket: str, prefix: str, scratch: Path, connect: Callable[[], Any] = connect
    ) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._scratch = scratch
        self._connect = connect
        self._connected: Any = None
        self._connecting = Lock()
        self._conditions = True  # until the server says that it knows none

    def put(self, key: str, body: bytes, *, media_type: str) -> None:
        target = self._target(key)
        with in_our_words(self._bucket, key):
            self._put(target, upload_of_bytes(key, body, media_type))

    def put_file(self, key: str, path: Path, *, media_type: str) -> None:
        target = self._target(key)
        with in_our_words(self._bucket, key):
            with upload_of_file(key, path, media_type) as upload:
                self._put(target, upload)
            path.unlink()

    def read(self, key: str, offset: int = 0, size: int | None = None) -> bytes:
        if size == 0:
            self.size(key)
            return b""
        return self._get(key, offset, size)[0]

    def size(self, key: str) -> int:
        return self._get(key, 0, 1)[1]

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        with temporary_copy(self._scratch) as file:
            for block in self._blocks(key):
                with in_our_words(self._bucket, key):
                    file.write(block)
            file.flush()
            yield Path(file.name)

    def delete(self, key: str) -> None:
        target = self._target(key)
        # Some servers answer 404 here.
        with suppress(NotFound), in_our_words(self._bucket, key):
            self._client().delete_object(**target)

    def list(self, prefix: str, after: str = "") -> Iterator[StoredObject]:
        below = f"{self._prefix}/" if self._prefix else ""
        where = {"Bucket": self._bucket, "Prefix": below + prefix}
        if after:
            where["StartAfter"] = below + after
        with in_our_words(self._bucket, prefix):
            pages = iter(self._client().get_paginator("list_objects_v2").paginate(**where))
        while True:
            with in_our_words(self._bucket, prefix):
                page = next(pages, None)
            if page is None:
                return
            for found in page.get("Contents", ()):
                yield StoredObject(
                    key=found["Key"].removeprefix(below),
                    size_bytes=found["Size"],
                    modified_at_s=found["LastModified"].timestamp(),
                )

    def _client(self) -> Any:
        with self._connecting:
            if self._connected is None:
                self._connected = self._connect()
            return self._connected

    def _target(self, key: str) -> dict[str, str]:
        name = "/".join(key_parts(key))
        return {"Bucket": self._bucket, "Key": f"{self._prefix}/{name}" if self._prefix else name}

    def _put(self, target: Mapping[str, str], upload: Upload) -> None:
        for _ in range(_ATTEMPTS):
            if self._stands(target, upload):
                return
            try:
                send(self._client(), target, upload, if_absent=self._conditions)
            except ClientError as error:
                self._after(error)
            else:
                self._verify(target, upload)
                return
        raise _unavailable(upload.key, "others put and delete it without end: try again later")

    def _after(self, error: ClientError) -> None:
        """Raise `error` again, unless another try may do better."""
        if error_code(error) == "NotImplemented" and self._conditions:
            self._conditions = False
        elif error_code(error) not in _CLASHES:
            raise error

    def _stands(self, target: Mapping[str, str], upload: Upload) -> bool:
        """Whether it is there already; raises Corrupt where it is another object."""
        head = self._head(target)
        if head is None:
            return False
        if head["ContentLength"] != upload.size or not self._is_same(head, upload):
            raise _key_taken(upload.key)
        return True

    def _is_same(self, head: Mapping[str, Any], upload: Upload) -> bool:
        if head.get("ChecksumSHA256") == upload.checksum:
            return True
        stated = _stated_sha256(head) or self._sha256(upload.key)
        return stated == upload.sha256.hex()

    def _verify(self, target: Mapping[str, str], upload: Upload) -> None:
        """Whatever the server has answered: the object must have the hash that it was sent with.

        Where the server keeps no checksum, the object is read back.
        """
        head = self._head(target)
        if head is None:
            raise _unavailable(upload.key, "gone as soon as it was put: try again")
        if head.get("ChecksumSHA256") == upload.checksum:
            return
        found, expected = self._sha256(upload.key), upload.sha256.hex()
        if found == expected:
            return
        if _stated_sha256(head) != expected:
            raise _key_taken(upload.key)
        self._client().delete_object(**target)
        raise _unavailable(upload.key, f"hashes to {found} in the store, expected {expected}")

    def _head(self, target: Mapping[str, str]) -> Mapping[str, Any] | None:
        try:
            head: Mapping[str, Any] = self._client().head_object(**target, ChecksumMode="ENABLED")
        except ClientError as error:
            if http_status(error) == HTTPStatus.NOT_FOUND:
                return None
            self._get_once(target, 0, 1)  # raises as well, and says why: HEAD has no words
            raise
        return head

    def _sha256(self, key: str) -> str:
        digest = hashlib.sha256()
        for block in self._blocks(key):
            digest.update(block)
        return digest.hexdigest()

    def _blocks(self, key: str) -> Iterator[bytes]:
        offset = 0
        while block := self.read(key, offset, _BLOCK_SIZE):
            yield block
            offset += len(block)

    def _get(self, key: str, offset: int, size: int | None) -> tuple[bytes, int]:
        """The bytes, and the size of the object where that reaches beyond `offset`."""
        target = self._target(key)
        with in_our_words(self._bucket, key):
            try:
                return self._get_once(target, offset, size)
            except _BROKEN_OFF:  # botocore asks again only until the body begins
                return self._get_once(target, offset, size)

    def _get_once(
        self, target: Mapping[str, str], offset: int, size: int | None
    ) -> tuple[bytes, int]:
        last = "" if size is None else offset + size - 1
        try:
            answer = self._client().get_object(**target, Range=f"bytes={offset}-{last}")
        except ClientError as error:
            if http_status(error) != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise
            return b"", 0
        with closing(answer["Body"]) as body:
            total = _object_size(target["Key"], answer, offset, size)
            return body.read(), total


def _object_size(name: str, answer: Mapping[str, Any], offset: int, size: int | None) -> int:
    """As Content-Range has it (RFC 9110 §14.4), where that is the range that was asked for."""
    found: str = answer.get("ContentRange", "no Content-Range")
    total = found.rpartition("/")[2]
    if total.isdecimal():
        end = int(total) if size is None else min(int(total), offset + size)
        if found == f"bytes {offset}-{end - 1}/{total}":
            return int(total)
    raise _unavailable(name, f"the store answers {found!r} to {size} bytes from {offset} on")


def _stated_sha256(head: Mapping[str, Any]) -> str | None:
    """What was said of the object when it was put; some servers change the name's case."""
    stated = {name.lower(): value for name, value in head["Metadata"].items()}
    return stated.get("sha256")


def _key_taken(key: str) -> Corrupt:
    return Corrupt("key_taken", f"object {key!r}: other bytes stand there already")


def _unavailable(key: str, message: str) -> Unavailable:
    return Unavailable("store_unavailable", f"object {key!r}: {message}")
