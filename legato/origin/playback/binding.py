"""LEGATO_BIND_GRANTS: what ties a grant to the listener it was given to."""

from enum import StrEnum

from legato.errors import BadInput


class Binding(StrEnum):
    """A grant is good from this address only, or in this country only."""

    ADDRESS = "address"
    COUNTRY = "country"


def parse_bindings(text: str | None) -> frozenset[Binding]:
    """Read `address`, `country` or both with a comma between; raises BadInput."""
    if text is None:
        return frozenset()
    try:
        return frozenset(Binding(name.strip()) for name in text.split(","))
    except ValueError as error:
        raise BadInput(
            "bad_setting", f"LEGATO_BIND_GRANTS: found {text!r}, expected {' or '.join(Binding)}"
        ) from error
