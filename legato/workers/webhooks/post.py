"""One POST to a receiver, at an address that was judged; of the answer only its head is read."""

import asyncio
import ssl
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from typing import Final

import httpx

from legato import __version__
from legato.catalog.news.webhook_address import addresses_of, check_url
from legato.errors import Unavailable
from legato.workers.webhooks.unheard import why_unheard

# A receiver with many addresses is not called at all of them.
_MOST_ADDRESSES: Final = 4
_LONGEST_RETRY_AFTER_S: Final = 24 * 3600
_HEADERS: Final = {
    "content-type": "application/json",
    "user-agent": f"legato/{__version__}",
    "accept-encoding": "identity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a receiver said; `retry_after_s` is 0 where it did not say."""

    status: int
    retry_after_s: int


async def post(  # noqa: PLR0913 - a call is all of these
    url: str,
    headers: dict[str, str],
    body: bytes,
    *,
    private: bool,
    timeout_s: float,
    resolver: Executor,
) -> Answer:
    """Call a receiver; all of it takes `timeout_s` at most, however slowly it answers.

    Raises Unavailable `webhook_away`, and BadInput `bad_webhook_url` where it may not be called.
    No redirect is followed, and no proxy asked, which would look the name up itself.
    """
    try:
        async with asyncio.timeout(timeout_s):
            target = check_url(url, private=private)
            addresses = await asyncio.get_running_loop().run_in_executor(
                resolver, lambda: addresses_of(target, private=private)
            )
            client = httpx.AsyncClient(
                verify=_tls(), trust_env=False,
                timeout=httpx.Timeout(timeout_s, connect=timeout_s / 3),
            )  # fmt: skip
            async with client:
                return await _at_one_of(client, addresses[:_MOST_ADDRESSES], target, headers, body)
    except TimeoutError as error:
        raise Unavailable("webhook_away", f"no answer within {timeout_s:g} s") from error
    except httpx.HTTPError as error:
        raise Unavailable("webhook_away", why_unheard(error)) from error


async def _at_one_of(
    client: httpx.AsyncClient,
    addresses: list[str],
    target: httpx.URL,
    headers: dict[str, str],
    body: bytes,
) -> Answer:
    """The first address that can be connected to is the one that is asked."""
    for address in addresses[:-1]:
        try:
            return await _at(client, address, target, headers, body)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await _at(client, addresses[-1], target, headers, body)


async def _at(
    client: httpx.AsyncClient,
    address: str,
    target: httpx.URL,
    headers: dict[str, str],
    body: bytes,
) -> Answer:
    """Connect to the address, and name the host: in TLS (SNI, RFC 6066 §3) and to HTTP."""
    name = target.raw_host.decode("ascii")
    request = client.stream(
        "POST",
        target.copy_with(host=address),
        headers={**_HEADERS, **headers, "host": target.netloc.decode("ascii")},
        content=body,
        extensions={"sni_hostname": name},
    )
    async with request as response:
        return Answer(
            status=response.status_code,
            retry_after_s=_retry_after(response.headers.get("retry-after", "")),
        )


def _retry_after(value: str) -> int:
    """Seconds (RFC 9110 §10.2.3); a date is not worth its parser here."""
    seconds = int(value[:9]) if value.isascii() and value.isdecimal() else 0
    return min(seconds, _LONGEST_RETRY_AFTER_S)


@cache
def _tls() -> ssl.SSLContext:
    """The authorities that are trusted: SSL_CERT_FILE's, else certifi's; read once."""
    return httpx.create_ssl_context()
