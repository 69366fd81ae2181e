"""Packets out of Ogg pages, and pages out of packets (RFC 3533 §5)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from legato.errors import Corrupt
from legato.packaging.ogg_page import (
    CONTINUED,
    FIRST_PAGE,
    LAST_PAGE,
    MAX_SEGMENTS,
    Page,
    lacing_of,
    split_body,
)


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet, and the granule position at its end where its page tells it."""

    data: bytes
    granule: int | None


def read_packets(pages: Iterable[Page]) -> Iterator[Packet]:
    """The packets of the one logical stream in `pages`.

    The last packet that ends on a page has the page's granule position, the others None.
    Raises Corrupt for a second stream, a lost page, or an end in mid-packet.
    """
    unfinished = b""
    serial: int | None = None
    for sequence, page in enumerate(pages):
        serial = page.serial if serial is None else serial
        _check_continuity(page, serial, sequence, bool(unfinished))
        if not unfinished and page.lacing == lacing_of((len(page.body),)):
            yield Packet(page.body, page.granule)  # the usual page of our encoders: one packet
            continue
        pieces = split_body(page)
        last_end = max((i for i, (_, ends) in enumerate(pieces) if ends), default=-1)
        for i, (piece, ends) in enumerate(pieces):
            whole, unfinished = unfinished + piece, b""
            if ends:
                yield Packet(whole, page.granule if i == last_end else None)
            else:
                unfinished = whole
    if unfinished:
        raise Corrupt("ogg_truncated", f"the ogg stream ends {len(unfinished)} bytes into a packet")


def _check_continuity(page: Page, serial: int, sequence: int, continues: bool) -> None:
    if page.serial != serial:
        raise Corrupt(
            "ogg_multiplexed",
            f"ogg page {sequence}: serial number {page.serial:#x}, expected only {serial:#x}",
        )
    if page.sequence != sequence:
        raise Corrupt(
            "ogg_sequence", f"ogg page {sequence}: sequence number {page.sequence}, a page is lost"
        )
    if bool(page.flags & CONTINUED) != continues:
        found = "continues" if page.flags & CONTINUED else "does not continue"
        raise Corrupt("ogg_continuation", f"ogg page {sequence}: {found} the packet before it")


class PageWriter:
    """Lays whole packets on the pages of one logical stream, with sequence numbers."""

    def __init__(self, serial: int) -> None:
        self._serial = serial
        self._sequence = 0

    def page(self, packets: Sequence[bytes], granule: int, *, last: bool = False) -> bytes:
        """One page with all of `packets`; they must fit its segment table."""
        flags = (0 if self._sequence else FIRST_PAGE) | (LAST_PAGE if last else 0)
        page = Page(
            flags=flags,
            granule=granule,
            serial=self._serial,
            sequence=self._sequence,
            lacing=lacing_of(map(len, packets)),
            body=b"".join(packets),
        )
        if len(page.lacing) > MAX_SEGMENTS:
            raise Corrupt(
                "ogg_page_full",
                f"ogg page {self._sequence}: {len(page.lacing)} segments, "
                f"at most {MAX_SEGMENTS} fit a page",
            )
        self._sequence += 1
        return page.to_bytes()
