"""The table of all codes."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from legato.problems.masters import MASTERS, WORK
from legato.problems.operating import OPERATING
from legato.problems.problem import OPERATOR, Problem
from legato.problems.requests import MEDIA, REQUESTS
from legato.problems.stored import STORED
from legato.problems.uploads import UPLOADS

SECTIONS: Final[Mapping[str, Mapping[str, Problem]]] = {
    "The API": REQUESTS,
    "Uploads": UPLOADS,
    "The media path": MEDIA,
    "Masters": MASTERS,
    "Work on them": WORK,
    "What is stored": STORED,
    "Operating": OPERATING,
}
PROBLEMS: Final[Mapping[str, Problem]] = {
    code: problem for section in SECTIONS.values() for code, problem in section.items()
}


def problem_of(code: str, status: int) -> Problem:
    """What a code stands for; of one that is not in the table, what its status says."""
    known = PROBLEMS.get(code)
    return known or Problem(status, HTTPStatus(status).phrase, OPERATOR)
