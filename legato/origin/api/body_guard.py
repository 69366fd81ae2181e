"""Stands before the API's small requests: a body is bounded in bytes, and may not stand still."""

import re
from typing import Final

from legato.origin.api.tus.protocol import TusRequest
from legato.origin.api.upload_guard import declared_bytes, is_upload
from legato.origin.api.watched_body import LAST, Bounds, pass_on_watched
from legato.origin.asgi import App, Receive, Scope, Send, refuse

MOST_BYTES: Final = 2 << 20
STALL_S: Final = 30.0
_GUARDED: Final = ("/v1/", "/edge/")
_ARTWORK_PATH: Final = re.compile(r"/v1/tracks/[^/]+/artwork")


def _is_guarded(scope: Scope) -> bool:
    """Whether the body may be no master, part of one or image, which have bounds of their own."""
    if scope["type"] != "http" or not scope["path"].startswith(_GUARDED):
        return False
    is_artwork = scope["method"] == "PUT" and _ARTWORK_PATH.fullmatch(scope["path"])
    return not (is_artwork or is_upload(scope) or TusRequest.of(scope) is not None)


class BodyGuard:
    """Passes everything on but bodies of more than MOST_BYTES, or that stand still too long."""

    def __init__(self, app: App, stall_s: float = STALL_S) -> None:
        self._app = app
        self._bounds = Bounds(most_bytes=MOST_BYTES, stall_s=stall_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_guarded(scope):
            await self._app(scope, receive, send)
        elif declared_bytes(scope) > MOST_BYTES:
            await refuse(self._bounds.too_large(), send, LAST)
        else:
            await pass_on_watched(self._app, scope, receive, send, self._bounds)
