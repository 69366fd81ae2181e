"""Whichever container a master is in, its tags come out as one neutral form."""
# mutagen says that it is typed, but most of its functions are not
# mypy: disallow-untyped-calls=False

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import mutagen
import pytest
from mutagen import id3
from mutagen.apev2 import BINARY, APEValue
from mutagen.mp4 import MP4FreeForm

from fixtures.cover import draw_cover
from fixtures.encoding import Encoding, encode
from fixtures.excerpts import excerpt
from fixtures.tags import Tags as Written
from fixtures.tags import write_tags
from legato.ingest.tag_formats.neutral import Tags
from legato.ingest.tags import read_tags

COVER = draw_cover(0.3, 32)
WRITTEN = Written(
    title="Étude", artist="First", album="Joined Notes", track=3, tracks=12, year=2025,
    licence="℗ 2025 The House", cover=COVER,
)  # fmt: skip
EXPECTED = Tags(
    title="Étude",
    artists=("First",),
    album="Joined Notes",
    album_artists=("First",),
    track_number=3,
    track_total=12,
    disc_number=1,
    disc_total=2,
    date="2025",
    genres=("Chamber",),
    composers=("A. Composer",),
    label="House Records",
    comment="Recorded in the hall",
    isrc="DEA122500001",
    upc="4006381333931",
)
COMMENTS = {
    "DISCNUMBER": "1/2", "GENRE": "Chamber", "COMPOSER": "A. Composer", "LABEL": "House Records",
    "COMMENT": "Recorded in the hall", "ISRC": "de-a12-25-00001", "BARCODE": "4006381333931",
}  # fmt: skip
FREEFORM = "----:com.apple.iTunes:"
SUFFIXES = (".flac", ".ogg", ".mp3", ".wav", ".aiff", ".m4a", ".wv")


def as_comments(file: Any) -> None:
    file.update(COMMENTS)


def as_frames(file: Any) -> None:
    for frame, text in (
        (id3.TPOS, "1/2"), (id3.TCON, "Chamber"), (id3.TCOM, "A. Composer"),
        (id3.TPUB, "House Records"), (id3.TSRC, "de-a12-25-00001"),
    ):  # fmt: skip
        file.tags.add(frame(encoding=3, text=[text]))
    file.tags.add(id3.TXXX(encoding=3, desc="BARCODE", text=["4006381333931"]))
    file.tags.add(id3.COMM(encoding=3, lang="eng", desc="iTunNORM", text=["0000 0000"]))
    file.tags.add(id3.COMM(encoding=3, lang="eng", desc="", text=["Recorded in the hall"]))


def as_atoms(file: Any) -> None:
    file.update({
        "disk": [(1, 2)], "\xa9gen": "Chamber", "\xa9wrt": "A. Composer",
        "\xa9cmt": "Recorded in the hall",
        f"{FREEFORM}LABEL": MP4FreeForm(b"House Records"),
        f"{FREEFORM}ISRC": MP4FreeForm(b"de-a12-25-00001"),
        f"{FREEFORM}BARCODE": MP4FreeForm(b"4006381333931"),
    })  # fmt: skip


def as_items(file: Any) -> None:
    """All of it: the fixtures write no APEv2."""
    file.add_tags()
    file.tags.update({
        "Title": "Étude", "Artist": "First", "Album": "Joined Notes", "Album Artist": "First",
        "Track": "3/12", "Year": "2025", "Disc": "1/2", "Genre": "Chamber",
        "Composer": "A. Composer", "Label": "House Records", "Comment": "Recorded in the hall",
        "ISRC": "de-a12-25-00001", "Barcode": "4006381333931",
    })  # fmt: skip
    file.tags["Cover Art (Front)"] = APEValue(b"cover.png\0" + COVER, BINARY)


MORE: dict[str, Callable[[Any], None]] = {
    ".flac": as_comments, ".ogg": as_comments, ".mp3": as_frames, ".wav": as_frames,
    ".aiff": as_frames, ".m4a": as_atoms, ".wv": as_items,
}  # fmt: skip
ENCODINGS = {
    ".flac": Encoding(muxer="flac", codec="flac"),
    ".ogg": Encoding(muxer="ogg", codec="libvorbis"),
    ".mp3": Encoding(muxer="mp3", codec="libmp3lame"),
    ".wav": Encoding(muxer="wav", codec="pcm_s16le"),
    ".aiff": Encoding(muxer="aiff", codec="pcm_s16be"),
    ".m4a": Encoding(muxer="ipod", codec="aac"),
    ".wv": Encoding(muxer="wv", codec="wavpack"),
}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_container_says_the_same(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    encode(excerpt(44_100, 1), path, ENCODINGS[suffix])
    if suffix != ".wv":
        write_tags(path, WRITTEN, suffix)
    file: Any = mutagen.File(path)
    MORE[suffix](file)
    file.save()
    spooled = path.rename(tmp_path / "upload-0123")  # no name says what it is

    found = read_tags(spooled)

    # The fixtures say the licence in their own way, and APEv2 does not say what an image is.
    assert replace(found, copyright=None, pictures=()) == EXPECTED
    assert [(one.kind, one.sha256) for one in found.pictures] == [(3, sha256(COVER).hexdigest())]
    assert Tags.from_json(found.to_json()) == found


def test_opus_carries_vorbis_comments_too(tmp_path: Path) -> None:
    path = tmp_path / "x.opus"
    encode(excerpt(48_000, 1), path, Encoding(muxer="ogg", codec="libopus"))
    file: Any = mutagen.File(path)
    file.update(COMMENTS)
    file.save()

    assert read_tags(path).isrc == EXPECTED.isrc


def test_the_front_cover_comes_before_other_pictures(tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    encode(excerpt(44_100, 1), path, ENCODINGS[".mp3"])
    tags: Any = id3.ID3()
    for kind, data in ((4, b"the back"), (3, b"the front"), (0, b"something")):
        tags.add(id3.APIC(encoding=3, mime="image/jpeg", type=kind, desc=str(kind), data=data))
    tags.save(path)

    assert [one.kind for one in read_tags(path).pictures] == [3, 4, 0]


def test_a_stored_form_with_more_than_is_known_is_read_all_the_same() -> None:
    stored = {"title": "Étude", "mood": "blue", "pictures": []}

    assert Tags.from_json(stored) == Tags(title="Étude")
