"""Where listeners reach the music: one address or several, with weights and dialects."""

import hashlib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from legato.errors import BadInput
from legato.origin.dialects.dialect import Dialect, SignedBase
from legato.origin.dialects.named import PATH, open_dialect
from legato.origin.grants.grant import Grant
from legato.origin.grants.signing_keys import SigningKeys
from legato.settings import Settings

_WEIGHT = re.compile(r"[0-9]{1,9}", re.ASCII)
_FRACTION_BITS: Final = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicUrl:
    """An edge as listeners reach it. Its share of sessions is its weight; 0: only to fall back."""

    url: str
    weight: int = 1
    dialect: str = PATH


def parse_public_urls(text: str) -> tuple[PublicUrl, ...]:
    """Read `URL [weight] [dialect]` with commas between; raises BadInput that names the entry."""
    urls = tuple(_entry(number, item) for number, item in enumerate(text.split(","), start=1))
    if not any(one.weight for one in urls):
        raise BadInput("bad_setting", "LEGATO_PUBLIC_URL: found no weight above 0, expected one")
    return urls


def drawn(urls: Sequence[PublicUrl], session_id: str) -> list[PublicUrl]:
    """The primary first, drawn by weight, then the others in the same way.

    A pure function of the session. Each URL draws a number, and the least of
    `-ln(number) / weight` wins: that is drawing by weight without putting back (Efraimidis and
    Spirakis, 2006), and an edge that goes away moves no other edge's sessions.
    """
    return sorted(urls, key=lambda one: _wait(one, session_id))


class PublicUrls:
    """Signs grants for every edge. `keys` answers those that are good at the time."""

    def __init__(self, settings: Settings, keys: Callable[[], SigningKeys]) -> None:
        """Opens every dialect that is set; raises BadInput that names the entry."""
        self._settings = settings
        self._keys = keys
        self._opened: dict[str, tuple[SigningKeys, Dialect]] = {}
        self._urls = parse_public_urls(settings.public_url) if settings.public_url else ()
        for number, one in enumerate(self._urls, start=1):
            try:
                self._dialect(one.dialect)
            except BadInput as error:
                raise BadInput(
                    error.code, f"LEGATO_PUBLIC_URL, entry {number}: {error.message}"
                ) from error

    @property
    def dialects(self) -> set[str]:
        """The names of those in use."""
        return {one.dialect for one in self._urls} or {PATH}

    def sign(self, grant: Grant, session_id: str, own_url: str) -> list[SignedBase]:
        """A session's grant for each edge, its primary first; `own_url` where none is set."""
        urls = drawn(self._urls, session_id) or [PublicUrl(url=own_url.rstrip("/"))]
        return [self._sign(grant, one.dialect, one.url) for one in urls]

    def sign_in(self, grant: Grant, dialect: str | None, own_url: str) -> SignedBase:
        """A grant in a dialect (None: the first edge's), for the first edge that speaks it.

        Raises BadInput `no_dialect`, `bad_setting`.
        """
        urls = self._urls or (PublicUrl(url=own_url.rstrip("/")),)
        wanted = dialect or urls[0].dialect
        chosen = next((one for one in urls if one.dialect == wanted), urls[0])
        return self._sign(grant, wanted, chosen.url)

    def _sign(self, grant: Grant, dialect: str, url: str) -> SignedBase:
        return self._dialect(dialect).sign(grant, url)

    def _dialect(self, name: str) -> Dialect:
        """Opened once for each set of keys."""
        keys = self._keys()
        opened = self._opened.get(name)
        if opened is None or opened[0] is not keys:
            opened = self._opened[name] = (keys, open_dialect(name, self._settings, keys))
        return opened[1]


def _entry(number: int, item: str) -> PublicUrl:
    url, *options = item.split() or [""]
    if "@" in url:  # what stands before it is not to be shown
        raise BadInput(
            "bad_setting", f"LEGATO_PUBLIC_URL, entry {number}: expected a URL without a password"
        )
    if not _is_base(url):
        raise _bad_entry(number, item, "an http or https URL without query")
    weight = int(options.pop(0)) if options and _WEIGHT.fullmatch(options[0]) else 1
    dialect = options.pop(0) if options else PATH
    if options:
        raise _bad_entry(number, item, "URL [weight] [dialect]")
    return PublicUrl(url=url.rstrip("/"), weight=weight, dialect=dialect)


def _is_base(url: str) -> bool:
    """Whether paths can be put behind a URL."""
    try:
        parts = urlsplit(url)
        named = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return False
    return bool(named) and not parts.query and not parts.fragment


def _wait(one: PublicUrl, session_id: str) -> float:
    if one.weight == 0:
        return math.inf
    digest = hashlib.sha256(f"{session_id} {one.url} {one.dialect}".encode()).digest()
    number = int.from_bytes(digest[:8]) >> (64 - _FRACTION_BITS)
    return -math.log((number + 1) / 2**_FRACTION_BITS) / one.weight


def _bad_entry(number: int, item: str, expected: str) -> BadInput:
    return BadInput(
        "bad_setting",
        f"LEGATO_PUBLIC_URL, entry {number}: found {item.strip()!r}, expected {expected}",
    )
