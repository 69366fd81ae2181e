"""The identification header is foreign bytes; the comment header is our own."""

from pathlib import Path
from typing import Any

import mutagen
import pytest

from legato.errors import Corrupt
from legato.packaging.ogg_packets import PageWriter
from legato.packaging.vorbis_headers import Identification, comment_header, parse_identification

# Of a file by libvorbis: stereo, 44.1 kHz, blocks of 256 and 2048.
FOREIGN = bytes.fromhex("01766f726269730000000002" + "44ac00000000000080b5010000000000b801")


def test_the_identification_header_tells_channels_rate_and_block_sizes() -> None:
    assert parse_identification(FOREIGN) == Identification(
        channels=2, sample_rate_hz=44_100, short_block_samples=256, long_block_samples=2048
    )


@pytest.mark.parametrize(
    ("at", "value"),
    [(0, 3), (1, 0x77), (6, 0), (7, 1), (11, 0), (28, 0x8B), (28, 0xE8), (28, 0xB5), (29, 0)],
    ids=["kind", "v", "s", "version", "no channel", "short > long", "16384", "32", "framing"],
)
def test_an_impossible_field_is_corrupt(at: int, value: int) -> None:
    packet = bytearray(FOREIGN)
    packet[at] = value
    with pytest.raises(Corrupt) as caught:
        parse_identification(bytes(packet))
    assert caught.value.code == "vorbis_header"


def test_a_rate_of_nothing_is_corrupt() -> None:
    with pytest.raises(Corrupt, match="impossible"):
        parse_identification(FOREIGN[:12] + bytes(4) + FOREIGN[16:])


def test_a_flipped_byte_is_a_result_or_corrupt_and_never_anything_else() -> None:
    for at in range(len(FOREIGN)):
        for value in range(256):
            try:
                found = parse_identification(FOREIGN[:at] + bytes([value]) + FOREIGN[at + 1 :])
            except Corrupt:
                continue
            assert found.channels > 0
            assert found.sample_rate_hz > 0
            assert 64 <= found.short_block_samples <= found.long_block_samples <= 8192


@pytest.mark.parametrize("size", range(len(FOREIGN)))
def test_a_header_cut_off_is_corrupt(size: int) -> None:
    with pytest.raises(Corrupt):
        parse_identification(FOREIGN[:size])


def test_another_reader_finds_our_comments(tmp_path: Path) -> None:
    writer = PageWriter(1)
    comments = comment_header({"TITLE": "Étude", "ARTIST": "The House Ensemble"})
    stored = writer.page([FOREIGN], 0) + writer.page([comments], 0, last=True)
    path = tmp_path / "headers.ogg"
    path.write_bytes(stored)
    tags: Any = mutagen.File(path).tags
    assert tags.vendor == "legato"
    assert tags.as_dict() == {"title": ["Étude"], "artist": ["The House Ensemble"]}
