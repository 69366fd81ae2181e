"""Fastly: purged by surrogate key, which is the asset (its API's `POST …/purge/{key}`)."""

from dataclasses import dataclass, field
from typing import Final

from legato.origin.edges.purge import PurgeRequest, refused, send

API: Final = "https://api.fastly.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class FastlyEdge:
    """One Fastly service; the token needs the scope `purge_select`."""

    service_id: str
    token: str = field(repr=False)
    api: str = API

    @property
    def name(self) -> str:
        return f"fastly={self.service_id}"

    def request(self, asset_id: str) -> PurgeRequest:
        """A hard purge: without `Fastly-Soft-Purge`, nothing stale is served."""
        return PurgeRequest(
            method="POST",
            url=f"{self.api}/service/{self.service_id}/purge/{asset_id}",
            headers={"fastly-key": self.token, "accept": "application/json"},
        )

    def purge(self, asset_id: str, requested_at_ms: int) -> None:
        del requested_at_ms
        answer = send(self.name, self.request(asset_id))
        if answer.get("status") != "ok":
            raise refused(self.name, answer)
