"""The name of a file, out of whatever a sender says that it is called."""

import re
from typing import Final

UNNAMED: Final = "unnamed"


def last_part(said: str | None) -> str:
    r"""Only what stands behind the last `/` or `\` is kept: where a file lay is nobody's business.

    A colon stays: 4:44.flac is no file of a drive 4.
    """
    name = re.split(r"[/\\]", (said or "").rstrip("/\\"))[-1]
    return UNNAMED if name in ("", ".", "..") else name
