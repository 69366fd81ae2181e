"""Cloudflare: purged by cache tag, which is the asset (its API's `POST …/purge_cache`)."""

import json
from dataclasses import dataclass, field
from typing import Final

from legato.origin.edges.purge import PurgeRequest, refused, send

API: Final = "https://api.cloudflare.com/client/v4"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudflareEdge:
    """One Cloudflare zone; the token needs the permission Cache Purge."""

    zone_id: str
    token: str = field(repr=False)
    api: str = API

    @property
    def name(self) -> str:
        return f"cloudflare={self.zone_id}"

    def request(self, asset_id: str) -> PurgeRequest:
        return PurgeRequest(
            method="POST",
            url=f"{self.api}/zones/{self.zone_id}/purge_cache",
            headers={
                "authorization": f"Bearer {self.token}",
                "content-type": "application/json",
            },
            body=json.dumps({"tags": [asset_id]}).encode(),
        )

    def purge(self, asset_id: str, requested_at_ms: int) -> None:
        del requested_at_ms
        answer = send(self.name, self.request(asset_id))
        if answer.get("success") is not True:
            raise refused(self.name, answer.get("errors", answer))
