"""LEGATO_EDGES: the caches that are purged."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from legato.errors import BadInput
from legato.origin.edges.cloudflare import CloudflareEdge
from legato.origin.edges.cloudfront import CloudFrontEdge
from legato.origin.edges.fastly import FastlyEdge
from legato.origin.edges.nginx import NginxEdge
from legato.origin.edges.purge import PurgingEdge
from legato.settings import Settings

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
# What a header field may carry as a token (RFC 9110 §5.5).
_VISIBLE = re.compile(r"[!-~]+", re.ASCII)


def configured_edges(settings: Settings) -> list[PurgingEdge]:
    """An edge an entry of LEGATO_EDGES, in order; raises BadInput that names the entry."""
    if settings.edges is None:
        return []
    found: dict[str, PurgingEdge] = {}
    for number, entry in enumerate(settings.edges.split(","), start=1):
        kind, _, where = entry.strip().partition("=")
        make = _KINDS.get(kind)
        if make is None:
            raise _bad(number, f"found {kind!r}, expected one of {', '.join(_KINDS)}, and `=`")
        edge = make(settings, where, number)
        if edge.name in found:
            raise _bad(number, f"found {edge.name} twice")
        found[edge.name] = edge
    return list(found.values())


def _nginx(settings: Settings, where: str, number: int) -> PurgingEdge:
    try:
        parts = urlsplit(where)
        well = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
        clean = not (parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        well, clean = False, True
    if not clean:  # and so not shown
        raise _bad(number, "found a URL with a password or a query, expected one without")
    if not well:
        raise _bad(number, f"found {where!r}, expected nginx=http://host:port")
    newest = settings.edge_secret.split(",")[0] if settings.edge_secret is not None else None
    secret = _secret(newest, number, "nginx", "LEGATO_EDGE_SECRET")
    return NginxEdge(url=where.rstrip("/"), secret=secret)


def _cloudfront(_settings: Settings, where: str, number: int) -> PurgingEdge:
    return CloudFrontEdge(distribution_id=_id(where, number, "cloudfront=DISTRIBUTION"))


def _fastly(settings: Settings, where: str, number: int) -> PurgingEdge:
    token = _secret(settings.fastly_token, number, "fastly", "LEGATO_FASTLY_TOKEN")
    return FastlyEdge(service_id=_id(where, number, "fastly=SERVICE"), token=token)


def _cloudflare(settings: Settings, where: str, number: int) -> PurgingEdge:
    token = _secret(settings.cloudflare_token, number, "cloudflare", "LEGATO_CLOUDFLARE_TOKEN")
    return CloudflareEdge(zone_id=_id(where, number, "cloudflare=ZONE"), token=token)


_KINDS: Final[dict[str, Callable[[Settings, str, int], PurgingEdge]]] = {
    "nginx": _nginx,
    "cloudfront": _cloudfront,
    "fastly": _fastly,
    "cloudflare": _cloudflare,
}


def _secret(setting: str | None, number: int, kind: str, variable: str) -> str:
    """A secret as it is sent, without what a file or a shell has put around it."""
    secret = (setting or "").strip()
    if not secret:
        raise _bad(number, f"found {kind}, expected {variable} to be set as well")
    if _VISIBLE.fullmatch(secret) is None:
        raise _bad(number, f"found {kind}, expected {variable} of visible ASCII characters alone")
    return secret


def _id(text: str, number: int, expected: str) -> str:
    if _ID.fullmatch(text) is None:
        raise _bad(number, f"found {text!r}, expected {expected}")
    return text


def _bad(number: int, said: str) -> BadInput:
    return BadInput("bad_setting", f"LEGATO_EDGES, entry {number}: {said}")
