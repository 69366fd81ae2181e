"""What programs ask of the system, as strace saw it."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CALLS: Final = "%network,%process,openat,open,openat2,creat,unlink,unlinkat,rename,renameat2,mkdir"
_LINE: Final = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)(?:<([^>]*)>)?(.*)$")
_RESUMED: Final = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")
_UNFINISHED: Final = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One system call of one thread: `opened` is the path that it led to, where it opened one."""

    pid: int
    name: str
    arguments: str
    answer: int
    opened: str | None


@dataclass(slots=True)
class Trace:
    """The calls of a command and all that it started, in their order; and how it ended."""

    calls: list[Call]
    status: int
    told: str
    said: str

    def of_sandboxed(self) -> list[Call]:
        """Those of programs in the sandbox, from where a launcher has become them."""
        inside: set[int] = set()
        found: list[Call] = []
        for call in self.calls:
            if call.pid in inside:
                found.append(call)
                if call.name.startswith("clone") and call.answer > 0:
                    inside.add(call.answer)
            elif call.name == "execveat" and call.answer == 0:
                inside.add(call.pid)
        return found


def trace(
    command: Sequence[str],
    log: Path,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Trace:
    """Run a command under strace(1); its `--seccomp-bpf` would not see what ours refuses."""
    watching = ["strace", "-f", "-y", "-qq", "-e", f"trace={CALLS}", "-o", str(log)]
    done = subprocess.run(
        [*watching, *command], cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    calls = _parsed(log.read_text(errors="replace").splitlines())
    return Trace(calls=calls, status=done.returncode, told=done.stdout, said=done.stderr)


def _parsed(lines: list[str]) -> list[Call]:
    begun: dict[str, str] = {}
    calls: list[Call] = []
    for line in lines:
        if (half := _UNFINISHED.match(line)) is not None:
            begun[half[1]] = f"{half[1]} {half[2]}({half[3]}"
            continue
        if (rest := _RESUMED.match(line)) is not None:
            line = begun.pop(rest[1], f"{rest[1]} {rest[2]}(") + rest[3]  # noqa: PLW2901
        if (whole := _LINE.match(line)) is not None:
            calls.append(
                Call(pid=int(whole[1]), name=whole[2], arguments=whole[3], answer=int(whole[4]),
                     opened=whole[5])
            )  # fmt: skip
    return calls
