"""What becomes of the covers in masters, and of those that cannot be used."""
# mutagen says that it is typed, but most of its functions are not
# mypy: disallow-untyped-calls=False

import hashlib
import io
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mutagen.id3 import APIC, ID3, TIT2
from PIL import Image
from sqlalchemy import func, select

from fixtures.cover import draw_cover
from legato.catalog.objects import artworks
from legato.catalog.objects.artworks import Artwork, artwork_key
from legato.catalog.schema import ArtworkRow, HoldRow
from legato.deployment import Deployment
from legato.errors import BadInput
from legato.ingest.artwork import enter_image, take_artwork
from legato.ingest.gate.finding import Finding, Severity
from legato.ingest.tags import read_tags
from tests.tags.bombs import many_scans, png
from tests.tags.tracks import enter

EdgeCase = Callable[[str], Path]


@pytest.fixture
def retagged(edge_case: EdgeCase, tmp_path: Path) -> Callable[..., Path]:
    """Copies of one MP3 under other tags."""
    mp3 = edge_case("same-lossy-1.mp3").read_bytes()

    def make(title: str, *images: bytes) -> Path:
        path = tmp_path / f"{title}.mp3"
        path.write_bytes(mp3)
        tags: Any = ID3()
        tags.add(TIT2(encoding=3, text=[title]))
        for number, image in enumerate(images):
            tags.add(APIC(encoding=3, mime="image/png", type=3, desc=str(number), data=image))
        tags.save(path)
        return path

    return make


def described(deployment: Deployment, track_id: str, master: Path) -> Finding | None:
    """What the worker does for a track whose master it has."""
    tags = read_tags(master)
    return take_artwork(deployment.database, deployment.store, track_id, master, tags)


def shown(deployment: Deployment, track_id: str) -> Artwork | None:
    with deployment.database.read() as session:
        return artworks.artwork_of_track(session, track_id)


def count(deployment: Deployment, row: type[Any]) -> int:
    with deployment.database.read() as session:
        return session.scalar(select(func.count()).select_from(row)) or 0


def test_five_taggings_with_five_covers_are_five_artworks(
    deployment: Deployment, retagged: Callable[..., Path]
) -> None:
    masters = [retagged(f"tagging {n}", draw_cover(n / 5, 320)) for n in range(5)]
    tracks = [enter(deployment, master) for master in masters]

    findings = [
        described(deployment, track_id, master)
        for track_id, master in zip(tracks, masters, strict=True)
    ]

    found = [shown(deployment, track_id) for track_id in tracks]
    assert findings == [None] * 5
    assert len({one.artwork_id for one in found if one}) == 5
    assert count(deployment, HoldRow) == 0
    for artwork in found:
        assert artwork is not None
        assert artwork.sizes == (300, 100)
        largest = deployment.store.read(artwork_key(artwork.artwork_id, 300))
        assert hashlib.sha256(largest).hexdigest() == artwork.artwork_id


def test_the_same_cover_on_another_track_is_made_once(
    deployment: Deployment, retagged: Callable[..., Path]
) -> None:
    cover = draw_cover(0.2, 320)
    masters = [retagged("one", cover), retagged("other", cover, draw_cover(0.4, 320))]
    tracks = [enter(deployment, master) for master in masters]
    for track_id, master in zip(tracks, masters, strict=True):
        described(deployment, track_id, master)

    assert shown(deployment, tracks[0]) == shown(deployment, tracks[1]) is not None
    assert count(deployment, ArtworkRow) == 1


def test_the_image_that_a_tenant_sent_stays_before_the_one_in_the_master(
    deployment: Deployment, retagged: Callable[..., Path]
) -> None:
    master = retagged("one", draw_cover(0.2, 320))
    track_id = enter(deployment, master)
    enter_image(
        deployment.database, deployment.store, draw_cover(0.7, 640),
        lambda session, artwork_id: artworks.show_artwork(session, track_id, artwork_id),
    )  # fmt: skip
    sent = shown(deployment, track_id)

    assert described(deployment, track_id, master) is None
    assert shown(deployment, track_id) == sent is not None
    assert sent.sizes == (600, 300, 100)


def test_what_a_track_shows_no_more_is_let_go_of(deployment: Deployment, album: list[Path]) -> None:
    track_id = enter(deployment, album[3])
    described(deployment, track_id, album[3])
    before = shown(deployment, track_id)
    assert before is not None
    with deployment.database.write() as session:
        artworks.show_artwork(session, track_id, None)

    with deployment.database.read() as session:
        row = session.get_one(ArtworkRow, before.artwork_id)
    assert (shown(deployment, track_id), row.unreferenced_at_ms is not None) == (None, True)


@pytest.mark.parametrize(
    ("image", "code"),
    [(b"no image", "artwork_unreadable"), (draw_cover(0.1, 40), "artwork_too_small")],
)
def test_a_cover_that_cannot_be_used_is_told_and_hinders_nothing(
    image: bytes, code: str, deployment: Deployment, retagged: Callable[..., Path]
) -> None:
    master = retagged("one", image)
    track_id = enter(deployment, master)

    finding = described(deployment, track_id, master)

    assert finding is not None
    assert (finding.code, finding.severity) == (code, Severity.WARN)
    assert finding.message.startswith("The cover in the file was left out (artwork: found ")
    assert shown(deployment, track_id) is None


def test_a_bomb_in_a_master_costs_nobody_anything(
    deployment: Deployment, retagged: Callable[..., Path]
) -> None:
    master = retagged("bomb", png(30_000, 30_000))
    track_id = enter(deployment, master)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    finding = described(deployment, track_id, master)

    assert finding is not None
    assert finding.code == "artwork_too_large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 10_000


@pytest.mark.soak
def test_an_image_that_takes_minutes_to_decode_is_given_up_after_seconds(
    deployment: Deployment,
) -> None:
    """A progressive JPEG with thousands of scans is given up after 10 CPU seconds."""
    file = io.BytesIO()
    Image.new("RGB", (6000, 6000), (200, 10, 10)).save(file, "JPEG", progressive=True)
    bomb = many_scans(file.getvalue(), 20 << 20)
    started = time.monotonic()

    with pytest.raises(BadInput) as refused:
        enter_image(deployment.database, deployment.store, bomb, lambda _session, _id: None)

    assert refused.value.code == "artwork_unreadable"
    assert time.monotonic() - started < 60
