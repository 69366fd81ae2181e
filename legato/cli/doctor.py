"""`legato doctor`: what was found, what is missing, and the words that mend it."""

import json
import os
import shutil
import time
from dataclasses import asdict, dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from legato.deployment import Deployment
from legato.errors import LegatoError
from legato.ingest.chromaprint import fingerprinter
from legato.origin.grants.signing_keys import load_signing_keys
from legato.transcode.ffmpeg_binary import FfmpegBinary
from legato.transcode.process import FfmpegFailedError, run
from legato.transcode.sandbox.start import layers
from legato.transcode.sandbox.tier import TIER_MEANS, Tier, tier_of

# Seconds of stereo noise for libvorbis at 160 kbit/s: enough to tell builds apart.
_TRIAL_S: Final = 20
_TRIAL_TIMEOUT_S: Final = 60
_FAST_TIMES_REAL_TIME: Final = 60
_LITTLE_SPACE_BYTES: Final = 5 * 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at. `mend` says what to do where it is not well."""

    what: str
    well: bool
    found: str
    mend: str | None = None


def examine(*, as_json: bool) -> int:
    """Look at everything and report; answers the exit status."""
    findings = _findings()
    well = all(finding.well for finding in findings)
    if as_json:
        print(json.dumps({"well": well, "findings": [asdict(one) for one in findings]}))  # noqa: T201
    else:
        _print_table(findings)
    return 0 if well else 1


def _findings() -> list[Finding]:
    try:
        deployment = Deployment()
    except LegatoError as error:
        return [Finding(what="settings", well=False, found=error.message, mend="set it anew")]
    return [
        Finding(what="settings", well=True, found=f"data in {deployment.settings.data.absolute()}"),
        *_ffmpeg(deployment),
        *_sandbox(),
        _catalogue(deployment),
        _store(deployment),
        _space(deployment),
        _signing_keys(deployment),
        Finding(what="cores", well=True, found=f"{deployment.settings.cores} for an encode"),
    ]


def _ffmpeg(deployment: Deployment) -> list[Finding]:
    try:
        binary = deployment.ffmpeg
    except LegatoError as error:
        mend = "apt-get install ffmpeg, or pip install imageio-ffmpeg"
        if deployment.settings.ffmpeg is not None:
            mend = "unset LEGATO_FFMPEG, or name an ffmpeg that has all of libvorbis, aac, soxr"
        return [Finding(what="ffmpeg", well=False, found=error.message, mend=mend)]
    lacks = ", ".join(binary.missing)
    found = f"{binary.version} ({binary.origin}: {binary.path})"
    encoders = Finding(
        what="encoders",
        well=not lacks,
        found=f"lacks {lacks}" if lacks else "libvorbis, aac, soxr",
        mend="apt-get install ffmpeg" if lacks else None,
    )
    ffmpeg = Finding(what="ffmpeg", well=True, found=found)
    return [ffmpeg, encoders, _speed(binary), _fingerprints(binary)]


def _fingerprints(binary: FfmpegBinary) -> Finding:
    found = fingerprinter(binary.path)
    return Finding(
        what="fingerprints",
        well=True,
        found=found or "none: what sounds alike is not reviewed",
        mend=None if found else "apt-get install libchromaprint-tools",
    )


def _speed(binary: FfmpegBinary) -> Finding:
    """How fast it encodes: Debian's build needs half of the CPU that the wheel's does."""
    command = [
        binary.path, "-nostdin", "-v", "error", "-f", "lavfi", "-i",
        f"anoisesrc=d={_TRIAL_S}:r=44100:color=pink,aformat=channel_layouts=stereo",
        "-c:a", "libvorbis", "-b:a", "160k", "-f", "null", "-",
    ]  # fmt: skip
    started = time.perf_counter()
    try:
        run(command, timeout_s=_TRIAL_TIMEOUT_S)
    except (FfmpegFailedError, LegatoError) as error:
        return Finding(
            what="speed", well=False, found=f"a trial encode failed: {error}",
            mend="name another ffmpeg in LEGATO_FFMPEG",
        )  # fmt: skip
    speed = _TRIAL_S / (time.perf_counter() - started)
    fast = speed >= _FAST_TIMES_REAL_TIME
    better = None if fast or binary.origin == "system" else "apt-get install ffmpeg: it is faster"
    return Finding(
        what="speed", well=True, mend=better,
        found=f"{'fast' if fast else 'slow'}: libvorbis at {speed:.0f} times real time on one core",
    )  # fmt: skip


def _sandbox() -> list[Finding]:
    """How strong the walls are round every ffmpeg; a weaker tier is told and is no failure."""
    walls = layers()
    tier = tier_of(walls)
    stronger = None if tier is Tier.FULL else "docs/sandbox.md says what each wall needs"
    found = f"{tier}: {TIER_MEANS[tier]}"
    return [
        Finding(what="sandbox", well=True, found=found, mend=stronger),
        *(
            Finding(
                what=f"sandbox {wall.name}",
                well=True,
                found=wall.found if wall.on else f"off: {wall.found}",
            )
            for wall in walls
        ),
    ]


def _catalogue(deployment: Deployment) -> Finding:
    try:
        with deployment.database.read() as session:
            name = session.connection().dialect.name
    except LegatoError as error:
        return Finding(
            what="catalogue", well=False, found=error.message, mend="set LEGATO_DATABASE"
        )
    return Finding(what="catalogue", well=True, found=f"{name}, all migrations done")


def _store(deployment: Deployment) -> Finding:
    url, key = deployment.settings.store_url, ".doctor/written"
    try:
        deployment.store.put(key, b"legato", media_type="text/plain")
        deployment.store.read(key)
        deployment.store.delete(key)
    except LegatoError as error:
        mend = "set LEGATO_STORE"
        if url.startswith("s3:"):
            mend = (
                "set AWS_ENDPOINT_URL, AWS_REGION and credentials for it, or another LEGATO_STORE"
            )
        return Finding(what="store", well=False, found=error.message, mend=mend)
    return Finding(what="store", well=True, found=f"{url} can be written and read")


def _signing_keys(deployment: Deployment) -> Finding:
    settings = deployment.settings
    try:
        keys = load_signing_keys(settings.signing_keys, settings.keys)
    except LegatoError as error:
        return Finding(what="keys", well=False, found=error.message, mend="mend or remove it")
    return Finding(what="keys", well=True, found=f"grants are signed with {keys.newest[0]}")


def _space(deployment: Deployment) -> Finding:
    data = deployment.settings.data.absolute()
    there = next(folder for folder in (data, *data.parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    enough = free >= _LITTLE_SPACE_BYTES
    return Finding(
        what="disk", well=enough, found=f"{free / 1024**3:.1f} GiB free in the data folder",
        mend=None if enough else "make room, or set LEGATO_DATA to a folder on a larger disk",
    )  # fmt: skip


def _print_table(findings: list[Finding]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        mark = "[green]✓[/green]" if finding.well else "[red]✗[/red]"
        table.add_row(mark, finding.what, finding.found)
        if finding.mend:
            table.add_row("", "", f"[yellow]→ {finding.mend}[/yellow]")
    Console(width=None if os.isatty(1) else 200).print(table)
