"""What a web process looks after while it runs: denials, signing keys, unconfirmed purges."""

from collections.abc import Callable, Sequence

from legato.catalog.database import Database
from legato.origin.edges.purge import PurgingEdge
from legato.origin.edges.purging import Purging
from legato.origin.grants.denials import Denials
from legato.origin.grants.signing_keys import KeyRing, SigningKeys
from legato.origin.grants.watch import Watch, watch_denials, watch_keys


def start_upkeep(
    database: Database,
    denials: Denials,
    keys: KeyRing,
    hear_keys: Callable[[SigningKeys], None],
    edges: Sequence[PurgingEdge],
) -> list[Watch]:
    """Start three watches, whose threads end with the process, or when they are stopped.

    The first denials are there when this returns, where the catalogue is; `hear_keys` is told
    of every change of the keys.
    """
    purging = Purging(database, edges)

    def ask_due() -> None:
        purging.ask_due()

    return [
        watch_denials(database, denials).start(),
        watch_keys(keys, hear_keys).start(),
        Watch("purges", ask_due).start(),
    ]
