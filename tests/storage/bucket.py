"""What lies under one prefix of a bucket, seen and changed past legato."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    client: Any
    name: str
    prefix: str

    def head(self, key: str) -> dict[str, Any]:
        """What the server says of an object."""
        head: dict[str, Any] = self.client.head_object(**self._at(key), ChecksumMode="ENABLED")
        return head

    def put(self, key: str, body: bytes, metadata: dict[str, str] | None = None) -> None:
        """Put an object as a stranger does: over whatever is there."""
        self.client.put_object(**self._at(key), Body=body, Metadata=metadata or {})

    def objects(self) -> list[str]:
        """The keys of what is there."""
        listed = self.client.list_objects_v2(Bucket=self.name, Prefix=f"{self.prefix}/")
        return [one["Key"].removeprefix(f"{self.prefix}/") for one in listed.get("Contents", [])]

    def unfinished_uploads(self) -> list[Any]:
        """Uploads in parts that have been begun and neither completed nor aborted."""
        listed = self.client.list_multipart_uploads(Bucket=self.name, Prefix=self.prefix)
        return list(listed.get("Uploads", []))

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.name, "Key": f"{self.prefix}/{key}"}
