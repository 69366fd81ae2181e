"""All rows of the table."""

from typing import Final

from tests.http.row import Row, Section
from tests.http.rows.codings import CODINGS
from tests.http.rows.conditions import CONDITIONS
from tests.http.rows.connections import CONNECTIONS
from tests.http.rows.ranges import RANGES
from tests.http.rows.refusals import REFUSALS
from tests.http.rows.served import METHODS_ALLOWED, SERVED

SECTIONS: Final[tuple[Section, ...]] = (
    SERVED, RANGES, CONDITIONS, CODINGS, METHODS_ALLOWED, REFUSALS, CONNECTIONS
)  # fmt: skip
ROWS: Final[tuple[Row, ...]] = tuple(row for section in SECTIONS for row in section.rows)
