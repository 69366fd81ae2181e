"""What a request is, as one hash: its body hashed while it passes, whatever its size."""

import hashlib
from email.message import Message
from typing import Final

from legato.origin.asgi import Message as AsgiMessage
from legato.origin.asgi import Receive, Scope, request_headers

# Beside method, path, query and body: what else says what is asked for (tus 1.0 has it there).
_TELLING: Final = (b"upload-", b"if-match", b"x-http-method-override")


class HashedRequest:
    """Passes a request's body on and hashes it; memory is bounded by one message.

    A multipart body is hashed part by part: the boundary between them, which a client makes up
    anew each time it sends the same form, plays no part (RFC 2046 §5.1.1).
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        fields = request_headers(scope)
        kind, boundary = _content_type(fields.get(b"content-type", b""))
        self._receive = receive
        self._delimiter = b"--" + boundary if boundary else b""
        self._whole = hashlib.sha256()
        self._part = hashlib.sha256()
        self._rest = b""
        self.complete = False
        self.gone = False
        telling = sorted(one for one in fields.items() if one[0].startswith(_TELLING))
        path = scope.get("raw_path") or scope["path"].encode()
        for one in (scope["method"].encode(), path, scope["query_string"], kind, repr(telling)):
            self._enter(one if isinstance(one, bytes) else one.encode())

    async def receive(self) -> AsgiMessage:
        """The next message of the request, as its application asks for it."""
        message = await self._receive()
        if message["type"] == "http.request" and not self.complete:
            self._take(message.get("body", b""))
            self.complete = not message.get("more_body", False)
        self.gone = self.gone or message["type"] == "http.disconnect"
        return message

    async def read(self, most_bytes: int | None = None) -> bool:
        """Read what nobody has asked for; answers whether all of the body has come."""
        taken = 0
        while not self.complete and not self.gone:
            if most_bytes is not None and taken > most_bytes:
                return False
            taken += len((await self.receive()).get("body", b""))
        return self.complete

    def digest(self, *more: str) -> str:
        """The hash, in hexadecimal, of a request that has been read whole, and of `more`."""
        whole, part = self._whole.copy(), self._part.copy()
        part.update(self._rest)
        for one in (part.digest(), *(text.encode() for text in more)):
            whole.update(len(one).to_bytes(8, "big") + one)
        return whole.hexdigest()

    def _take(self, block: bytes) -> None:
        if not self._delimiter:
            self._part.update(block)
            return
        *ended, rest = (self._rest + block).split(self._delimiter)
        for piece in ended:
            self._part.update(piece)
            self._enter(self._part.digest())
            self._part = hashlib.sha256()
        may_go_on = len(self._delimiter) - 1  # of the next delimiter, so much may have come
        self._part.update(rest[:-may_go_on])
        self._rest = rest[-may_go_on:]

    def _enter(self, one: bytes) -> None:
        self._whole.update(len(one).to_bytes(8, "big") + one)


def _content_type(value: bytes) -> tuple[bytes, bytes]:
    """The content type, without a multipart boundary, and that (RFC 2046 §5.1.1)."""
    header = Message()
    header["content-type"] = value.decode("latin-1")
    boundary = header.get_boundary() if header.get_content_maintype() == "multipart" else None
    if boundary is None:
        return value, b""
    return header.get_content_type().encode(), boundary.encode("latin-1")
