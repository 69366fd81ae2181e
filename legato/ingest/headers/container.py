"""What a master's container says of itself, read so that hostile ones cost nothing."""

import json
from pathlib import Path

import structlog

from legato.ingest.apart import ApartError, run_apart
from legato.ingest.headers.declared import ContainerHeader

log = structlog.get_logger()


def read_container_header(master: Path) -> ContainerHeader:
    """Read it apart; one that cannot be read within bounds says nothing."""
    try:
        printed = run_apart("legato.ingest.headers.parse", str(master.absolute()))
    except ApartError as error:
        log.warning("header_not_read", file=master.name, error=str(error))
        return ContainerHeader()
    return ContainerHeader(**json.loads(printed))
