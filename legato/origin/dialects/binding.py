"""What binds a grant to one listener: the address they come from, and their country."""

from ipaddress import IPv4Address, IPv6Address

from legato.origin.dialects.refusals import wrong_listener
from legato.origin.grants.grant import Grant

Address = IPv4Address | IPv6Address


def check_binding(grant: Grant, client_address: Address | None, country: str | None) -> None:
    """Whether a grant is this listener's; what is not known of one (None) is not what is bound.

    Raises Forbidden `wrong_listener`.
    """
    if grant.client_address is not None:
        bound = plain_address(grant.client_address)
        if client_address is None or plain_address(client_address) != bound:
            raise wrong_listener()
    if grant.country is not None and grant.country != country:
        raise wrong_listener()


def plain_address(address: Address) -> Address:
    """An IPv4 address that a dual-stack socket shows as IPv6 is IPv4 (RFC 4291 §2.5.5.2)."""
    return getattr(address, "ipv4_mapped", None) or address
