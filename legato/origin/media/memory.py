"""Memory with a bound in bytes; what was used least recently goes first."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedMemory(Generic[K, V]):
    """Values by key, of at most `limit_bytes` by the weights they are given."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._weight = 0

    @property
    def weight_bytes(self) -> int:
        return self._weight

    def get(self, key: K) -> V | None:
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def keep(self, key: K, value: V, weight_bytes: int) -> None:
        """Keep a value, unless it is too large for all of the memory."""
        if weight_bytes > self._limit:
            return
        self._forget(key)
        self._kept[key] = (value, weight_bytes)
        self._weight += weight_bytes
        while self._weight > self._limit:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: K) -> None:
        forgotten = self._kept.pop(key, None)
        if forgotten is not None:
            self._weight -= forgotten[1]
