"""All checks of one asset, in the order in which one would ask."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from legato.errors import Corrupt, LegatoError, NotFound
from legato.manifests.apple_rules import RULES, breaches
from legato.manifests.manifest import Manifest, RenditionEntry, asset_key
from legato.manifests.stream import read_stream
from legato.origin.media.addresses import Text, resolve
from legato.packaging.loudness import Loudness
from legato.storage.object_store import ObjectStore
from legato.transcode import commands
from legato.transcode.probe import probe
from legato.transcode.process import FfmpegFailedError
from legato.transcode.whole_decode import WholeDecode
from legato.verify.report import Check, Report, check
from legato.verify.seams import Decoding, check_seams, priming_samples
from legato.verify.sound import (
    WINDOW_SAMPLES,
    LoudestWindow,
    Stretch,
    Window,
    alignment_findings,
    in_words,
    loudness_findings,
    remeasured_findings,
)
from legato.verify.stored import check_alignment, check_files, check_manifest, check_master

OnCheck = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An asset, and the masters of its recording: all are hashed, the first is heard."""

    asset_id: str
    master_keys: tuple[str, ...]


class AssetVerifier:
    """Reads one asset as a stranger would and says all that is against it."""

    def __init__(self, store: ObjectStore, decoding: Decoding, on_check: OnCheck) -> None:
        self._store = store
        self._decoding = decoding
        self._on_check = on_check

    def verify(self, subject: Subject) -> Report:
        return Report(asset_id=subject.asset_id, checks=list(self._checks(subject)))

    def _checks(self, subject: Subject) -> Iterator[Check]:
        self._on_check("manifest")
        manifest, manifest_check = check_manifest(self._store, subject.asset_id)
        yield manifest_check
        if manifest is None:
            return
        self._on_check("files")
        files = check_files(self._store, manifest)
        yield files
        if files.findings:
            return  # what is decoded of other bytes would be findings by the thousand
        yield check_alignment(manifest)
        self._on_check("playlists")
        yield self._check_playlists(manifest)
        window, master = self._check_master(subject, manifest)
        yield master
        for entry in manifest.renditions:
            self._on_check(entry.name)
            yield self._check_rendition(manifest, entry, window)

    def _check_playlists(self, manifest: Manifest) -> Check:
        """What a player is given, against Apple's authoring rules."""

        def fetch(address: str, span: tuple[int, int] | None) -> bytes:
            target = resolve(manifest, address)
            if isinstance(target, Text):
                return target.body
            key = asset_key(manifest.asset_id, target.file)
            offset, size = span or (target.span.offset, target.span.size)
            return self._store.read(key, offset, size)

        well = f"{len(RULES)} of Apple's authoring rules hold"
        try:
            found = breaches(read_stream(fetch))
        except (Corrupt, NotFound) as error:
            return check("playlists", "", [str(error)])
        return check("playlists", well, (f"rule {one.rule}: {one.found}" for one in found))

    def _check_master(self, subject: Subject, manifest: Manifest) -> tuple[Window | None, Check]:
        """As long as the master, resampled; and a stretch of it to hold renditions against."""
        self._on_check("master")
        if not subject.master_keys:
            return None, check("master", "no master in the store: lengths not compared", [])
        findings: list[str] = []
        try:
            for key in subject.master_keys:
                findings += check_master(self._store, key)
            loudest, loudness = self._hear_master(subject.master_keys[0], manifest)
        except (LegatoError, FfmpegFailedError, OSError) as error:
            return None, check("master", "", [*findings, str(error)])
        findings += remeasured_findings(manifest, loudness)
        if loudest.length != manifest.samples:
            findings.append(f"the master is {loudest.length} samples, not {manifest.samples}")
        well = f"{loudest.length} samples, as delivered, {in_words(loudness)}"
        return loudest.window, check("master", well, findings)

    def _hear_master(self, key: str, manifest: Manifest) -> tuple[LoudestWindow, Loudness]:
        loudest = LoudestWindow()
        with self._store.local_copy(key) as path:
            probed = probe(self._decoding.binary, path)
            command = commands.decode_for_encoders(
                self._decoding.binary, path,
                channels=probed.channels, rate_hz=probed.sample_rate_hz,
                delivered_rate_hz=manifest.sample_rate_hz,
            )  # fmt: skip
            with WholeDecode(command, self._decoding.stall_s) as master:
                while len(block := master.read(WINDOW_SAMPLES)):
                    loudest.update(block)
                return loudest, master.loudness(manifest.duration_s)

    def _check_rendition(
        self, manifest: Manifest, entry: RenditionEntry, window: Window | None
    ) -> Check:
        """Seams, length, alignment with the master, loudness and true peak."""
        findings: list[str] = []
        heard = Stretch(window)
        try:
            with self._store.local_copy(asset_key(manifest.asset_id, entry.file)) as file:
                command = commands.measure_rendition(
                    self._decoding.binary, file, entry.codec,
                    priming_samples=priming_samples(file, entry), samples=manifest.samples,
                )  # fmt: skip
                with WholeDecode(command, self._decoding.stall_s) as whole:
                    for span in check_seams(self._decoding, whole, file, entry):
                        findings += span.findings
                        heard.update(span.heard)
                    loudness = whole.loudness(manifest.duration_s)
        except (LegatoError, FfmpegFailedError, OSError) as error:
            return check(entry.name, "", [*findings, f"{entry.name}: {error}"])
        if heard.length != manifest.samples:
            findings.append(f"{entry.name}: {heard.length} samples, expected {manifest.samples}")
        if window is not None:
            findings += alignment_findings(entry, window, heard.samples)
        findings += loudness_findings(manifest, entry, loudness)
        well = f"{len(entry.chunks)} chunks join, {heard.length} samples, {in_words(loudness)}"
        return check(entry.name, well, findings)
