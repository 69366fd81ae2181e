"""What has been heard of a master, and what that makes of its track."""

from dataclasses import dataclass
from typing import Self

from sqlalchemy.orm import Session

from legato.catalog import findings, jobs, tracks
from legato.catalog.accounts import tenants
from legato.catalog.database import Database
from legato.catalog.jobs import JobKind
from legato.catalog.objects import recordings
from legato.catalog.objects.recordings import Recording
from legato.errors import BadInput
from legato.ingest.encode_subject import encode_subject
from legato.ingest.gate.facts import FileFacts, SoundFacts, read_file_facts, read_sound_facts
from legato.ingest.gate.finding import Finding, Severity, refusal
from legato.ingest.gate.judge import judge
from legato.ingest.gate.profiles import profile_of
from legato.ingest.identity import Identity
from legato.transcode.ladder import LADDER
from legato.transcode.probe import Probe


@dataclass(frozen=True, slots=True)
class KnownRecordings:
    """What the catalogue has of recordings that were heard before (`identity.Known`)."""

    database: Database

    def any_as_long(self, probed: Probe, samples: int) -> bool:
        with self.database.read() as session:
            return recordings.any_as_long(
                session,
                sample_rate_hz=probed.sample_rate_hz,
                channels=probed.channels,
                samples=samples,
            )

    def sound_of(self, audio_id: str) -> SoundFacts | None:
        with self.database.read() as session:
            return read_sound_facts(findings.sound_facts(session, audio_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Which recording a master holds, and what it is judged by."""

    recording: Recording
    file: FileFacts
    sound: SoundFacts

    @classmethod
    def of(cls, identity: Identity) -> Self:
        recording = Recording(
            audio_id=identity.audio_id,
            lossless=identity.probe.lossless,
            sample_rate_hz=identity.probe.sample_rate_hz,
            channels=identity.probe.channels,
            samples=identity.samples,
        )
        examination = identity.examination
        return cls(recording=recording, file=examination.file, sound=examination.sound)

    @classmethod
    def before(cls, session: Session, master_id: str) -> Self | None:
        """What was heard of the same bytes before; None where that was never, or not all."""
        recording = recordings.recording_of_master(session, master_id)
        of_file, of_sound = findings.facts_of_master(session, master_id)
        file, sound = read_file_facts(of_file), read_sound_facts(of_sound)
        if recording is None or file is None or sound is None:
            return None
        return cls(recording=recording, file=file, sound=sound)

    def findings(self, kind: str, file_name: str) -> tuple[Finding, ...]:
        """What is to be said of it to a tenant of that kind, the gravest first."""
        return judge(self.file, self.sound, profile_of(kind), file_name=file_name)

    def settle(self, session: Session, track_id: str, master_id: str) -> None:
        """Enter it: the track goes on to be ready, or is refused with the reason."""
        track = tracks.find_track(session, track_id)
        found = self.findings(tenants.find_tenant(session, track.tenant_id).kind, track.file_name)
        recordings.identify_master(session, master_id, self.recording)
        tracks.lock_track(session, track_id)
        findings.keep_file_facts(session, master_id, self.file.to_json())
        findings.keep_sound_facts(session, self.recording.audio_id, self.sound.to_json())
        findings.keep_findings(session, track_id, [one.to_json() for one in found])
        refused = refusal(found)
        if refused is not None:
            tracks.mark_refused(session, track_id, refused)
        else:
            settle_identity(session, track_id, master_id, self.recording)


def settle_identity(session: Session, track_id: str, master_id: str, recording: Recording) -> None:
    """Enter which recording a track is: ready if it has been encoded, else that is to be done."""
    recordings.identify_master(session, master_id, recording)
    tracks.mark_encoding(session, track_id, recording.audio_id)
    asset_id = recordings.asset_of(session, recording.audio_id, LADDER.revision)
    if asset_id is not None:
        tracks.mark_audio_ready(session, recording.audio_id, asset_id)
    else:
        jobs.enqueue(
            session, JobKind.ENCODE, encode_subject(recording.audio_id),
            asked_by=tracks.find_track(session, track_id).tenant_id,
        )  # fmt: skip


def settle_refusal(session: Session, track_id: str, error: BadInput) -> None:
    """Enter that a track's master could not be heard, and why."""
    said = Finding(code=error.code, severity=Severity.REJECT, message=error.message)
    findings.keep_findings(session, track_id, [said.to_json()])
    tracks.mark_refused(session, track_id, error)
