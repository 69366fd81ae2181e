"""Whoever sends masters by tus over a line that is cut again and again."""

import base64
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

_PIECE_BYTES: Final = 96 << 10
_PAUSE_S: Final = 0.02
_NEVER: Final = threading.Event()
# The problem `idempotency_answer_lost` says what was done.
_ANSWER_LOST: Final = re.compile(r"upload\.created (\w+): done, but the answer is lost")


@dataclass(slots=True)
class Sender:
    """Sends one master until the server has acknowledged all of it.

    `acknowledged` is how many bytes the server has ever said that it has.
    """

    origin: str
    api_key: str
    master: Path
    file_name: str
    upload_id: str | None = None
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)

    def send(self, over: threading.Event) -> None:
        """To the end, whatever happens to the server in between."""
        body = self.master.read_bytes()
        while not over.is_set():
            try:
                with self._client() as client:
                    if self._go_on(client, body):
                        return
            except (httpx.TransportError, httpx.HTTPStatusError):
                _NEVER.wait(_PAUSE_S * 5)

    def _client(self) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.api_key}", "tus-resumable": "1.0.0"}
        return httpx.Client(base_url=self.origin, headers=headers, timeout=10)

    def _go_on(self, client: httpx.Client, body: bytes) -> bool:
        """Send what is missing; answers whether the upload has become a track."""
        if self.upload_id is None:
            self.upload_id = self._begin(client, len(body))
        offset = self._offset(client)
        while offset < len(body):
            offset = self._send_piece(client, body, offset)
            _NEVER.wait(_PAUSE_S)
        view = client.get(f"/v1/uploads/{self.upload_id}")
        view.raise_for_status()
        return view.json()["track_id"] is not None

    def _begin(self, client: httpx.Client, size: int) -> str:
        name = base64.b64encode(self.file_name.encode()).decode()
        fields = {
            "upload-length": str(size),
            "upload-metadata": f"filename {name}",
            "idempotency-key": self.file_name,
        }
        answer = client.post("/v1/uploads", headers=fields)
        if lost := _ANSWER_LOST.search(answer.text):
            return lost[1]  # it was begun, and the server killed before it could say so
        answer.raise_for_status()
        return answer.headers["location"].rpartition("/")[2]

    def _offset(self, client: httpx.Client) -> int:
        answer = client.head(f"/v1/uploads/{self.upload_id}")
        answer.raise_for_status()
        offset = int(answer.headers["upload-offset"])
        if offset < self.acknowledged:
            self.lost.append(f"{self.file_name}: {self.acknowledged} were said, {offset} are there")
        return offset

    def _send_piece(self, client: httpx.Client, body: bytes, offset: int) -> int:
        answer = client.patch(
            f"/v1/uploads/{self.upload_id}",
            content=body[offset : offset + _PIECE_BYTES],
            headers={
                "upload-offset": str(offset),
                "content-type": "application/offset+octet-stream",
            },
        )
        answer.raise_for_status()
        self.acknowledged = int(answer.headers["upload-offset"])
        return self.acknowledged
