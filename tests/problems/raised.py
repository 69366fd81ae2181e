"""The codes that the source can raise, read from the source itself."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from legato.errors import LegatoError
from tests.conftest import ROOT

SOURCE: Final = ROOT / "legato"
KINDS: Final[dict[str, type[LegatoError]]] = {
    kind.__name__: kind for kind in LegatoError.__subclasses__()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A code, as what kind of error, and where; no kind where a helper chooses it."""

    code: str | None
    kind: type[LegatoError] | None
    where: str


@cache
def raised() -> list[Raised]:
    """Every error that is made, in every file; `code` is None where it is none of these:

    a text where an error is made; a text for the parameter `code` of a function of that file.
    """
    return [one for path in sorted(SOURCE.rglob("*.py")) for one in _in_file(path)]


def _in_file(path: Path) -> Iterator[Raised]:
    tree = ast.parse(path.read_text())
    helpers = _helpers(tree)
    for scope, call in _calls(tree):
        where = f"{path.relative_to(ROOT)}:{scope}"
        name = _name(call.func)
        if name in KINDS and call.args:
            for meant in _meant(tree, scope, call.args[0]):
                yield from _codes(meant, KINDS[name], where, _parameters(tree, scope))
        elif name in helpers:
            given = _given(call, helpers[name])
            if given is not None:
                yield from _codes(given, None, where, _parameters(tree, scope))


def _codes(
    given: ast.expr, kind: type[LegatoError] | None, where: str, parameters: list[str]
) -> Iterator[Raised]:
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield Raised(code=given.value, kind=kind, where=where)
    elif isinstance(given, ast.IfExp):
        yield from _codes(given.body, kind, where, parameters)
        yield from _codes(given.orelse, kind, where, parameters)
    elif not (isinstance(given, ast.Name) and given.id == "code" and "code" in parameters):
        yield Raised(code=None, kind=kind, where=where)


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call, and the function that it stands in."""

    def visit(node: ast.AST, scope: str) -> Iterator[tuple[str, ast.Call]]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            scope = node.name
        if isinstance(node, ast.Call):
            yield scope, node
        for child in ast.iter_child_nodes(node):
            yield from visit(child, scope)

    yield from visit(tree, "")


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _helpers(tree: ast.Module) -> dict[str, int]:
    """The functions of a file that are given a `code`, and as their which argument."""
    found = {}
    for function in _functions(tree):
        names = [one.arg for one in function.args.args if one.arg != "self"]
        if "code" in names:
            found[function.name] = names.index("code")
    return found


def _parameters(tree: ast.Module, scope: str) -> list[str]:
    return [
        one.arg
        for function in _functions(tree)
        if function.name == scope
        for one in (*function.args.args, *function.args.kwonlyargs)
    ]


def _meant(tree: ast.Module, scope: str, given: ast.expr) -> list[ast.expr]:
    """What stands for a code: itself, or what the function has given the name."""
    assigned = [
        node.value
        for function in _functions(tree)
        if function.name == scope
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and ast.dump(node.targets[0]) == _assigned(given)
    ]
    return assigned or [given]


def _assigned(given: ast.expr) -> str:
    return ast.dump(ast.Name(id=given.id, ctx=ast.Store())) if isinstance(given, ast.Name) else ""


def _given(call: ast.Call, place: int) -> ast.expr | None:
    named = [one.value for one in call.keywords if one.arg == "code"]
    if named:
        return named[0]
    return call.args[place] if place < len(call.args) else None


def _name(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
