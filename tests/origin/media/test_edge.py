"""What is believed of the edge: its secret, and what it tells of a listener."""

from ipaddress import ip_address

import pytest

from legato.origin.media.edge import Edge

TOLD = Edge(address_header=b"x-forwarded-for", country_header=b"x-country")
CONNECTED = {"client": ("192.0.2.9", 4711)}


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("198.51.100.10", "198.51.100.10"), ("10.0.0.1, 198.51.100.10", "198.51.100.10"),
        ("198.51.100.10:46532", "198.51.100.10"), ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1"),
        ("unknown", None), ("", None), ("198.51.100.10,", None), ("[]:1", None), ("1:2", None),
    ],
)  # fmt: skip
def test_the_edges_own_entry_counts(told: str, address: str | None) -> None:
    found = TOLD.client_address(CONNECTED, {b"x-forwarded-for": told.encode()})

    assert found == (ip_address(address) if address else None)


def test_without_the_header_it_is_who_is_connected() -> None:
    assert TOLD.client_address(CONNECTED, {}) == ip_address("192.0.2.9")
    assert TOLD.client_address({"client": None}, {}) is None


def test_nobody_is_told_of_who_has_set_no_header() -> None:
    fields = {b"x-forwarded-for": b"198.51.100.10", b"x-country": b"DE"}

    assert Edge().client_address(CONNECTED, fields) == ip_address("192.0.2.9")
    assert Edge().country(fields) is None
    assert TOLD.country({b"x-country": b" de "}) == "DE"


def test_an_edge_does_not_show_its_secrets() -> None:
    assert "hidden" not in repr(Edge(secrets=(b"hidden",)))
