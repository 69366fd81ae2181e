"""The path prefix that a vendor's dialect signs for a grant, and what lies below it.

Vendors sign prefixes and know nothing of bitrates. A grant below the ladder's highest is
therefore given the prefix `/upto/{kbit/s}/audio/{asset}/`, where the origin serves no more.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from legato.origin.grants.grant import Grant
from legato.transcode.ladder import LADDER

HIGHEST_BPS: Final = max(rendition.nominal_bps for rendition in LADDER.renditions)
# No dot segment, no escape, no empty segment: an edge or a proxy might read them otherwise.
ADDRESS: Final = r"[A-Za-z0-9-]+(?:[./][A-Za-z0-9-]+)*"
_BELOW = re.compile(ADDRESS, re.ASCII)


def delivery_path(grant: Grant) -> str:
    """Where the grant's addresses begin, at an edge that strips nothing."""
    if grant.highest_bps < HIGHEST_BPS:
        return f"/upto/{grant.highest_bps // 1000}{grant.path}"
    return grant.path


def path_of(url: str) -> str:
    return urlsplit(url).path


def root_of(url: str) -> str:
    """The scheme and the host of a URL, without a slash at the end."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def lies_below(prefix: str, address: str) -> bool:
    """Whether a path or URL is one of the addresses that begin with `prefix`."""
    return address.startswith(prefix) and _BELOW.fullmatch(address, len(prefix)) is not None
