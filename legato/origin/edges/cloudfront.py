"""CloudFront: purged by an invalidation of paths, which takes it some seconds or minutes.

The same CallerReference with the same paths names the same invalidation again, and makes no
second one (CreateInvalidation in the CloudFront API reference): so nothing has to be remembered
between the time it is asked for and the time it is `Completed`.
"""

from dataclasses import dataclass
from typing import Any, Final

from legato.errors import Unavailable
from legato.origin.edges.purge import TIMEOUT_S, away, refused
from legato.transcode.ladder import LADDER

# CloudFront is one service for the world, and is signed for as if it stood here.
_REGION: Final = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFrontEdge:
    """One distribution. Credentials are AWS's usual ones, and may create and get invalidations."""

    distribution_id: str

    @property
    def name(self) -> str:
        return f"cloudfront={self.distribution_id}"

    def batch(self, asset_id: str, requested_at_ms: int) -> dict[str, Any]:
        """The InvalidationBatch of a purge."""
        paths = invalidated_paths(asset_id)
        return {
            "CallerReference": f"legato-{asset_id}-{requested_at_ms}",
            "Paths": {"Quantity": len(paths), "Items": paths},
        }

    def purge(self, asset_id: str, requested_at_ms: int) -> None:
        import boto3  # noqa: PLC0415 - a third of a second, for those who have CloudFront
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        once = Config(
            connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries={"total_max_attempts": 1}
        )
        try:
            client = boto3.Session().client("cloudfront", region_name=_REGION, config=once)
            status = self._status(client, self.batch(asset_id, requested_at_ms))
        except ClientError as error:
            raise refused(self.name, error.response.get("Error", {}).get("Code")) from None
        except BotoCoreError as error:
            raise away(self.name, error) from None
        if status != "Completed":
            raise Unavailable("edge_busy", f"{self.name}: the invalidation is {status}")

    def _status(self, client: Any, batch: dict[str, Any]) -> str:
        """How far the invalidation is, as `get_invalidation` has it: what made it may say less."""
        made = client.create_invalidation(
            DistributionId=self.distribution_id, InvalidationBatch=batch
        )
        found = client.get_invalidation(
            DistributionId=self.distribution_id, Id=made["Invalidation"]["Id"]
        )
        return str(found["Invalidation"]["Status"])


def invalidated_paths(asset_id: str) -> list[str]:
    """Every path below which CloudFront keeps something of an asset.

    A wildcard may stand at the end alone, so each bitrate of `/upto/` has a path of its own.
    """
    rates = sorted({rendition.nominal_bps // 1000 for rendition in LADDER.renditions})[:-1]
    return [f"/audio/{asset_id}/*", *(f"/upto/{kbps}/audio/{asset_id}/*" for kbps in rates)]
