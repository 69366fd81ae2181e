"""Who a process is, in the catalogue: told apart from one that had its id before, or elsewhere."""

import os
import socket
from functools import cache
from pathlib import Path


@cache
def this_process() -> str:
    """Who leases and holds things here: machine, process and when that started."""
    return f"{this_machine()}/{os.getpid()}/{_started(os.getpid())}"


def lives(owner: str) -> bool | None:
    """Whether a process lives; None where that cannot be seen from this machine."""
    host, _, process = owner.rpartition("/")[0].rpartition("/")
    if host != this_machine():
        return None
    return owner == f"{host}/{process}/{_started(int(process))}"


def this_machine() -> str:
    """Where process ids mean the same: a boot of a machine, and a namespace (namespaces(7))."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()}-{boot}-{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _started(pid: int) -> str:
    """When a process started, in clock ticks (proc(5), `stat` field 22); pids are reused.

    One that has ended is gone, also while its parent has not asked how (field 3: zombie).
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "gone"
    fields = stat.rpartition(")")[2].split()
    return "gone" if fields[0] in "ZX" else fields[19]
