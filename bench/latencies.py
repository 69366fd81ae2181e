"""How long requests took: what share of them took at most so long."""

import math
from dataclasses import dataclass, field


@dataclass(slots=True)
class Latencies:
    seconds: list[float] = field(default_factory=list)

    def add(self, elapsed_s: float) -> None:
        self.seconds.append(elapsed_s)

    def at(self, share: float) -> float:
        """The least time, in seconds, that so many of them did not exceed; 0 without any."""
        ordered = sorted(self.seconds)
        return ordered[max(math.ceil(share * len(ordered)), 1) - 1] if ordered else 0.0

    def __str__(self) -> str:
        if not self.seconds:
            return "none"
        p50, p99, most = (f"{self.at(share) * 1000:.1f}" for share in (0.5, 0.99, 1))
        return f"p50 {p50} ms, p99 {p99} ms, longest {most} ms"
