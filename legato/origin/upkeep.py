"""What a web process looks after while it runs: denials, signing keys, unconfirmed purges."""

from collections.abc import Callable, Sequence
from typing import Final

from legato.deployment import Deployment
from legato.origin.edges.purge import PurgingEdge
from legato.origin.edges.purging import Purging
from legato.origin.grants.denials import Denials
from legato.origin.grants.kept_denials import KeptDenials
from legato.origin.grants.signing_keys import KeyRing, SigningKeys
from legato.origin.grants.watch import Watch, watch_denials, watch_keys

# In the data folder.
_DENIALS_FILE: Final = "denials"


def start_upkeep(
    deployment: Deployment,
    denials: Denials,
    keys: KeyRing,
    hear_keys: Callable[[SigningKeys], None],
    edges: Sequence[PurgingEdge],
) -> list[Watch]:
    """Start three watches, whose threads end with the process, or when they are stopped.

    The first denials are there when this returns: the catalogue's, or those that were last known;
    `hear_keys` is told of every change of the keys.
    """
    database = deployment.database
    kept = KeptDenials(deployment.settings.data.absolute() / _DENIALS_FILE)
    purging = Purging(database, edges)

    def ask_due() -> None:
        purging.ask_due()

    return [
        watch_denials(database, denials, kept).start(),
        watch_keys(keys, hear_keys).start(),
        Watch("purges", ask_due).start(),
    ]
