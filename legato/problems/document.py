"""docs/errors.md: how an error looks, and a row a code; `python -m legato.problems.document`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from legato.problems.problem import Problem
from legato.problems.table import SECTIONS

DOCUMENT: Final = Path("docs/errors.md")
HEAD: Final = ("code", "status", "what it means", "what to do")
PREFACE: Final = """\
# Errors

Every refusal, of the API, the media path and the reference edges, is a problem detail
(RFC 9457), `application/problem+json`:

```json
{"type": "/docs/errors#no_track", "title": "There is no such track", "status": 404,
 "detail": "track '0123': not in the catalogue", "code": "no_track"}
```

`code` is for programs: it never changes its meaning. `title` is the code's, in words. `detail` is
for people, of this one request: what was found, what was expected, where; read it, never match it.
`type` leads to the code's row on the server itself (`/docs/errors`). Where fields of a request are
wrong (422), `errors` says of each `where` it stands and in its `message` what is wrong. Header
fields say the rest: `Retry-After` where waiting helps, in seconds (with 429 and 503 always),
`Allow` with 405, `WWW-Authenticate` with 401. What cannot be read as a request at all is 400
`bad_request`.

What becomes of a track (`error` of `GET /v1/tracks/{id}`), what `legato ingest --json` tells of a
file, and what a command writes to the terminal in brackets, are the same codes: without a status,
which is the one that a code has where a request meets it.

Made from `legato/problems/` by `python -m legato.problems.document`."""


def document() -> str:
    return "\n".join([PREFACE, *_tables()]) + "\n"


def in_order(problems: Mapping[str, Problem]) -> list[tuple[str, Problem]]:
    """The rows of a table: by status, then by name."""
    return sorted(problems.items(), key=lambda row: (row[1].status, row[0]))


def _tables() -> Iterator[str]:
    for title, problems in SECTIONS.items():
        yield f"\n## {title}\n\n| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}"
        for code, problem in in_order(problems):
            yield f"| `{code}` | {problem.status} | {problem.title} | {problem.then} |"


if __name__ == "__main__":
    DOCUMENT.write_text(document())
