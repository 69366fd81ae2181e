"""wrk, and the paths that it asks for in turn."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_CONNECTIONS: Final = 32
# Requests are written before the clock runs: what is measured is the server.
_SCRIPT: Final = """
local requests = {{}}
local at = 0
function init(args)
  for path in io.lines("{paths}") do
    requests[#requests + 1] = wrk.format("GET", path, {{{headers}}})
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("done %d %d %d %d %f\\n", summary.requests, summary.bytes,
    summary.duration, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(99)))
end
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What wrk counted: whole responses, their bytes, and how long the slowest of 99% took."""

    requests: int
    size_bytes: int
    duration_s: float
    errors: int
    p99_ms: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.duration_s


def load(
    url: str, paths: Sequence[str], *, seconds: int, headers: Mapping[str, str] | None = None
) -> Load:
    """Ask a server for these paths in turn, as fast as it answers; one thread of wrk."""
    fields = ", ".join(f'["{name}"] = "{value}"' for name, value in (headers or {}).items())
    with TemporaryDirectory() as name:
        listed, script = Path(name, "paths"), Path(name, "script.lua")
        listed.write_text("\n".join(paths) + "\n")
        script.write_text(_SCRIPT.format(paths=listed, headers=fields))
        command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "-s", str(script), url]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"^done (\d+) (\d+) (\d+) (\d+) ([0-9.]+)$", done.stdout, re.MULTILINE)
    assert found is not None, done.stdout
    requests, size_bytes, duration_us, errors = (int(found[n]) for n in range(1, 5))
    return Load(
        requests=requests, size_bytes=size_bytes, duration_s=duration_us / 1e6, errors=errors,
        p99_ms=float(found[5]) / 1000,
    )  # fmt: skip
