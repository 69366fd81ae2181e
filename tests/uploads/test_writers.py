"""Two who send one upload: the newer one has it, and no byte is lost or mixed up."""

import os
import threading

from legato.ingest.uploads.upload_folder import UploadFolder
from tests.running import RunningServer, wait_until
from tests.uploads.half_sent import HalfSent
from tests.uploads.tus import TusClient, stored


def arrived(server: RunningServer, place: str) -> int:
    """How much there is, without taking it from whoever sends."""
    offset: int = server.api.get(place).json()["offset"]
    return offset


def test_whoever_asks_takes_over_from_a_line_that_went_silent(
    server: RunningServer, tus: TusClient
) -> None:
    data = os.urandom(3_000_000)
    place = tus.begun(len(data))

    with HalfSent(server, place, 0, len(data), data[:1_234_567]) as silent:
        wait_until(lambda: arrived(server, place) > 0)
        offset = tus.offset(place)
        finished = tus.send(place, offset, data[offset:])

        assert offset == 1_234_567
        assert finished.status_code == 204
        assert "423" in silent.answer().splitlines()[0]
    assert stored(server, data)


def test_what_comes_slowly_is_on_the_disk_within_seconds(
    server: RunningServer, tus: TusClient
) -> None:
    place = tus.begun(1000)

    with HalfSent(server, place, 0, 1000, b"slow") as slow:
        wait_until(lambda: arrived(server, place) == 4, 10)
        slow.send(b"ly")
        wait_until(lambda: arrived(server, place) == 6, 10)
    wait_until(lambda: tus.offset(place) == 6)


def test_what_was_sent_before_the_line_broke_counts(server: RunningServer, tus: TusClient) -> None:
    data = os.urandom(2_000_000)
    place = tus.begun(len(data))

    with HalfSent(server, place, 0, len(data), data[:1_500_000]):
        wait_until(lambda: arrived(server, place) > 0)

    assert wait_until(lambda: tus.offset(place)) == 1_500_000


def test_of_a_body_with_a_checksum_that_broke_off_nothing_counts(
    server: RunningServer, tus: TusClient
) -> None:
    place = tus.begun(1000)
    unchecked = server.data / "scratch" / "uploads" / f"{place.rpartition('/')[2]}.unchecked"

    with HalfSent(server, place, 0, 1000, b"some", "Upload-Checksum: sha1 AAAA"):
        wait_until(lambda: unchecked.exists() and unchecked.stat().st_size == 4, 10)

    wait_until(lambda: not unchecked.exists())
    assert tus.offset(place) == 0


def test_two_who_send_at_once_mix_nothing(server: RunningServer, tus: TusClient) -> None:
    data = os.urandom(8_000_000)
    place = tus.begun(len(data))

    def send_stubbornly() -> None:
        while (offset := int(tus.ask(place).headers.get("upload-offset", 0))) < len(data):
            tus.send(place, offset, data[offset : offset + 700_000])

    both = [threading.Thread(target=send_stubbornly) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)

    assert tus.offset(place) == len(data)
    assert stored(server, data)


def test_another_process_that_has_it_is_not_robbed(server: RunningServer, tus: TusClient) -> None:
    place = tus.begun(1000)
    folder = UploadFolder(server.data / "scratch" / "uploads")
    file = folder.hold(place.rpartition("/")[2])
    assert file is not None

    with file:
        refused = tus.send(place, 0, b"some")

    assert (refused.status_code, refused.json()["code"]) == (423, "upload_locked")
    assert tus.send(place, 0, b"some").status_code == 204
