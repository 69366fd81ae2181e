"""Started in ffmpeg's place: shuts the doors one after the other, and becomes ffmpeg.

It stands alone, on the standard library only: `python -I -S launcher.py ORDERS WORDS…`, where
ORDERS are what legato/transcode/sandbox/start.py makes, and WORDS are ffmpeg's. A process that
has threads, as ours have, cannot do this between fork and exec. A door that the system cannot
shut is left open, but none of NEEDED; asked to tell, it says which, and why, instead of becoming
ffmpeg.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import marshal
import os
import resource
import stat
import struct
import sys

TYPE_CHECKING = False  # `typing` and `signal` would take as long to import as all the rest
if TYPE_CHECKING:
    from typing import Any

# Of prctl(2).
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SIGKILL = 1, 22, 38, 9
SECCOMP_MODE_FILTER = 2
# Of unshare(2).
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
# Of landlock(7): the same numbers on every machine
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_RULE_PATH_BENEATH = 1, 1
RIGHTS_OF_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
RIGHT_OF_FOLDERS_ONLY = 1 << 3
TCP_BIND_AND_CONNECT, ABSTRACT_SOCKETS_AND_SIGNALS = 0b11, 0b11
# seccomp(2): what a filter answers, and where it finds what it judges
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER_AT, ARCH_AT, ARGUMENTS_AT = 0, 4, 16
LOAD, JUMP_IF_EQUAL, JUMP_IF_SET, RETURN = 0x20, 0x15, 0x45, 0x06

libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: Any) -> int:
    """A call of the C library's; raises OSError, also where there is no such call."""
    function = getattr(libc, name, None)
    if function is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    numbers = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    answer: int = function(*numbers)
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def limit(orders: dict[str, Any]) -> str:
    for name, wanted in orders["limits"].items():
        kind = getattr(resource, name)
        _, most = resource.getrlimit(kind)
        value = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        # The soft limit on CPU time tells why; the hard one, a second later, cannot be caught.
        hard = value + 1 if name == "RLIMIT_CPU" and value != most else value
        try:
            resource.setrlimit(kind, (value, hard))
        except (OSError, ValueError):
            if sys.platform == "linux":
                raise
    os.umask(0o077)
    os.chdir("/")
    return "CPU time, memory, file size, open files"


def drop_user(orders: dict[str, Any]) -> str:
    if orders["user"] is None:
        raise OSError(errno.EPERM, "not started as root")
    name, uid, gid = orders["user"]
    for fd in orders["written"]:
        os.fchown(fd, uid, gid)
    for fd in orders["read"]:
        mode = os.fstat(fd).st_mode & 0o7777
        if not mode & 0o004:
            os.fchmod(fd, mode | 0o004)  # its folder keeps others out (docs/sandbox.md)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    return str(name)


def leave_network(_orders: dict[str, Any]) -> str:
    """Before the user is dropped, root can; anybody else needs a user namespace for it."""
    own_users = 0 if os.geteuid() == 0 else CLONE_NEWUSER
    call("unshare", CLONE_NEWNET | CLONE_NEWIPC | own_users)
    return "none can be reached"


def die_with_parent(orders: dict[str, Any]) -> str:
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call("prctl", PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    if os.getppid() != orders["parent"]:
        os._exit(1)
    return "a session of its own, no new privileges, ends with legato"


def shut_files(orders: dict[str, Any]) -> str:
    """Landlock: nothing is there but what it was given, and the system's libraries."""
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "not Linux")
    version = call("syscall", LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_CREATE_RULESET_VERSION)
    handled = RIGHTS_OF_FILES[max(known for known in RIGHTS_OF_FILES if known <= version)]
    network = TCP_BIND_AND_CONNECT if version >= 4 else 0
    scoped = ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0
    attributes = struct.pack("=QQQ", handled, network, scoped)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = call("syscall", LANDLOCK_CREATE_RULESET, attributes, size, 0)
    for path, rights in orders["files"]:
        try:
            fd = path if isinstance(path, int) else os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # no such folder on this system
        folder = stat.S_ISDIR(os.fstat(fd).st_mode)
        allowed = rights & handled & (-1 if folder else ~RIGHT_OF_FOLDERS_ONLY)
        rule = struct.pack("=Qi", allowed, fd)
        call("syscall", LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0)
    call("syscall", LANDLOCK_RESTRICT_SELF, ruleset, 0)
    return f"only those of its task, and the system's libraries (Landlock {version})"


def shut_calls(orders: dict[str, Any]) -> str:
    """Seccomp: a list of system calls, and no others."""
    calls = orders["calls"]
    if calls is None:
        raise OSError(errno.ENOSYS, f"no list of system calls for {os.uname().machine}")
    known = {"itself": os.getpid(), "program": orders["program"]}
    filter_ = [
        (LOAD, 0, 0, ARCH_AT), (JUMP_IF_EQUAL, 1, 0, calls["arch"]), (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NUMBER_AT),
    ]  # fmt: skip
    for number in calls["always"]:
        filter_ += [(JUMP_IF_EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    for number, argument, values in calls["only_with"]:
        wanted = [(JUMP_IF_EQUAL, 0, 1, known.get(value, value)) for value in values]
        filter_ += judged_by(number, argument, wanted)
    for number, argument, bit in calls["with_bit"]:
        filter_ += judged_by(number, argument, [(JUMP_IF_SET, 0, 1, bit)])
    filter_.append((RETURN, 0, 0, ERRNO | errno.ENOSYS))
    body = b"".join(struct.pack("=HBBI", *instruction) for instruction in filter_)
    held = ctypes.create_string_buffer(body, len(body))
    program = struct.pack("HL", len(filter_), ctypes.addressof(held))
    call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0)
    listed = len(calls["always"]) + len(calls["only_with"]) + len(calls["with_bit"])
    return f"{listed} system calls, no socket and no process among them (seccomp)"


def judged_by(
    number: int, argument: int, tests: list[tuple[int, int, int, int]]
) -> list[tuple[int, int, int, int]]:
    """Allow a call if its argument passes a test; the kernel looks at the lower half of these."""
    low = ARGUMENTS_AT + 8 * argument + (4 if sys.byteorder == "big" else 0)
    allowed = [step for test in tests for step in (test, (RETURN, 0, 0, ALLOW))]
    body = [(LOAD, 0, 0, low), *allowed, (RETURN, 0, 0, ERRNO | errno.EPERM)]
    return [(JUMP_IF_EQUAL, 0, len(body), number), *body]


LAYERS = {
    "limits": limit,
    "network": leave_network,
    "user": drop_user,
    "process": die_with_parent,
    "files": shut_files,
    "calls": shut_calls,
}
# What every Linux can do: without it, nothing is started.
NEEDED = ("limits", "process") if sys.platform == "linux" else ()


def confine(orders: dict[str, Any]) -> list[str]:
    """Shut what can be shut; a line a layer: its name, on or off, and what or why.

    Raises OSError where one of NEEDED cannot be, unless asked only to tell.
    """
    told = []
    for name in orders["layers"]:
        try:
            told.append(f"{name}\ton\t{LAYERS[name](orders)}")
        except (OSError, ValueError) as error:  # the second: a limit above the one that holds
            why = getattr(error, "strerror", None) or str(error)
            if name in NEEDED and not orders["tell"]:
                raise OSError(errno.EPERM, f"{name}: {why}", "its sandbox") from error
            told.append(f"{name}\toff\t{why}")
    return told


def become(orders: dict[str, Any]) -> None:
    """Be the program from here on; raises OSError where it or a file of its is out of reach."""
    for fds, way in ((orders["read"], os.O_RDONLY), (orders["written"], os.O_WRONLY)):
        for fd in fds if sys.platform == "linux" else ():
            os.close(os.open(f"/proc/self/fd/{fd}", way))
    by_fd = os.execve in os.supports_fd
    os.execve(orders["program"] if by_fd else orders["path"], sys.argv[2:], orders["env"])  # noqa: S606


def main() -> None:
    orders = marshal.loads(bytes.fromhex(sys.argv[1]))  # noqa: S302 - of our own parent
    # Beyond what may be opened from now on, so that nothing else ever has this number.
    beyond = orders["limits"]["RLIMIT_NOFILE"]
    os.set_inheritable(orders["program"], False)  # noqa: FBT003 - takes no names
    orders["program"] = fcntl.fcntl(orders["program"], fcntl.F_DUPFD_CLOEXEC, beyond)
    try:
        told = confine(orders)
        if orders["tell"]:
            os.write(1, "\n".join(told).encode())
            os._exit(0)
        become(orders)
    except OSError as error:
        os.write(2, f"{error.strerror} ({error.filename or 'starting it'})".encode())
        os.kill(os.getpid(), orders["not_started"])  # no end of ffmpeg's own


if __name__ == "__main__":
    main()
