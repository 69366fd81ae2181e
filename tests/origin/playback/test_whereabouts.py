"""Where a listener is: whom that is believed of, and what is made of it."""

import pytest

from legato.origin.media.edge import Edge
from legato.origin.playback.whereabouts import Whereabouts, whereabouts

OPEN = Edge(address_header=b"x-listener", country_header=b"x-country")
SECRET = Edge(address_header=b"x-listener", country_header=b"x-country", secrets=(b"ours",))


def seen(edge: Edge, **headers: str) -> tuple[str, str | None]:
    """A request of 127.0.0.1; header names are written with underscores."""
    fields = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    found = whereabouts({"headers": fields, "client": ("127.0.0.1", 5)}, edge)
    return str(found.client_address), found.country


def test_without_a_secret_everybody_is_believed() -> None:
    assert seen(OPEN, x_listener="192.0.2.7", x_country="de") == ("192.0.2.7", "DE")


def test_with_a_secret_only_who_sends_it_is_believed() -> None:
    told = {"x_listener": "2001:db8::1", "x_country": "DE"}

    assert seen(SECRET, x_legato_edge_secret="ours", **told) == ("2001:db8::1", "DE")  # noqa: S106
    assert seen(SECRET, **told) == ("127.0.0.1", None)
    assert seen(SECRET, x_legato_edge_secret="theirs", **told) == ("127.0.0.1", None)  # noqa: S106


@pytest.mark.parametrize("code", ["XX", "T1", "", "Germany", "276"])
def test_what_is_no_country_is_not_known(code: str) -> None:
    assert seen(OPEN, x_country=code)[1] is None


def test_headers_that_nobody_named_are_not_read() -> None:
    assert seen(Edge(), x_listener="192.0.2.7", x_country="DE") == ("127.0.0.1", None)


def test_a_request_of_nobody_is_from_nowhere() -> None:
    assert whereabouts({"headers": []}, OPEN) == Whereabouts(client_address=None, country=None)
