"""The states that a track goes through."""

from enum import StrEnum


class TrackState(StrEnum):
    """received → encoding → ready; refused is the input's fault, failed is ours."""

    RECEIVED = "received"
    ENCODING = "encoding"
    READY = "ready"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        return self in (TrackState.READY, TrackState.REFUSED, TrackState.FAILED)


ENDED_BADLY = (TrackState.REFUSED, TrackState.FAILED)
