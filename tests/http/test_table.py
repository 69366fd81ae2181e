"""The table itself: it is written down as it is asked, and leaves out no code."""

from tests.http.codes import CODES, NOT_SHOWN
from tests.http.row import Refusal
from tests.http.sections import ROWS
from tests.http.table import DOCUMENT, document


def test_the_document_is_what_is_asked() -> None:
    assert DOCUMENT.read_text() == document(), "`python -m tests.http.table` writes it anew"


def test_no_two_rows_claim_the_same() -> None:
    claims = [row.what for row in ROWS]
    assert len(claims) == len(set(claims))


def test_every_code_of_a_row_is_explained_with_its_status() -> None:
    shown = {row.body.code: row.status for row in ROWS if isinstance(row.body, Refusal)}

    assert shown == {name: CODES[name].status for name in CODES.keys() - NOT_SHOWN}
