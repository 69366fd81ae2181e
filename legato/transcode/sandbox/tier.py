"""How strong the sandbox is, by the walls that a system lets us raise."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from legato.transcode.sandbox.start import Layer


class Tier(StrEnum):
    """From the least that stands everywhere to all that there is."""

    BASIC = "basic"
    USER = "user"
    FULL = "full"


TIER_MEANS: Final = {
    Tier.BASIC: "limits, allow-lists, and what the system adds below",
    Tier.USER: "limits, allow-lists, another user, and what the system adds below",
    Tier.FULL: "no network, no other files, no other system calls, whoever runs it",
}
_WALLS_OF_THE_KERNEL: Final = {"network", "files", "calls"}


def tier_of(layers: Iterable[Layer]) -> Tier:
    """FULL needs every wall of the kernel; without root there is no user to drop to."""
    on = {layer.name for layer in layers if layer.on}
    if on >= _WALLS_OF_THE_KERNEL:
        return Tier.FULL
    return Tier.USER if "user" in on else Tier.BASIC
