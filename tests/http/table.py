"""docs/http.md, from the rows: `python -m tests.http.table`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from tests.http.codes import CODES
from tests.http.fields import PROFILES, Like, Value
from tests.http.row import EVERYWHERE, AtEdge, Row, Section, Under
from tests.http.sections import ROWS, SECTIONS

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "http.md"
_PREFACE: Final = Path(__file__).with_name("preface.md")
_OFTEN: Final = ("GET", "HEAD", "OPTIONS")
_LEGEND: Final = """\
Each answer has these and `Date`, and no others but `Server` and `Connection`. `{etag}` is the tag
of what is there, `{gzip_etag}` that of it gzipped, `{asset}` the id of the asset, `{size}` is how
many bytes there are, `{length}` how many of them the body has."""


def document() -> str:
    """All of docs/http.md."""
    parts = [
        _PREFACE.read_text().strip(),
        _fields(),
        _matrix(),
        _codes(),
        _nginx(),
        *map(_section, SECTIONS),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _fields() -> str:
    """Every field with its values, and the profiles that have it so."""
    having: dict[tuple[str, str], list[str]] = {}
    for profile in PROFILES:
        for name, value in profile.values.items():
            having.setdefault((name, _shown(value)), []).append(profile.name)
    rows = [[f"`{name}`", value, _sent_with(names)] for (name, value), names in having.items()]
    kinds = [[profile.name, profile.says] for profile in PROFILES]
    return "\n\n".join(
        [
            "## Header fields\n\nThe tables name the fields of an answer by these words.",
            _table(["fields", "of what"], kinds),
            _LEGEND,
            _table(["field", "value", "sent with"], sorted(rows)),
        ]
    )


def _sent_with(names: Sequence[str]) -> str:
    return "all" if len(names) == len(PROFILES) else ", ".join(names)


def _shown(value: Value) -> str:
    return value.shown if isinstance(value, Like) else f"`{value}`"


def _matrix() -> str:
    """Method × status × field, as the rows have it."""
    answers: dict[tuple[str, int], list[frozenset[str]]] = {}
    for row in ROWS:
        method = row.method if row.method in _OFTEN else "others"
        fields = frozenset({*row.fields.values, *row.also})
        answers.setdefault((method, row.status), []).append(fields)
    columns = sorted(answers, key=lambda column: ([*_OFTEN, "others"].index(column[0]), column[1]))
    names = sorted({name for seen in answers.values() for fields in seen for name in fields})
    rows = [[f"`{name}`", *(_mark(name, answers[column]) for column in columns)] for name in names]
    head = ["field", *(f"{method} {status}" for method, status in columns)]
    return "## Method × status × field\n\n● with every such answer, ○ with some.\n\n" + _table(
        head, rows
    )


def _mark(name: str, answers: Sequence[frozenset[str]]) -> str:
    if all(name in fields for fields in answers):
        return "●"
    return "○" if any(name in fields for fields in answers) else ""


def _codes() -> str:
    rows = [[f"`{name}`", str(code.status), code.title, code.then] for name, code in CODES.items()]
    return "## Errors\n\n" + _table(["code", "status", "what it means", "what to do"], rows)


def _nginx() -> str:
    return (
        "## Through nginx\n\n"
        "Each row is asked of nginx twice, with its cache emptied before: a 200, 206 or 304 says "
        "`X-Cache: MISS` the first time and `HIT` again. Of playlists and the manifest, a hit says "
        "how old it is in `Age` (RFC 9111 §5.1); media never grows stale, and its `Date` tells as "
        "much. `Server-Timing` stays behind, since it would tell of another request, and nginx "
        "may say `Accept-Ranges: bytes` with a 200 alone. What it answers otherwise stands in the "
        "last column, with the reason."
    )


def _section(section: Section) -> str:
    head = ["what", "request", "status", "fields", "body", "through nginx"]
    return f"## {section.title}\n\n{section.says}\n\n" + _table(head, map(_cells, section.rows))


def _cells(row: Row) -> list[str]:
    return [
        row.what,
        _request(row),
        str(row.status),
        _promised(row.fields.name, row.also),
        str(row.body) if row.method != "HEAD" else "none",
        _differs(row),
    ]


def _request(row: Row) -> str:
    version = "" if row.version == "HTTP/1.1" else f" {row.version}"
    lines = [f"`{row.method} {row.address or '/'}{version}`"]
    lines += [f"`{name}: {_short(value)}`" for name, value in row.sent.items()]
    lines += ["with content"] if row.content else []
    lines += [f"under {row.under}"] if row.under is not Under.FULL else []
    return "<br>".join(lines)


def _short(value: str) -> str:
    return value if len(value) <= 48 else f"{value[:40]}…"


def _promised(profile: str, also: Iterable[str]) -> str:
    return "<br>".join([profile, *(f"+ `{name}`" for name in also)])


def _differs(row: Row) -> str:
    if row.at != EVERYWHERE and row.at_edge is None:
        return "asked of " + ", ".join(row.at)
    return _otherwise(row.at_edge) if row.at_edge else ""


def _otherwise(other: AtEdge) -> str:
    found = [str(one) for one in (other.status, other.body) if one is not None]
    when = "at first " if other.until_cached else ""
    return f"{when}{', '.join(found)}: {other.why}" if found else other.why


if __name__ == "__main__":
    DOCUMENT.write_text(document())
