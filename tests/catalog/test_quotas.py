"""What counts against a tenant's quotas, and that two at once do not both pass."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from legato.catalog import replacements, tracks
from legato.catalog.accounts import quotas, tenants
from legato.catalog.accounts.quotas import Quotas, Usage
from legato.catalog.accounts.tenants import TenantKind
from legato.catalog.database import Database, now_ms
from legato.catalog.objects import recordings
from legato.catalog.objects.uploads import Announced, Described, add_upload
from legato.catalog.schema import TrackRow
from legato.catalog.tracks import Metadata
from legato.errors import BadInput, NotFound, Unavailable
from tests.catalog.conftest import AddTrack

MEGABYTE = 1_000_000


def limited(session: Session, **most: int) -> str:
    return tenants.create_tenant(session, "small", TenantKind.ARTIST, Quotas(**most)).tenant_id


def begin(
    session: Session,
    tenant_id: str,
    size_bytes: int = MEGABYTE,
    ttl_s: int = 60,
    replaces: str | None = None,
) -> str:
    announced = Announced(
        tenant_id=tenant_id, size_bytes=size_bytes, file_name="a.wav", described=Described(),
        replaces=replaces,
    )  # fmt: skip
    return add_upload(session, announced, ttl_s=ttl_s).upload_id


def test_a_master_counts_once_and_an_upload_in_full(session: Session, add_track: AddTrack) -> None:
    tenant_id = limited(session)
    for master_id in ("m1", "m1", "m2"):
        add_track(master_id, tenant=tenant_id)
    begin(session, tenant_id)

    assert quotas.usage(session, tenant_id) == Usage(
        stored_bytes=2000, tracks=3, uploads=1, upload_bytes=MEGABYTE
    )


def test_what_is_deleted_or_over_or_anothers_does_not_count(
    session: Session, add_track: AddTrack, tenant_id: str
) -> None:
    small = limited(session)
    gone = add_track("m1", tenant=small)
    add_track("m2", tenant=tenant_id)
    session.execute(
        update(TrackRow).where(TrackRow.track_id == gone).values(deleted_at_ms=now_ms())
    )
    begin(session, small, ttl_s=-1)
    begin(session, tenant_id)

    assert quotas.usage(session, small) == Usage(
        stored_bytes=0, tracks=0, uploads=0, upload_bytes=0
    )


@pytest.mark.parametrize(
    ("most", "size_bytes", "code"),
    [
        ({"max_bytes": 2 * MEGABYTE}, MEGABYTE, ""),
        ({"max_bytes": 2 * MEGABYTE}, MEGABYTE + 1, "quota_bytes"),
        ({"max_tracks": 2}, MEGABYTE, ""),
        ({"max_tracks": 1}, MEGABYTE, "quota_tracks"),
        ({"max_uploads": 2}, MEGABYTE, ""),
        ({"max_uploads": 1}, MEGABYTE, "quota_uploads"),
        ({"max_uploads": 0}, 0, "quota_uploads"),
        ({}, 2**60, ""),
    ],
)
def test_beside_one_upload_another_may_begin_that_fits(
    session: Session, most: dict[str, int], size_bytes: int, code: str
) -> None:
    tenant_id = limited(session, **most)
    begin(session, tenant_id)

    if not code:
        quotas.check_upload(session, tenant_id, size_bytes)
        return
    with pytest.raises(BadInput) as refused:
        quotas.check_upload(session, tenant_id, size_bytes)
    assert refused.value.code == code
    assert str(next(iter(most.values()))) in refused.value.message


def test_what_was_refused_or_has_failed_is_no_track(session: Session, add_track: AddTrack) -> None:
    """Its bytes count while they are stored."""
    tenant_id = limited(session, max_tracks=2)
    waits, refused, failed = (add_track(name, tenant=tenant_id) for name in ("m1", "m2", "m3"))
    tracks.mark_refused(session, refused, BadInput("not_audio", "m2"))
    tracks.mark_failed(session, failed, Unavailable("store_unavailable", "m3"))

    quotas.check_upload(session, tenant_id, MEGABYTE)

    used = quotas.usage(session, tenant_id)
    assert (used.tracks, used.stored_bytes, tracks.find_track(session, waits).state) == (
        1, 3000, "received",
    )  # fmt: skip


def test_new_audio_is_no_track_of_its_own(session: Session, add_track: AddTrack) -> None:
    tenant_id = limited(session, max_tracks=2)
    track_id = add_track("m1", tenant=tenant_id)
    candidate_id = add_track("m2", tenant=tenant_id)
    tracks.mark_refused(session, candidate_id, BadInput("not_audio", "m2"))
    replacements.enter(session, track_id, candidate_id, grant_ttl_s=60)
    begin(session, tenant_id, replaces=track_id)

    quotas.check_upload(session, tenant_id, MEGABYTE)

    used = quotas.usage(session, tenant_id)
    assert (used.tracks, used.uploads, used.stored_bytes) == (1, 1, 2000)
    begin(session, tenant_id)
    with pytest.raises(BadInput, match="found 3 tracks with this one, expected 2 at most"):
        quotas.check_upload(session, tenant_id, MEGABYTE)


def test_its_own_master_again_costs_no_bytes(session: Session, add_track: AddTrack) -> None:
    tenant_id = limited(session, max_bytes=1000)
    add_track("m1", tenant=tenant_id)

    quotas.check_upload(session, tenant_id, 1000, "m1")

    with pytest.raises(BadInput, match="found 2000 bytes with this one, expected 1000 at most"):
        quotas.check_upload(session, tenant_id, 1000, "m2")


def test_what_may_be_its_own_master_again_may_come_and_nothing_larger_than_there_is_room_for(
    session: Session, add_track: AddTrack
) -> None:
    tenant_id = limited(session, max_bytes=1500)
    add_track("m1", tenant=tenant_id)

    for least, most in ((1000, 1001), (999, 1000), (500, 600)):
        quotas.check_coming(session, tenant_id, least_bytes=least, most_bytes=most, new_tracks=1)

    for least, most in ((501, 999), (1001, 1002)):
        with pytest.raises(BadInput, match=f"found {1000 + least} bytes with this one"):
            quotas.check_coming(
                session, tenant_id, least_bytes=least, most_bytes=most, new_tracks=1
            )


def test_of_many_at_once_as_many_pass_as_may(database: Database) -> None:
    with database.write() as session:
        tenant_id = limited(session, max_tracks=3)
    together = Barrier(8)

    def take(number: int) -> bool:
        together.wait()
        try:
            with database.write() as session:
                quotas.check_upload(session, tenant_id, 1000)
                recordings.add_master(session, f"m{number}", 1000)
                tracks.add_track(
                    session, tenant_id=tenant_id, master_id=f"m{number}",
                    metadata=Metadata(title="One", artist="Somebody"), file_name="a.wav",
                )  # fmt: skip
        except BadInput:
            return False
        return True

    with ThreadPoolExecutor(8) as executor:
        assert sum(executor.map(take, range(8))) == 3


def test_nobody_is_no_tenant(session: Session) -> None:
    with pytest.raises(NotFound, match="not in the catalogue"):
        quotas.check_upload(session, "nobody", 1)
