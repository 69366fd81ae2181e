"""The stage that makes a recording's asset: encode, package, describe, store."""

import hashlib
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from legato.catalog import jobs, tracks
from legato.catalog.jobs import Job
from legato.catalog.objects import recordings
from legato.catalog.objects.recordings import Recording
from legato.deployment import Deployment
from legato.errors import Corrupt
from legato.ingest.encode_subject import audio_id_of
from legato.ingest.fingerprint import compare
from legato.ingest.master_key import master_key
from legato.manifests.alignment import misalignments
from legato.manifests.manifest import (
    MANIFEST_FILE,
    PEAKS_FILE,
    Manifest,
    PackagedFile,
    make_manifest,
)
from legato.packaging.aac_fragments import package_aac
from legato.packaging.chunks import ChunkIndex
from legato.packaging.loudness import Loudness
from legato.packaging.ogg_vorbis import package_vorbis
from legato.transcode import commands
from legato.transcode.commands import DELIVERED_CHANNELS
from legato.transcode.encode import Encoded, encode
from legato.transcode.ladder import LADDER, Rendition, delivered_rate_hz
from legato.transcode.probe import probe
from legato.transcode.whole_decode import measure
from legato.workers.made_asset import MadeAsset, MadeFile, store_asset
from legato.workers.progress import Reporter

_PACKAGERS: Final = {"vorbis": package_vorbis, "aac": package_aac}


def encode_recording(deployment: Deployment, job: Job, reporter: Reporter) -> None:
    """Make and store the asset; every track that waits for the recording is then ready.

    Done twice, it stores the same bytes at the same addresses.
    """
    audio_id = audio_id_of(job.subject)

    def make(folder: Path) -> MadeAsset:
        return _make_asset(deployment, audio_id, folder, reporter)

    deliver(deployment, job, make)


def deliver(deployment: Deployment, job: Job, make: Callable[[Path], MadeAsset]) -> None:
    """Settle a job with the asset that is there, or with what `make` makes in a scratch folder.

    Where no track waits any more, nothing is made.
    """
    with deployment.database.write() as session:
        if _settled_already(session, job, audio_id_of(job.subject)):
            return
    with _scratch_folder(deployment.settings.scratch, job.job_id) as folder:
        store_asset(deployment.database, deployment.store, job, make(folder))


def _settled_already(session: Session, job: Job, audio_id: str) -> bool:
    """Settle a job of which the asset is there, or which nobody waits for."""
    recordings.lock_recording(session, audio_id)
    asset_id = recordings.asset_of(session, audio_id, LADDER.revision)
    if asset_id is not None:
        tracks.mark_audio_ready(session, audio_id, asset_id)
        jobs.finish(session, job)
        return True
    if tracks.anybody_waits(session, audio_id):
        return False
    jobs.let_go(session, job)
    return True


def _make_asset(
    deployment: Deployment, audio_id: str, folder: Path, reporter: Reporter
) -> MadeAsset:
    recording, master_id = _find(deployment, audio_id)
    rate_hz = delivered_rate_hz(recording.sample_rate_hz)
    total_s = recording.samples / recording.sample_rate_hz
    with deployment.store.local_copy(master_key(master_id)) as master:
        compare(deployment.database, deployment.ffmpeg.path, audio_id, master)
        encoded = encode(
            master,
            probe(deployment.ffmpeg.path, master),
            folder,
            deployment.encoding,
            lambda done: reporter.report("encode", done / rate_hz, total_s),
        )
    _check_length(recording, encoded)
    files: dict[Path, PackagedFile] = {}
    for done, rendition in enumerate(LADDER.renditions):
        reporter.report("package", total_s * done / len(LADDER.renditions), total_s)
        path, packaged = _package(encoded, rendition, folder)
        loudness = _measure(deployment, reporter, path, rendition, packaged.index)
        files[path] = replace(packaged, loudness=loudness)
    manifest = make_manifest(
        audio_id=audio_id,
        ladder=LADDER.revision,
        channels=DELIVERED_CHANNELS,
        loudness=encoded.loudness,
        peaks=encoded.peaks,
        files=list(files.values()),
    )
    for found in misalignments(manifest):
        raise Corrupt("renditions_apart", found)
    return _described(manifest, files, encoded.peaks)


def _described(manifest: Manifest, files: Mapping[Path, PackagedFile], peaks: bytes) -> MadeAsset:
    """The manifest comes last: where it stands, all that it names stands too."""
    return MadeAsset(
        asset_id=manifest.asset_id,
        audio_id=manifest.audio_id,
        ladder=manifest.ladder,
        files=(
            *(
                MadeFile(name=one.file, media_type=one.media_type, content=path)
                for path, one in files.items()
            ),
            MadeFile(name=PEAKS_FILE, media_type="application/json", content=peaks),
            MadeFile(name=MANIFEST_FILE, media_type="application/json", content=manifest.to_json()),
        ),
    )


def _find(deployment: Deployment, audio_id: str) -> tuple[Recording, str]:
    """The recording, and a master that holds it."""
    with deployment.database.read() as session:
        recording = recordings.find_recording(session, audio_id)
        master_id = next(iter(recordings.masters_of(session, audio_id)), None)
    if recording is None or master_id is None:
        raise Corrupt("no_master", f"recording {audio_id}: no master of it in the catalogue")
    return recording, master_id


def _check_length(recording: Recording, encoded: Encoded) -> None:
    """Where nothing was resampled, the encoders had what was heard when it was identified."""
    same_rate = encoded.sample_rate_hz == recording.sample_rate_hz
    if same_rate and encoded.samples != recording.samples:
        raise Corrupt(
            "master_changed",
            f"recording {recording.audio_id}: {encoded.samples} samples decoded, "
            f"{recording.samples} when it was identified",
        )


def _package(encoded: Encoded, rendition: Rendition, folder: Path) -> tuple[Path, PackagedFile]:
    """Package one encoded file; the encoder's own is gone afterwards."""
    source_path = encoded.files[rendition]
    path = folder / rendition.name
    with source_path.open("rb") as source, path.open("w+b") as sink:
        index = _PACKAGERS[rendition.codec](
            source, sink, samples=encoded.samples, loudness=encoded.loudness
        )
        size_bytes = sink.tell()
        sink.seek(0)
        sha256 = hashlib.file_digest(sink, "sha256").hexdigest()
    source_path.unlink()
    packaged = PackagedFile(
        name=rendition.name,
        codec=rendition.codec,
        nominal_bps=rendition.nominal_bps,
        size_bytes=size_bytes,
        sha256=sha256,
        loudness=None,
        index=index,
    )
    return path, packaged


def _measure(
    deployment: Deployment, reporter: Reporter, path: Path, rendition: Rendition, index: ChunkIndex
) -> Loudness | None:
    """The loudness of a packaged file, where the settings ask for it."""
    if not deployment.settings.measure_renditions:
        return None
    total_s = index.samples / index.sample_rate_hz
    command = commands.measure_rendition(
        deployment.ffmpeg.path, path, rendition.codec,
        priming_samples=index.priming_samples, samples=index.samples,
    )  # fmt: skip
    return measure(
        command,
        duration_s=total_s,
        stall_s=deployment.settings.stall_s,
        on_samples=lambda heard: reporter.report("measure", heard / index.sample_rate_hz, total_s),
    )


def remove_folders(scratch: Path, job_id: str) -> None:
    """Remove what attempts at a job left in scratch."""
    for left in scratch.glob(f"job-{job_id}-*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _scratch_folder(scratch: Path, job_id: str) -> Iterator[Path]:
    """A folder for one attempt at a job; what killed workers left of others is gone first."""
    remove_folders(scratch, job_id)
    folder = scratch / f"job-{job_id}-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
