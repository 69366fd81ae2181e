"""Times as the API shows them."""

from datetime import UTC, datetime


def moment(time_ms: int) -> datetime:
    """A time of the catalogue, in Unix milliseconds, with its zone."""
    return datetime.fromtimestamp(time_ms / 1000, UTC)
