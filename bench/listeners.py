"""500 simulated listeners through the edge, while the origin is killed and comes back.

python -m bench.listeners      writes docs/figures/listeners.md
python -m bench.listeners --trial FOLDER [--listeners N] [--tracks N]
                               a short look, written nowhere; FOLDER keeps the catalogue
"""

import argparse
import secrets
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.audience import AFTER, AWAY, BEFORE, WARM_UP, Listened, Plan, listen
from bench.catalogue import make_catalogue
from bench.figures import table, write_figures
from bench.tally import Asked
from tests.origin.listening import keys_of
from tests.running import RunningServer
from tests.servers.nginx import NginxEdge

TRACKS: Final = 40
HIT_RATIO_LIMIT, SPEED_LIMIT = 0.99, 0.98
TRIAL: Final = Plan(arrive_s=2, warm_up_s=7, before_s=4, away_s=3, after_s=3)
# All listeners come from one address, with one key.
UNLIMITED: Final = {"LEGATO_RATE_LIMIT": "1000000/second"}
EDGE_SECRET: Final = secrets.token_urlsafe(24)
EXPLANATION: Final = (
    "Through nginx each listener asks for `play` as it begins a track that it holds no grant for, "
    "fetches the manifest and the chunks, keeps {ahead:.0f} s of music ahead and hears it at "
    "{speed:.0f} times real time; it chooses among {tracks} tracks by Zipf's law. Every body is "
    "compared with the SHA-256 of what the object store has. *Away* is from the moment the origin "
    "is killed until it is ready again; who has to begin a track without a grant then waits. "
    "Listeners, nginx and origin share the machine; the listeners alone took {cpu:.0%} of a core."
)


def main() -> None:
    """Measure; exit 1 where a limit is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.listeners")
    parser.add_argument("--trial", type=Path, metavar="FOLDER")
    parser.add_argument("--listeners", type=int, default=Plan().listeners)
    parser.add_argument("--tracks", type=int, default=TRACKS)
    asked = parser.parse_args()
    if asked.trial:
        asked.trial.mkdir(parents=True, exist_ok=True)
        listened = run(asked.trial, replace(TRIAL, listeners=asked.listeners), asked.tracks)
        print("\n\n".join(paragraphs(listened, asked.tracks)))
    else:
        with TemporaryDirectory() as folder:
            listened = run(Path(folder), Plan(listeners=asked.listeners), asked.tracks)
        report(listened, asked.tracks)
    broken = broken_limits(listened)
    sys.exit("; ".join(broken) if broken else 0)


def run(folder: Path, plan: Plan, tracks: int = TRACKS) -> Listened:
    """Ingest a catalogue into `folder`, start an origin and an edge, and let them listen."""
    data = folder / "data"
    print("making the catalogue", file=sys.stderr)
    catalogue = make_catalogue(data, tracks)
    with (
        TemporaryDirectory(dir=folder) as edge_folder,
        RunningServer(data, {**UNLIMITED, "LEGATO_EDGE_SECRET": EDGE_SECRET}) as server,
        NginxEdge(Path(edge_folder), server.url, keys_of(server), secret=EDGE_SECRET) as edge,
    ):
        edge.wait_for_list()
        print(f"{plan.listeners} listeners come", file=sys.stderr)
        return listen(server, edge.url, catalogue, plan)


def broken_limits(listened: Listened) -> list[str]:
    """What does not hold, in words; nothing where all of it does."""
    before, away, after = listened.measured
    known = sum(phase.failures(Asked.KNOWN).total() for phase in listened.measured)
    speed = listened.speed(before) / listened.plan.habits.speed
    judged = {
        f"{listened.wrong} bodies with a wrong byte": listened.wrong > 0,
        f"hit ratio {listened.hit_ratio:.2%}": listened.hit_ratio < HIT_RATIO_LIMIT,
        f"{known} failures of media that the edge knew": known > 0,
        f"{listened.stalls[Asked.KNOWN]} stalls on such media": listened.stalls[Asked.KNOWN] > 0,
        f"failures before: {dict(before.failures())}": before.failures().total() > 0,
        f"failures after: {dict(after.failures())}": after.failures().total() > 0,
        "nothing was heard while the origin was away": away.chunks == 0,
        f"{listened.given_up} listeners gave up": listened.given_up > 0,
        f"{speed:.3f} of the speed": speed < SPEED_LIMIT,
    }
    return [words for words, is_broken in judged.items() if is_broken]


def report(listened: Listened, tracks: int) -> None:
    write_figures(
        "listeners",
        title="What listeners hear while the origin is killed",
        command="make bench",
        paragraphs=paragraphs(listened, tracks),
    )


def paragraphs(listened: Listened, tracks: int) -> list[str]:
    habits = listened.plan.habits
    stalls = ", ".join(f"{listened.stalls[asked]} waiting for {asked}" for asked in Asked)
    return [
        EXPLANATION.format(
            ahead=habits.ahead_s, speed=habits.speed, tracks=tracks, cpu=listened.cpu_share
        ),
        phases_table(listened),
        (
            f"{listened.plan.listeners} listeners. Bodies with a wrong byte: "
            f"**{listened.wrong}** (limit 0). After the warm-up, from the cache: "
            f"**{listened.hit_ratio:.2%}** (limit {HIT_RATIO_LIMIT:.0%}); stalls: {stalls} "
            f"(limit 0 for known media); gave up: {listened.given_up} (limit 0)."
        ),
    ]


def phases_table(listened: Listened) -> str:
    """A column a phase."""
    phases = [listened.ledger.phase(name) for name in (WARM_UP, BEFORE, AWAY, AFTER)]
    rows = [
        ["length", *(f"{one.wall_s:.1f} s" for one in phases)],
        ["chunks", *(f"{one.chunks:,}" for one in phases)],
        ["chunks a second", *(f"{one.chunks / one.wall_s:,.0f}" for one in phases)],
        ["megabytes", *(f"{one.size_bytes / 1e6:,.0f}" for one in phases)],
        ["speed reached", *(f"{listened.speed(one):.2f} ×" for one in phases)],
        [
            "from the cache",
            *(f"{one.from_cache / max(one.media_answers, 1):.2%}" for one in phases),
        ],
        ["X-Cache", *(_counts(one.cache) for one in phases)],
        *(
            [f"failed: {asked}", *(_counts(one.failures(asked)) for one in phases)]
            for asked in Asked
        ),
        ["`play` took", *(str(one.play_took) for one in phases)],
        ["media took", *(str(one.media_took) for one in phases)],
        ["the listeners' clock was late", *(str(one.late) for one in phases)],
    ]
    return table(["", *(one.name for one in phases)], rows)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counter.most_common()) or "none"


if __name__ == "__main__":
    main()
