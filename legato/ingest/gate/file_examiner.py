"""What a file is, beside what is heard of it: its header, and whether its own MD5 is right."""

from pathlib import Path

import numpy as np

from legato.ingest.gate.facts import FileFacts, FlacMd5State
from legato.ingest.gate.file_header import FileHeader, read_file_header
from legato.ingest.gate.flac_md5 import FlacMd5
from legato.ingest.headers.declared import ContainerHeader
from legato.transcode.commands import PCM_BYTES
from legato.transcode.probe import Probe


class FileExaminer:
    """Reads the header; hears the blocks only where the file says what they should sum up to."""

    def __init__(self, master: Path, probed: Probe, container: ContainerHeader) -> None:
        self._probed = probed
        self._header = read_file_header(master, probed, container)
        self._md5 = _md5_of(self._header)
        self._rest = b""

    @property
    def lossless(self) -> bool:
        return self._header.lossless

    def update(self, block: bytes) -> None:
        """Hear more, in the form that the digest hears; a block may end within a sample."""
        if self._md5 is None:
            return
        pcm = self._rest + block if self._rest else block
        whole = len(pcm) // PCM_BYTES
        self._md5.update(np.frombuffer(pcm, "<i4", whole))
        self._rest = pcm[whole * PCM_BYTES :]

    def facts(self) -> FileFacts:
        return FileFacts(
            container=self._probed.container,
            codec=self._probed.codec,
            lossless=self._header.lossless,
            bits=self._header.bits,
            extensible=self._header.extensible,
            flac_md5=self._flac_md5(),
        )

    def _flac_md5(self) -> FlacMd5State | None:
        if self._header.flac_md5 is None:
            return None
        if self._md5 is None:
            return "absent"
        return "matches" if self._md5.digest() == self._header.flac_md5 else "differs"


def _md5_of(header: FileHeader) -> FlacMd5 | None:
    """What checks a FLAC's own MD5, where it knows it."""
    known = header.flac_md5 is not None and any(header.flac_md5) and header.bits is not None
    return FlacMd5(bits=header.bits) if known and header.bits else None
