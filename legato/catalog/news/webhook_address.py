"""Where a webhook may lead: to a public address by https, and never into our own network.

A name is looked up anew each time that it is called, and what is connected to is the address
that was judged: a name that changes its mind in between (DNS rebinding) gains nothing.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

import httpx

from legato.errors import BadInput

_LONGEST_URL: Final = 2000
# What IANA has given out of IPv6, and where the rest of it begins that is an IPv4 address.
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")


def check_url(text: str, *, private: bool = False) -> httpx.URL:
    """The URL of a receiver; with `private`, also http.

    Raises BadInput `bad_webhook_url`.
    """
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise _bad(f"{error}, expected an https URL") from error
    schemes = ("https", "http") if private else ("https",)
    if url.scheme not in schemes or not url.host:
        raise _bad(f"found {url.scheme or 'no scheme'!r}, expected {' or '.join(schemes)}://…")
    if not 0 < (url.port or 443) < 1 << 16:
        raise _bad(f"found port {url.port}, expected one below 65536")
    if url.userinfo or url.fragment or len(text) > _LONGEST_URL:
        raise _bad(f"expected no user, no fragment, and {_LONGEST_URL} characters at most")
    return url


def addresses_of(url: httpx.URL, *, private: bool = False) -> list[str]:
    """The addresses at which a receiver may be called; with `private`, whatever they are.

    Raises BadInput `bad_webhook_url` where there is none, for whatever reason: which names our
    own network knows is nobody's business.
    """
    host, port = url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    addresses = dict.fromkeys(str(address[0]) for *_, address in found)
    allowed = [one for one in addresses if private or is_public(one)]
    if not allowed:
        raise _bad(f"found no public address of {host!r}")
    return allowed


def is_public(address: str) -> bool:
    """Whether an address is one of the Internet (RFC 6890), and none that leads elsewhere."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        inner = _embedded(ip)
        if inner is None:
            return ip in _GLOBAL_UNICAST and ip.is_global
        ip = inner
    return ip.is_global and not ip.is_multicast


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that is meant: mapped (RFC 4291), 6to4 (RFC 3056), NAT64 (RFC 6052)."""
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _bad(message: str) -> BadInput:
    return BadInput("bad_webhook_url", f"url: {message}")
