"""Damaged files through our parsers: our own errors only, and in bounded time."""

import random
from collections.abc import Callable
from io import BytesIO

import pytest

from legato.errors import Corrupt
from legato.packaging.aac_fragments import package_aac
from legato.packaging.fragment_reader import read_fragment, read_init_segment
from legato.packaging.ogg_packets import read_packets
from legato.packaging.ogg_page import read_pages
from legato.packaging.ogg_vorbis import package_vorbis
from tests.packaging.encoded_music import encoded, packaged

SAMPLES, RATE_HZ = 17_640, 44_100
# An AAC length that is counted in sixteenths, and one of two chunks.
FINE_SAMPLES, TWO_CHUNKS = 17 * 1024 + 5, 250_000
# Of Ogg and of MP4 files alike.
MUTATIONS = 10_000


def read_ogg(data: bytes) -> None:
    list(read_packets(read_pages(BytesIO(data))))


def relay_ogg(data: bytes) -> None:
    package_vorbis(BytesIO(data), BytesIO(), samples=SAMPLES)


def relay_mp4(data: bytes) -> None:
    package_aac(BytesIO(data), BytesIO(), samples=SAMPLES)


def read_cmaf(data: bytes) -> None:
    init_size = packaged("aac-96", SAMPLES, RATE_HZ)[1].init_size
    read_fragment(data[init_size:], read_init_segment(data[:init_size]))


def read_fine_cmaf(data: bytes) -> None:
    init_size = packaged("aac-96", FINE_SAMPLES, RATE_HZ)[1].init_size
    read_fragment(data[init_size:], read_init_segment(data[:init_size]))


SUBJECTS: dict[str, tuple[Callable[[bytes], None], Callable[[], bytes], int]] = {
    "an encoder's ogg": (relay_ogg, lambda: encoded("vorbis-96", SAMPLES, RATE_HZ), 4_600),
    "our ogg": (read_ogg, lambda: packaged("vorbis-96", SAMPLES, RATE_HZ)[0], 4_600),
    "an encoder's mp4": (relay_mp4, lambda: encoded("aac-96", SAMPLES, RATE_HZ), 0),
    "our mp4": (read_cmaf, lambda: packaged("aac-96", SAMPLES, RATE_HZ)[0], 1_100),
    "our mp4 in sixteenths": (
        read_fine_cmaf,
        lambda: packaged("aac-96", FINE_SAMPLES, RATE_HZ)[0],
        1_100,
    ),
    "our ogg with a pre-roll": (
        read_ogg,
        lambda: packaged("vorbis-96", TWO_CHUNKS, RATE_HZ)[0],
        4_600,
    ),
}
every_subject = pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
Subject = tuple[Callable[[bytes], None], Callable[[], bytes], int]


def survives(parse: Callable[[bytes], None], data: bytes) -> bool:
    """Whether it parses; every error but our own is a failure of the test."""
    try:
        parse(data)
    except Corrupt:
        return False
    return True


@every_subject
def test_the_file_as_it_is_parses(subject: Subject) -> None:
    parse, source, _ = subject
    assert survives(parse, source())


@every_subject
def test_every_byte_of_the_headers_may_be_flipped(subject: Subject) -> None:
    parse, source, header_size = subject
    data = source()
    for at in range(min(header_size, len(data))):
        survives(parse, data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :])


@every_subject
def test_ten_thousand_mutations_raise_nothing_but_our_own(subject: Subject) -> None:
    parse, source, _ = subject
    data, chance = source(), random.Random(1)
    for _ in range(2 * MUTATIONS // len(SUBJECTS)):
        survives(parse, mutated(data, chance))


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Bytes changed, cut out, put in or repeated, or the end cut off."""
    damaged = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at, size = chance.randrange(len(damaged)), chance.randint(1, 64)
        match chance.randrange(5):
            case 0:
                damaged[at] = chance.randrange(256)
            case 1:
                damaged[at : at + size] = chance.randbytes(size)
            case 2:
                del damaged[at : at + size]
            case 3:
                damaged[at:at] = damaged[at : at + size]
            case _:
                del damaged[max(at, 1) :]
    return bytes(damaged)
