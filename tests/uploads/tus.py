"""tus by hand: requests of a client that knows the protocol and may break it."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from tests.running import RunningServer

VERSION: Final = {"tus-resumable": "1.0.0"}
OFFSET_TYPE: Final = {"content-type": "application/offset+octet-stream"}


def metadata(**values: str) -> dict[str, str]:
    pairs = (f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in values.items())
    return {"upload-metadata": ",".join(pairs)}


def checksum(algorithm: str, data: bytes) -> dict[str, str]:
    digest = base64.b64encode(hashlib.new(algorithm, data).digest()).decode()
    return {"upload-checksum": f"{algorithm} {digest}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TusClient:
    """Speaks to a server as one of its tenants; what it answers comes back as it is."""

    http: httpx.Client

    def begin(
        self, size: int, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        sent = {**VERSION, "upload-length": str(size), **(headers or {})}
        return self.http.post("/v1/uploads", headers=sent, **more)

    def begun(self, size: int, **said: str) -> str:
        """Where an upload was begun."""
        answer = self.begin(size, metadata(**said) if said else None)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    def send(
        self, place: str, offset: int, data: Any, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        sent = {**VERSION, **OFFSET_TYPE, "upload-offset": str(offset), **(headers or {})}
        return self.http.patch(place, content=data, headers=sent)

    def ask(self, place: str) -> httpx.Response:
        return self.http.head(place, headers=VERSION)

    def offset(self, place: str) -> int:
        answer = self.ask(place)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["upload-offset"])

    def end(self, place: str) -> httpx.Response:
        return self.http.delete(place, headers=VERSION)


def stored(server: RunningServer, data: bytes) -> bool:
    """Whether the store holds exactly these bytes as a master."""
    master_id = hashlib.sha256(data).hexdigest()
    path: Path = server.data / "objects" / "masters" / master_id[:2] / master_id
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == master_id


def tracks_named(server: RunningServer, file_name: str) -> list[dict[str, Any]]:
    listed = server.api.get("/v1/tracks", params={"limit": 1000}).json()["tracks"]
    return [track for track in listed if track["file_name"] == file_name]
