"""`POST play` at a fixed rate, whatever the answers do: an open loop.

    python -m bench.open_loop URL BEARER TRACK_ID… [--rate 200] [--seconds 10]

When each request is due is fixed beforehand, and its latency counts from then: a server that
stalls is charged for all whom it keeps waiting, and not for those alone who got through.
"""

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from bench.latencies import Latencies

_TIMEOUT: Final = ClientTimeout(total=10)


@dataclass(slots=True)
class Played:
    """`late` is by how much requests were sent after they were due: the fault of this program."""

    took: Latencies = field(default_factory=Latencies)
    late: Latencies = field(default_factory=Latencies)
    errors: Counter[str] = field(default_factory=Counter)


def run(url: str, bearer: str, track_ids: Sequence[str], rate: float, seconds: float) -> Played:
    """Play the tracks in turn, `rate` times a second."""
    return asyncio.run(offer(url, bearer, track_ids, rate, seconds))


async def offer(
    url: str, bearer: str, track_ids: Sequence[str], rate: float, seconds: float
) -> Played:
    played = Played()
    headers = {"authorization": f"Bearer {bearer}"}
    connector = TCPConnector(limit=0)
    async with (
        ClientSession(connector=connector, headers=headers, timeout=_TIMEOUT) as http,
        asyncio.TaskGroup() as sent,
    ):
        began = time.perf_counter()
        for number, track_id in enumerate(islice(cycle(track_ids), round(rate * seconds))):
            due = began + number / rate
            await asyncio.sleep(due - time.perf_counter())
            sent.create_task(_play(http, f"{url}/v1/tracks/{track_id}/play", due, played))
    return played


async def _play(http: ClientSession, url: str, due: float, played: Played) -> None:
    played.late.add(time.perf_counter() - due)
    try:
        async with http.post(url) as answer:
            await answer.read()
            if not answer.ok:
                played.errors[str(answer.status)] += 1
    except (ClientError, TimeoutError) as error:
        played.errors[type(error).__name__] += 1
    played.took.add(time.perf_counter() - due)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.open_loop", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("bearer")
    parser.add_argument("track_ids", nargs="+", metavar="track_id")
    parser.add_argument("--rate", type=float, default=200, help="plays a second")
    parser.add_argument("--seconds", type=float, default=10)
    asked = parser.parse_args()
    played = run(asked.url, asked.bearer, asked.track_ids, asked.rate, asked.seconds)
    print(f"took: {played.took}\nsent late: {played.late}\nerrors: {dict(played.errors) or 'none'}")


if __name__ == "__main__":
    main()
