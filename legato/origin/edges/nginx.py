"""Our reference edge: nginx, which removes an asset's files from its cache when it is asked to."""

from dataclasses import dataclass, field

from legato.origin.edges.purge import PurgeRequest, refused, send


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxEdge:
    """One nginx at its admin address `url`, which lets nobody purge without the edge secret."""

    url: str
    secret: str = field(repr=False)

    @property
    def name(self) -> str:
        return f"nginx={self.url}"

    def request(self, asset_id: str) -> PurgeRequest:
        return PurgeRequest(
            method="POST",
            url=f"{self.url}/edge/purge/{asset_id}",
            headers={"x-legato-edge-secret": self.secret},
        )

    def purge(self, asset_id: str, requested_at_ms: int) -> None:
        del requested_at_ms
        answer = send(self.name, self.request(asset_id))
        if answer.get("asset_id") != asset_id:
            raise refused(self.name, answer)
