"""Which ffmpeg is used, and what it can do."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from legato.errors import BadInput, Unavailable

NEEDED_ENCODERS: Final = ("libvorbis", "aac")
NEEDED_FILTERS: Final = ("aformat", "aresample", "asplit", "atrim", "channelmap", "ebur128")
NEEDED_LIBRARIES: Final = ("libsoxr",)
_VERSION = re.compile(r"^ffmpeg version (\S+)")
_ASK_TIMEOUT_S: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FfmpegBinary:
    """An ffmpeg that can be run, where it is from, and what it lacks for our work."""

    path: str
    origin: str
    version: str
    missing: tuple[str, ...]


def find_ffmpeg(wanted: str | None = None) -> FfmpegBinary:
    """The ffmpeg to use: the one that is `wanted`, else the system's, else the wheel's.

    The system's is taken only if it lacks nothing: it encodes Vorbis in half of the CPU
    time that the wheel's needs. Raises BadInput if the wanted one cannot be used, and
    Unavailable if there is none.
    """
    if wanted is not None:
        return _wanted(wanted)
    system = shutil.which("ffmpeg")
    if system is not None:
        binary = inspect(system, "system")
        if binary is not None and not binary.missing:
            return binary
    wheel = _path_in_wheel()
    binary = inspect(wheel, "imageio-ffmpeg wheel") if wheel is not None else None
    if binary is None:
        raise Unavailable(
            "no_ffmpeg", "no ffmpeg with libvorbis found: apt-get install ffmpeg, or "
            "pip install imageio-ffmpeg, or set LEGATO_FFMPEG"
        )  # fmt: skip
    return binary


def inspect(path: str, origin: str) -> FfmpegBinary | None:
    """Ask an ffmpeg what it is; None if it does not answer as one."""
    banner = _ask(path, "-version")
    version = _VERSION.match(banner)
    if version is None:
        return None
    encoders, filters = _names(_ask(path, "-encoders")), _names(_ask(path, "-filters"))
    missing = [f"encoder {name}" for name in NEEDED_ENCODERS if name not in encoders]
    missing += [f"filter {name}" for name in NEEDED_FILTERS if name not in filters]
    missing += [name for name in NEEDED_LIBRARIES if f"--enable-{name}" not in banner]
    if _is_script(path):
        missing.append("a program of its own: it is a script, and the sandbox runs but one program")
    return FfmpegBinary(path=path, origin=origin, version=version.group(1), missing=tuple(missing))


def _wanted(path: str) -> FfmpegBinary:
    found = shutil.which(path)
    binary = inspect(found, "LEGATO_FFMPEG") if found is not None else None
    if binary is None:
        raise BadInput("bad_setting", f"LEGATO_FFMPEG: {path!r} does not run as an ffmpeg")
    if binary.missing:
        lacks = ", ".join(binary.missing)
        raise BadInput("bad_setting", f"LEGATO_FFMPEG: {path!r} lacks {lacks}")
    return binary


def _path_in_wheel() -> str | None:
    import imageio_ffmpeg  # noqa: PLC0415 - only where the system has none

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        return None


def _ask(path: str, question: str) -> str:
    try:
        answer = subprocess.run(
            [path, "-hide_banner", question] if question != "-version" else [path, question],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=_ASK_TIMEOUT_S, check=False,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.decode(errors="replace")


def _is_script(path: str) -> bool:
    with Path(path).open("rb") as program:
        return program.read(2) == b"#!"


def _names(listing: str) -> set[str]:
    """The second column of `-encoders` or `-filters`."""
    rows = (line.split() for line in listing.splitlines())
    return {row[1] for row in rows if len(row) > 1}
