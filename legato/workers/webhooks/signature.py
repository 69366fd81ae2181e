"""How a message is signed, so that its receiver knows whose it is (Standard Webhooks 1.0.0).

The form is https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac

from legato.catalog.news.webhooks import WHSEC


def signed_headers(
    secret: str, *, message_id: str, timestamp_s: int, body: bytes
) -> dict[str, str]:
    """The header fields of one attempt; the id stays the same for all, the time does not."""
    key = base64.b64decode(secret.removeprefix(WHSEC))
    content = f"{message_id}.{timestamp_s}.".encode() + body
    mac = hmac.new(key, content, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }
