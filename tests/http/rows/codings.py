"""Content codings (RFC 9110 §12.5.3)."""

from typing import Final

from tests.http.fields import MEDIA, PACKED, TEXT
from tests.http.row import CHUNK, PLAYLIST, WHOLE_FILE, Gzipped, Row, Section, Whole

_GZIP: Final = {
    "gzip": "gzip",
    "among others": "br, gzip, deflate",
    "by its old name (§8.4.1.3)": "x-gzip",
    "in capitals": "GZIP",
    "anything": "*",
    "weighed like no coding": "identity;q=0.5, gzip;q=0.5",
    "anything, and no coding less": "*, identity;q=0.5",
    "with spaces": "deflate ; q=0.5 , gzip ; q=1.0",
}
_PLAIN: Final = {
    "no coding": "identity",
    "gzip refused": "gzip;q=0",
    "gzip refused, anything else welcome": "gzip;q=0, *",
    "everything refused": "*;q=0",
    "gzip less welcome than no coding": "gzip;q=0.5, identity",
    "codings we don't speak": "br, zstd",
    "an empty field": "",
}

CODINGS: Final = Section(
    title="Content codings",
    says="Playlists and the manifest are packed once and kept; each coding is a representation "
    "with a strong tag of its own (§8.8.3.3) and an exact length. Media is compressed already and "
    "comes as it is.",
    rows=(
        *(
            Row(
                what=f"gzipped: {what}",
                address=PLAYLIST,
                sent={"Accept-Encoding": sent},
                status=200,
                fields=PACKED,
                body=Gzipped(),
            )
            for what, sent in _GZIP.items()
        ),
        *(
            Row(
                what=f"gzipped: {what}",
                address=address,
                method=method,
                sent={"Accept-Encoding": "gzip"},
                status=200,
                fields=PACKED,
                body=Gzipped(),
            )
            for what, address, method in (
                ("HEAD", PLAYLIST, "HEAD"),
                ("the manifest", "manifest.json", "GET"),
                ("a multivariant playlist", "index.m3u8", "GET"),
            )
        ),
        *(
            Row(
                what=f"as it is: {what}",
                address=PLAYLIST,
                sent={"Accept-Encoding": sent},
                status=200,
                fields=TEXT,
                body=Whole(),
            )
            for what, sent in _PLAIN.items()
        ),
        *(
            Row(
                what=f"as it is: {what}",
                address=address,
                sent={"Accept-Encoding": "gzip"},
                status=200,
                fields=MEDIA,
                body=Whole(),
            )
            for what, address in {
                "media": CHUNK,
                "a whole file": WHOLE_FILE,
                "the peaks": "peaks.json",
            }.items()
        ),
    ),
)
