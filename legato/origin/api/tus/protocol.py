"""What tus 1.0 says in header fields: versions, extensions, offsets, lengths.

Extensions: creation, creation-with-upload, termination, checksum, expiration.
"""

from dataclasses import dataclass
from email.utils import formatdate
from typing import Final, Self

from legato.catalog.objects.uploads import Upload, UploadState
from legato.errors import BadInput
from legato.origin.api.tus.checksum import ALGORITHMS
from legato.origin.asgi import Scope, request_headers

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,termination,checksum,expiration"
PATH: Final = "/v1/uploads"
MEDIA_TYPE: Final = "application/offset+octet-stream"
# What a page of another origin may send, and what it may read (Fetch §3.2).
REQUEST_FIELDS: Final = (
    "tus-resumable", "upload-length", "upload-offset", "upload-metadata", "upload-checksum",
    "upload-defer-length", "upload-concat", "x-http-method-override",
)  # fmt: skip
ANSWER_FIELDS: Final = (
    "location", "upload-offset", "upload-length", "upload-expires", "upload-metadata",
    "tus-resumable", "tus-version", "tus-extension", "tus-max-size", "tus-checksum-algorithm",
    "legato-track",
)  # fmt: skip
# The methods that are tus's; the rest of the API answers others.
_METHODS_OF_ALL: Final = ("OPTIONS", "POST")
_METHODS_OF_ONE: Final = ("OPTIONS", "HEAD", "PATCH", "DELETE")
_MOST_DIGITS: Final = 18

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TusRequest:
    """A request of a tus client; of no upload where it begins one."""

    method: str
    upload_id: str | None
    fields: dict[bytes, bytes]

    @classmethod
    def of(cls, scope: Scope) -> Self | None:
        """The request, or None where it is none of tus's.

        X-HTTP-Method-Override goes before the method that was sent (tus, "Requests").
        """
        if scope["type"] != "http" or not scope["path"].startswith(PATH):
            return None
        fields = request_headers(scope)
        override = fields.get(b"x-http-method-override")
        # Methods are case-sensitive (RFC 9110 §9.1), but some clients override with `patch`.
        method = override.decode("latin-1").upper() if override else scope["method"]
        if method not in methods_at(scope["path"]):
            return None
        upload_id = scope["path"][len(PATH) :].removeprefix("/")
        return cls(method=method, upload_id=upload_id or None, fields=fields)

    def check_version(self) -> None:
        """Raises BadInput `tus_version`."""
        found = self.text("tus-resumable")
        if found != VERSION:
            raise BadInput("tus_version", f"Tus-Resumable: found {found!r}, expected {VERSION!r}")

    def check_media_type(self) -> None:
        """Raises BadInput `upload_media_type`."""
        found = self.text("content-type")
        if found != MEDIA_TYPE:
            raise BadInput(
                "upload_media_type", f"Content-Type: found {found!r}, expected {MEDIA_TYPE!r}"
            )

    def check_extensions(self) -> None:
        """Raises BadInput `bad_upload` for what would make another file of it."""
        for name in ("upload-concat", "upload-defer-length"):
            if self.text(name) is not None:
                raise BadInput(
                    "bad_upload",
                    f"{name}: found {self.text(name)!r}, expected none of it: {EXTENSIONS}",
                )

    def text(self, name: str) -> str | None:
        value = self.fields.get(name.encode())
        return value.decode("latin-1") if value is not None else None

    def number(self, name: str) -> int:
        """A length or an offset in bytes; raises BadInput `bad_upload`."""
        text = self.text(name) or ""
        if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
            raise BadInput("bad_upload", f"{name}: found {text!r}, expected a number of bytes")
        return int(text)

    @property
    def body_size(self) -> int | None:
        """How long the body is, where that is said."""
        return self.number("content-length") if self.text("content-length") is not None else None


def methods_at(path: str) -> tuple[str, ...]:
    """The methods that are tus's at a path; none where it has no place there."""
    begin, _, upload_id = path.removeprefix(PATH).partition("/")
    if begin or not path.startswith(PATH):
        return ()
    return _METHODS_OF_ONE if upload_id else _METHODS_OF_ALL


def server_fields(max_bytes: int) -> Fields:
    """What this server can do."""
    return [
        ("tus-version", VERSION),
        ("tus-extension", EXTENSIONS),
        ("tus-max-size", str(max_bytes)),
        ("tus-checksum-algorithm", ",".join(ALGORITHMS)),
    ]


def upload_fields(upload: Upload, offset: int) -> Fields:
    """How far an upload is, until when it may go on (RFC 9110 §5.6.7), and what it became."""
    fields = [("upload-offset", str(offset)), ("cache-control", "no-store")]
    if upload.state is UploadState.RECEIVING:
        fields.append(("upload-expires", formatdate(upload.expires_at_ms / 1000, usegmt=True)))
    if upload.track_id is not None:
        fields.append(("legato-track", upload.track_id))
    return fields


def described_fields(upload: Upload) -> Fields:
    """What was said when the upload began, as it was said."""
    header = upload.described.header
    fields = [("upload-length", str(upload.size_bytes))]
    return [*fields, ("upload-metadata", header)] if header else fields
