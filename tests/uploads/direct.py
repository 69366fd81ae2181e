"""A client of direct uploads, which goes on wherever its line broke."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

_TRIES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectClient:
    """Speaks to legato by `api`, and to the store by the addresses that it is given."""

    api: httpx.Client

    def begin(self, file: Path, **said: object) -> dict[str, Any]:
        wanted = {"file_name": file.name, "size_bytes": file.stat().st_size, **said}
        answer = self.api.post("/v1/direct-uploads", json=wanted)
        assert answer.status_code == 201, answer.text
        begun: dict[str, Any] = answer.json()
        return begun

    def send(self, begun: dict[str, Any], file: Path) -> list[dict[str, Any]]:
        """Send the parts that are missing, until all are there; answers what they are."""
        path = f"/v1/direct-uploads/{begun['upload']['upload_id']}"
        parts = described(file, begun["part_size_bytes"])
        for _ in range(_TRIES):
            there = {part["number"] for part in self.api.get(f"{path}/parts").json()}
            missing = [part for part in parts if part["number"] not in there]
            if not missing:
                return parts
            addresses = self.api.post(f"{path}/addresses", json={"parts": missing}).json()
            self._put_until_cut(addresses, file, begun["part_size_bytes"])
        raise AssertionError(f"{len(missing)} parts never arrived")

    def complete(self, begun: dict[str, Any], parts: list[dict[str, Any]]) -> httpx.Response:
        path = f"/v1/direct-uploads/{begun['upload']['upload_id']}"
        return self.api.post(f"{path}/complete", json={"parts": parts})

    def upload(self, begun: dict[str, Any]) -> dict[str, Any]:
        """What has become of it."""
        answer = self.api.get(f"/v1/direct-uploads/{begun['upload']['upload_id']}")
        view: dict[str, Any] = answer.json()["upload"]
        return view

    def _put_until_cut(self, addresses: list[Any], file: Path, part_size: int) -> None:
        with httpx.Client(timeout=30) as store, file.open("rb") as source:
            for address in addresses:
                source.seek((address["number"] - 1) * part_size)
                try:
                    store.put(
                        address["url"], content=source.read(part_size), headers=address["headers"]
                    )
                except httpx.TransportError:
                    return


def described(file: Path, part_size: int) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    with file.open("rb") as source:
        while body := source.read(part_size):
            sha256 = hashlib.sha256(body).hexdigest()
            parts.append({"number": len(parts) + 1, "size_bytes": len(body), "sha256": sha256})
    return parts
