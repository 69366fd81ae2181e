"""What becomes of a file that is sent: accepted, or refused with a code, and at what cost."""

import time
from dataclasses import dataclass
from pathlib import Path

from fixtures.hostile import ACCEPTED
from legato.errors import BadInput
from legato.ingest.identity import Listening, identify


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`code` is ACCEPTED or why it was refused; whatever else happened is in `crash`."""

    code: str | None
    crash: str | None
    took_s: float


def judge(master: Path, listening: Listening) -> Judged:
    """Identify a file as an upload is, and see how that ends."""
    begun = time.monotonic()
    code, crash = None, None
    try:
        identify(master, listening)
    except BadInput as error:
        code = error.code
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        crash = repr(error)
    else:
        code = ACCEPTED
    return Judged(code=code, crash=crash, took_s=time.monotonic() - begun)
