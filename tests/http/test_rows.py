"""Every row of docs/http.md, asked of every server that it is about."""

import pytest

from tests.http.row import EVERYWHERE, Row
from tests.http.sections import ROWS
from tests.http.served import Served

ASKED = [
    pytest.param(server, row, id=f"{server}-{row.what}")
    for server in EVERYWHERE
    for row in ROWS
    if server in row.at
]


@pytest.mark.parametrize(("served", "row"), ASKED, indirect=["served"])
def test_a_row_is_true(served: Served, row: Row) -> None:
    """Asked twice: of the store or the origin first, then of the memory or the cache."""
    served.stands(row.address)
    served.forget()

    for time in ("first", "again"):
        wrong = served.ask(row, cached=time == "again")
        assert not wrong, f"{time}: {wrong}"
