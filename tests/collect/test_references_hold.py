"""Upload, duplicate, replace, delete, take down, collect, crash, in any order: nothing is lost."""

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from legato.catalog import denials, tracks
from legato.catalog.accounts.api_keys import KeyHolder
from legato.catalog.denials import DenialKind
from legato.catalog.schema import AssetRow, HoldRow, MasterRow, RecordingRow, TrackRow
from legato.catalog.track_state import TrackState
from legato.catalog.tracks import Track
from legato.ingest.master_key import master_key
from tests.collect.interrupted_store import PowerCut
from tests.collect.world import (
    BAD,
    FAST,
    GRANT_TTL_S,
    World,
    asset_id,
    audio_id,
    id_of,
    is_ready,
    master_of,
    objects_of_asset,
)

WEEK_S: Final = 7 * 24 * 3600

SOUNDS = st.sampled_from(["one", "two", BAD])
WRAPPERS = st.integers(0, 1)
TENANTS = st.sampled_from(["ensemble", "label"])
# What happens, at which change of the store, and whether after it.
Interruption = tuple[str, int, bool]
CUT, COLLECTION = "power cut", "collection"
INTERRUPTIONS = st.none() | st.tuples(
    st.sampled_from([CUT, COLLECTION]), st.sampled_from([0, 0, 1, 2, 5]), st.booleans()
)


@dataclass(slots=True)
class Known:
    """What a tenant was told of its track; `played`: when which audio could last be played."""

    by: KeyHolder
    sent: list[str]
    down: bool = False
    played: dict[str, int] = field(default_factory=dict)


class References(RuleBasedStateMachine):
    """The model knows which tracks there are and what was sent; the world must agree."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(dir=FAST)
        self.world = World(Path(self.folder.name))
        self.now_s = 0
        self.tracks: dict[str, Known] = {}
        self.deleted: set[str] = set()

    def teardown(self) -> None:
        try:
            self.everything_comes_to_its_end()
        finally:
            self.world.close()
            self.folder.cleanup()

    @initialize(sounds=st.lists(SOUNDS, min_size=2, max_size=5), ready=st.booleans())
    def begin(self, sounds: list[str], ready: bool) -> None:
        """A catalogue that holds something, some of it twice."""
        self.tenants = {name: self.world.holder(name) for name in ("ensemble", "label")}
        for number, sound in enumerate(sounds):
            self.upload(("ensemble", "label")[number % 2], sound, 0, None)
        if ready:
            self.world.work()

    @rule(tenant=TENANTS, sound=SOUNDS, wrapper=WRAPPERS, meanwhile=INTERRUPTIONS)
    def upload(self, tenant: str, sound: str, wrapper: int, meanwhile: Interruption | None) -> None:
        by = self.tenants[tenant]
        with self.interrupted(meanwhile) as done:
            track_id = self.world.upload(by, master_of(sound, wrapper))
            done.append(track_id)
        for track_id in done:
            self.tracks[track_id] = Known(by=by, sent=[sound])

    @precondition(lambda self: self.tracks)
    @rule(
        data=st.data(),
        sound=SOUNDS,
        wrapper=WRAPPERS,
        meanwhile=INTERRUPTIONS,
        finish=st.booleans(),
    )
    def replace(
        self,
        data: st.DataObject,
        sound: str,
        wrapper: int,
        meanwhile: Interruption | None,
        finish: bool,
    ) -> None:
        track_id = self.any_track(data)
        known = self.tracks[track_id]
        with self.interrupted(meanwhile) as done:
            self.world.replace(known.by, track_id, master_of(sound, wrapper))
            done.append(track_id)
        if done:
            known.sent.append(sound)
        if finish:
            self.world.work()

    @precondition(lambda self: self.tracks)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        track_id = self.any_track(data)
        by = self.tracks.pop(track_id).by
        for _ in range(2):
            self.world.delete(by, track_id)
        self.deleted.add(track_id)

    @precondition(lambda self: self.tracks)
    @rule(data=st.data(), down=st.booleans())
    def take_down_or_restore(self, data: st.DataObject, down: bool) -> None:
        track_id = self.any_track(data)
        (self.world.take_down if down else self.world.restore)(track_id)
        self.tracks[track_id].down = down

    @rule(most=st.integers(1, 4), meanwhile=INTERRUPTIONS)
    def work(self, most: int, meanwhile: Interruption | None) -> None:
        with self.interrupted(meanwhile):
            self.world.work(most)

    @rule(grace_s=st.sampled_from([0, 0, GRANT_TTL_S]), meanwhile=INTERRUPTIONS)
    def collect(self, grace_s: float, meanwhile: Interruption | None) -> None:
        with self.interrupted(meanwhile):
            self.world.collect(grace_s=grace_s)

    @rule(seconds=st.sampled_from([60, GRANT_TTL_S // 2, 2 * GRANT_TTL_S]))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)
        self.now_s += seconds

    @invariant()
    def what_is_ready_plays(self) -> None:
        for track_id, known in self.tracks.items():
            track = self.world.find(track_id)
            if is_ready(track):
                assert track.audio_id in {audio_id(sound) for sound in known.sent}
                assert track.asset_id == asset_id(track.audio_id or "")
                self.check_stored(track)
                known.played[track.audio_id or ""] = self.now_s
            if track.state is not TrackState.REFUSED:
                self.world.store.size(master_key(track.master_id))

    @invariant()
    def what_has_been_granted_is_still_there(self) -> None:
        """Also what a track played before its audio was replaced."""
        for known in self.tracks.values():
            for audio, played_s in known.played.items():
                if self.now_s < played_s + GRANT_TTL_S:
                    assert set(objects_of_asset(audio)) <= self.world.stored_keys()

    @invariant()
    def nothing_that_is_live_is_denied(self) -> None:
        with self.world.database.read() as session:
            denied = {(one.kind, one.subject) for one in denials.current(session)}
        for track_id, known in self.tracks.items():
            assert known.down <= ((DenialKind.TRACK, track_id) in denied)
            if not known.down:
                assert (DenialKind.ASSET, self.world.find(track_id).asset_id) not in denied
        assert {(DenialKind.TRACK, one) for one in self.deleted} <= denied

    @invariant()
    def tenants_see_their_own_tracks_and_no_others(self) -> None:
        for by in getattr(self, "tenants", {}).values():
            with self.world.database.read() as session:
                seen = tracks.list_tracks(session, by.tenant_id, limit=1000)
            mine = {one for one, known in self.tracks.items() if known.by == by}
            assert {track.track_id for track in seen} == mine

    def everything_comes_to_its_end(self) -> None:
        """After the last crash, all that was sent is ready or refused, and nothing is left over."""
        self.world.die()
        self.world.wait(WEEK_S)
        self.world.collect()
        self.world.work()
        found = {track_id: self.world.find(track_id) for track_id in self.tracks}
        for track_id, track in found.items():
            self.check_outcome(track, self.tracks[track_id].sent)
        self.world.wait(WEEK_S)
        expected = self.world.collect(dry_run=True)
        assert self.world.collect().to_json() == expected.to_json()
        self.check_nothing_is_left(list(found.values()))

    def check_outcome(self, track: Track, sent: list[str]) -> None:
        good = {audio_id(sound) for sound in sent if sound != BAD}
        if sent[-1] != BAD:
            assert (track.state, track.audio_id) == (TrackState.READY, audio_id(sent[-1]))
        elif sent[0] != BAD or is_ready(track):
            assert is_ready(track)
            assert track.audio_id in good
        else:
            assert track.state is TrackState.REFUSED

    def check_nothing_is_left(self, found: list[Track]) -> None:
        ready = [track for track in found if is_ready(track)]
        masters = {track.master_id for track in ready}
        audio = {track.audio_id for track in ready if track.audio_id}
        assets = [key for one in audio for key in objects_of_asset(one)]
        assert self.world.stored_keys() == {*map(master_key, masters), *assets}
        assert self.world.rows(MasterRow.master_id) == {track.master_id for track in found}
        assert self.world.rows(AssetRow.asset_id) == set(map(asset_id, audio))
        assert self.world.rows(RecordingRow.audio_id) == audio
        assert self.world.rows(TrackRow.track_id) == set(self.tracks)
        assert self.world.rows(HoldRow.subject) == set()
        scratch = self.world.deployment.settings.scratch
        assert [path.name for path in scratch.glob("*")] == []

    def check_stored(self, track: Track) -> None:
        """Every byte of what is delivered, and of the master."""
        for key, body in objects_of_asset(track.audio_id or "").items():
            assert self.world.store.read(key) == body
        assert id_of(self.world.store.read(master_key(track.master_id))) == track.master_id

    def any_track(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(list(self.tracks)))

    def interrupted(self, meanwhile: Interruption | None) -> "Interrupted":
        return Interrupted(self.world, meanwhile)


class Interrupted:
    """A block that may be cut short, and then answers nothing of what it was asked for."""

    def __init__(self, world: World, interruption: Interruption | None) -> None:
        self._world = world
        self._interruption = interruption

    def __enter__(self) -> list[str]:
        if self._interruption is not None:
            what, change, after = self._interruption
            happens = self._cut if what == CUT else self._world.collect
            self._world.store.interrupt(happens, change, after=after)
        return []

    def __exit__(self, kind: type[BaseException] | None, error: object, _trace: object) -> bool:
        self._world.store.interrupt(None)
        if kind is not None and issubclass(kind, PowerCut):
            self._world.die()
            return True
        return False

    def _cut(self) -> None:
        raise PowerCut


def check(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        References,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_nothing_live_is_collected_and_nothing_else_stays() -> None:
    check(examples=10, steps=30)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_nothing_live_is_collected_and_nothing_else_stays_however_long_one_tries() -> None:
    """Any order of upload, replace, delete, takedown, collection, crash and waiting."""
    check(examples=300, steps=60)
