"""One small tree of errors, by what the caller can do about them.

Every error carries a stable `code` for programs and a message for people that names the
thing, what was found, what was expected and where.
"""

from typing import Final

from legato.problems.table import PROBLEMS


class LegatoError(Exception):
    """Anything that legato itself says went wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class BadInput(LegatoError):
    """What was given cannot be used; the same again will fail again."""


class NotFound(LegatoError):
    """There is no such thing, or none that the caller may know of."""


class Forbidden(LegatoError):
    """The caller has not shown the right to this."""


class Unavailable(LegatoError):
    """Something legato needs is away for now; try again later."""


class Corrupt(LegatoError):
    """Something stored, or something legato made, is not what it must be; wake somebody."""


HTTP_STATUS: Final[dict[type[LegatoError], int]] = {
    BadInput: 400,
    NotFound: 404,
    Forbidden: 403,
    Unavailable: 503,
    Corrupt: 500,
}


def http_status(error: LegatoError) -> int:
    """The HTTP status that says what `error` says (RFC 9110 §15).

    That of its code, which says more than its class: legato/problems/ has the table.
    """
    known = PROBLEMS.get(error.code)
    if known is not None:
        return known.status
    return next(status for kind, status in HTTP_STATUS.items() if isinstance(error, kind))
