"""The system calls that ffmpeg needs to turn audio into audio; all others are refused.

Numbers are of the kernel's `asm/unistd_64.h` and `asm-generic/unistd.h`. For what is on no list
the kernel answers "no such call", upon which C libraries fall back to an older one.
"""

import platform
from typing import Any, Final

_AUDIT_ARCH: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE_THREAD: Final = 0x10000
_TCGETS, _TIOCGWINSZ, _FIONREAD = 0x5401, 0x5413, 0x541B
_PR_SET_NAME, _PR_GET_NAME = 15, 16

# Of x86_64, and of aarch64, which has done without the older ones.
_ALWAYS: Final[dict[str, tuple[int, int | None]]] = {
    # What is open already
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66),
    "pread64": (17, 67), "pwrite64": (18, 68), "lseek": (8, 62), "close": (3, 57),
    "fstat": (5, 80), "fstatfs": (138, 44), "fcntl": (72, 25), "dup": (32, 23),
    "dup2": (33, None), "dup3": (292, 24), "ftruncate": (77, 46), "fallocate": (285, 47),
    "fadvise64": (221, 223), "fsync": (74, 82), "fdatasync": (75, 83), "getdents64": (217, 61),
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    # Opening: which files, is Landlock's part
    "openat": (257, 56), "open": (2, None), "newfstatat": (262, 79), "stat": (4, None),
    "lstat": (6, None), "statx": (332, 291), "access": (21, None), "faccessat": (269, 48),
    "faccessat2": (439, 439), "readlink": (89, None), "readlinkat": (267, 78),
    "statfs": (137, 43), "getcwd": (79, 17),
    # Memory: how much, is the limits' part
    "brk": (12, 214), "mmap": (9, 222), "munmap": (11, 215), "mprotect": (10, 226),
    "mremap": (25, 216), "madvise": (28, 233), "membarrier": (324, 283), "mlock": (149, 228),
    # Its own threads
    "futex": (202, 98), "set_robust_list": (273, 99), "get_robust_list": (274, 100),
    "rseq": (334, 293), "set_tid_address": (218, 96), "gettid": (186, 178),
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "exit": (60, 93),
    "exit_group": (231, 94), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "sigaltstack": (131, 132), "restart_syscall": (219, 128),
    # Time, and who it is
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101), "gettimeofday": (96, 169), "time": (201, None), "times": (100, 153),
    "getrusage": (98, 165), "getrlimit": (97, 163), "getpid": (39, 172), "getppid": (110, 173),
    "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177),
    "uname": (63, 160), "sysinfo": (99, 179), "getrandom": (318, 278), "arch_prctl": (158, None),
}  # fmt: skip

# Only with this argument: its index, and the values; "itself" and "program" are known at start.
_ONLY_WITH: Final[dict[str, tuple[int, int, int, tuple[int | str, ...]]]] = {
    "kill": (62, 129, 0, ("itself",)),
    "tgkill": (234, 131, 0, ("itself",)),
    "prlimit64": (302, 261, 0, (0, "itself")),
    "execveat": (322, 281, 0, ("program",)),
    "prctl": (157, 167, 0, (_PR_SET_NAME, _PR_GET_NAME)),
    "ioctl": (16, 29, 1, (_TCGETS, _TIOCGWINSZ, _FIONREAD)),
}
_CLONE: Final = (56, 220)


def allowed_calls() -> dict[str, Any] | None:
    """What the launcher makes a seccomp filter of; None on a machine whose numbers we lack."""
    machine = platform.machine()
    if machine not in _AUDIT_ARCH:
        return None
    column = list(_AUDIT_ARCH).index(machine)
    return {
        "arch": _AUDIT_ARCH[machine],
        "always": [numbers[column] for numbers in _ALWAYS.values() if numbers[column] is not None],
        "only_with": [
            ((x86_64, aarch64)[column], argument, list(values))
            for x86_64, aarch64, argument, values in _ONLY_WITH.values()
        ],
        "with_bit": [(_CLONE[column], 0, _CLONE_THREAD)],
    }
