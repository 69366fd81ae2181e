"""A real receiver of webhooks on this machine, which judges by the specification alone."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from http.server import ThreadingHTTPServer
from typing import Any

from tests.origin.edges.fake_edge import Asked, FakeEdge
from tests.origin.media.certificates import Pair


class Receiver(FakeEdge):
    """Hears what it is told, as `answer` lets it; 200 unless a test says else."""

    def __init__(self) -> None:
        super().__init__(lambda _asked: (200, b"heard"))

    @property
    def ids(self) -> list[str]:
        return [asked.headers["webhook-id"] for asked in self.asked]

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(asked.body) for asked in self.asked]

    @property
    def events(self) -> list[str]:
        return [body["type"] for body in self.told]


class TlsReceiver(Receiver):
    """The same by HTTPS."""

    def __init__(self, pair: Pair) -> None:
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(pair.certificate, pair.key)
        super().__init__()

    def _listen(self, port: int) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        server.socket = self._tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server


def is_signed(asked: Asked, secret: str) -> bool:
    """Standard Webhooks 1.0.0, `Signature scheme`, with the timestamp of just now."""
    fields = asked.headers
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.".encode() + asked.body
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    now = abs(time.time() - int(fields["webhook-timestamp"])) < 60
    return now and fields["webhook-signature"] == f"v1,{mac}"
