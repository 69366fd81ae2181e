"""Files with one byte changed, for whatever reads foreign headers."""

from collections.abc import Iterator
from pathlib import Path


def each_byte_changed(whole: bytes, path: Path, spans: list[range]) -> Iterator[Path]:
    """`path` with one byte after the other of these spans inverted, set to 0 and to 255."""
    for span in spans:
        for at in span:
            for value in {whole[at] ^ 0xFF, 0x00, 0xFF} - {whole[at]}:
                path.write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
                yield path
