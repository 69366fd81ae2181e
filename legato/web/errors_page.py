"""`/docs/errors`: every code, where the `type` of a problem detail leads (RFC 9457 §3.1.1)."""

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from legato.problems.document import HEAD, PREFACE, in_order
from legato.problems.problem import Problem
from legato.problems.table import SECTIONS

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>legato: errors</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/style/document.css">
<main>
{content}
</main>
</html>
"""


def errors_page() -> str:
    """The document of the table, with an anchor for each code."""
    return _PAGE.format(content="\n".join([*_preface(), *_sections()]))


def _preface() -> Iterator[str]:
    """The little Markdown that it is written in: a title, paragraphs, code."""
    for block in PREFACE.split("\n\n"):
        if block.startswith("# "):
            yield f"<h1>{escape(block[2:])}</h1>"
        elif block.startswith("```"):
            example = block.partition("\n")[2].removesuffix("```")
            yield f"<pre><code>{escape(example)}</code></pre>"
        else:
            yield f"<p>{_inline(block)}</p>"


def _sections() -> Iterator[str]:
    head = "".join(f"<th>{escape(name)}" for name in HEAD)
    for title, problems in SECTIONS.items():
        yield f"<h2>{escape(title)}</h2>\n<table>\n<tr>{head}"
        yield from (_row(name, problem) for name, problem in in_order(problems))
        yield "</table>"


def _row(name: str, problem: Problem) -> str:
    cells = (f"`{name}`", str(problem.status), problem.title, problem.then)
    return f'<tr id="{name}">' + "".join(f"<td>{_inline(cell)}" for cell in cells)


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
