"""`legato ingest`: take masters in one after the other while a worker encodes behind."""

import os
import stat
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import BinaryIO, Final

from sqlalchemy.orm import Session

from legato.catalog import findings, jobs, tracks
from legato.catalog.accounts import tenants
from legato.catalog.jobs import JobKind
from legato.catalog.tracks import Track
from legato.cli.audio_files import audio_files, shown
from legato.cli.ingest_display import Display, Outcome, Work, open_display
from legato.deployment import Deployment
from legato.errors import BadInput, Corrupt, LegatoError
from legato.ingest.encode_subject import encode_subject
from legato.ingest.gate.finding import refusal
from legato.ingest.heard import Heard, KnownRecordings
from legato.ingest.identity import OnHeard, identify
from legato.ingest.intake import Spooled
from legato.ingest.submission import Submission
from legato.ingest.tags import metadata_of, read_tags
from legato.workers.embedded import EmbeddedWorker
from legato.workers.progress import measure_progress

# What ends is seen at once; this is for the progress that is shown.
_LOOK_EVERY_S: Final = 1.0


def ingest_paths(
    arguments: list[str], *, artist: str | None, skip_known: bool, as_json: bool
) -> int:
    """Ingest all that the arguments mean; answers the exit status: 1 if any file failed."""
    deployment = Deployment()
    with deployment.database.write() as session:
        tenant_id = tenants.ensure_tenant(session)
    intake = _FileIntake(deployment, tenant_id, artist, skip_known)
    files = list(audio_files(arguments))
    something_ended = Event()
    with (
        open_display(len(files), as_json=as_json) as display,
        ThreadPoolExecutor(1, "intake") as executor,
        EmbeddedWorker(deployment, on_end=something_ended.set) as worker,
    ):
        run = _Run(deployment, display, intake, worker, something_ended)
        try:
            run.follow([(file, executor.submit(intake.take, file)) for file in files])
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
    return 1 if run.failed else 0


class _FileIntake:
    """Takes files in, each judged before anything of it is kept."""

    def __init__(
        self, deployment: Deployment, tenant_id: str, artist: str | None, skip_known: bool
    ) -> None:
        self._deployment = deployment
        self._tenant_id = tenant_id
        self._artist = artist
        self._skip_known = skip_known
        self.in_hand: Work | None = None

    def take(self, file: Path) -> str:
        """The track that a file has become; raises LegatoError where it becomes none."""
        intake, started, name = self._deployment.intake, time.monotonic(), shown(file.name)

        def show(stage: str, done_s: float, total_s: float) -> None:
            elapsed_s = time.monotonic() - started
            progress = measure_progress(stage, done_s, total_s, elapsed_s)
            self.in_hand = Work(name=name, progress=asdict(progress))

        show("receive", 0, 0)
        try:
            with _open_regular(file) as source, intake.spool(source) as spooled:
                known = self._known(spooled.master_id)
                if known is not None:
                    return known
                heard = self._hear(spooled, partial(show, "identify"))
                self._judge(heard, name)
                tags = read_tags(spooled.path)
                submission = Submission(
                    tenant_id=self._tenant_id,
                    metadata=metadata_of(tags, name=name, artist=self._artist),
                    file_name=name,
                    tags=tags,
                )
                return intake.take(spooled, submission, begin=heard.settle)
        finally:
            self.in_hand = None

    def _hear(self, spooled: Spooled, on_heard: OnHeard) -> Heard:
        """What is heard of a master; the same bytes are heard once."""
        database, listening = self._deployment.database, self._deployment.listening
        with database.read() as session:
            before = Heard.before(session, spooled.master_id)
        known = KnownRecordings(database)
        return before or Heard.of(identify(spooled.path, listening, on_heard, known))

    def _judge(self, heard: Heard, name: str) -> None:
        """Raises BadInput where the quality gate refuses it."""
        with self._deployment.database.read() as session:
            kind = tenants.find_tenant(session, self._tenant_id).kind
        refused = refusal(heard.findings(kind, name))
        if refused is not None:
            raise refused

    def _known(self, master_id: str) -> str | None:
        if not self._skip_known:
            return None
        with self._deployment.database.read() as session:
            track = tracks.find_by_master(session, self._tenant_id, master_id)
        return track.track_id if track is not None else None


def _open_regular(file: Path) -> BinaryIO:
    """Open a file that can be read to an end; raises BadInput for what is none."""
    try:
        fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise BadInput(
            "no_such_file", "found nothing there, expected an audio file or a folder of them"
        ) from error
    except (OSError, ValueError) as error:
        raise BadInput("unreadable", f"cannot be opened: {error}") from error
    mode = os.fstat(fd).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(fd, "rb")
    os.close(fd)
    if stat.S_ISDIR(mode):
        raise BadInput("no_audio_in_folder", "found no audio in this folder, expected some")
    raise BadInput("not_a_file", "found a pipe or a device, expected a regular file")


@dataclass(slots=True)
class _Run:
    """Follows every file to its end and tells the display."""

    deployment: Deployment
    display: Display
    intake: _FileIntake
    worker: EmbeddedWorker
    something_ended: Event
    failed: bool = False

    def follow(self, taken: Iterable[tuple[Path, "Future[str]"]]) -> None:
        arriving = list(taken)
        for _file, future in arriving:
            future.add_done_callback(self._taken)
        waiting: dict[str, list[Path]] = {}
        while True:
            arriving = self._collect(arriving, waiting)
            self._look(waiting)
            if not arriving and not waiting:
                return
            self.something_ended.wait(_LOOK_EVERY_S)
            self.something_ended.clear()

    def _taken(self, _future: "Future[str]") -> None:
        self.worker.wake()
        self.something_ended.set()

    def _collect(
        self,
        arriving: list[tuple[Path, "Future[str]"]],
        waiting: dict[str, list[Path]],
    ) -> list[tuple[Path, "Future[str]"]]:
        """Move what has been taken in to what is waited for; what was refused is told."""
        while arriving and arriving[0][1].done():
            file, future = arriving.pop(0)
            try:
                track_id = future.result()
            except LegatoError as error:
                self._refuse(file, error)
            except Exception as error:  # noqa: BLE001 - one odd file costs the others nothing
                self._refuse(file, Corrupt("internal", repr(error)))
            else:
                waiting.setdefault(track_id, []).append(file)
        return arriving

    def _look(self, waiting: dict[str, list[Path]]) -> None:
        """Tell of tracks that are done, and how far the others are."""
        with self.deployment.database.read() as session:
            found = tracks.find_tracks(session, list(waiting))
            running = {job.subject: job for job in jobs.running(session, JobKind.ENCODE)}
            covers = jobs.unfinished(session, JobKind.ARTWORK, list(waiting))
            ended = {
                track.track_id: _outcome(session, track)
                for track in found
                if track.state.final and track.track_id not in covers
            }
        for track_id, outcome in ended.items():
            self.failed = self.failed or outcome.error is not None
            for file in waiting.pop(track_id):
                self.display.ended(replace(outcome, path=shown(file)))
        in_hand = self.intake.in_hand
        self.display.working(
            ([in_hand] if in_hand else [])
            + [
                Work(name=shown(waiting[track.track_id][0].name), progress=job.progress)
                for track in found
                if track.track_id not in ended
                and (job := running.get(encode_subject(track.audio_id or ""))) is not None
            ]
        )

    def _refuse(self, file: Path, error: LegatoError) -> None:
        self.failed = True
        self.display.ended(Outcome(path=shown(file), state="refused", error=error))


def _outcome(session: Session, track: Track) -> Outcome:
    """What has become of a track, of whichever file that it was made from."""
    return Outcome(
        path=track.file_name,
        state=track.state,
        error=BadInput(track.error_code, track.error_message or "") if track.error_code else None,
        track_id=track.track_id,
        asset_id=track.asset_id,
        audio_id=track.audio_id,
        duplicate_of=tracks.duplicate_of(session, track),
        duration_s=track.duration_s,
        findings=findings.findings_of_track(session, track.track_id),
    )
