"""The methods that a path has, for `Allow` (RFC 9110 §10.2.1)."""

from collections.abc import Sequence
from typing import Final

from starlette.routing import BaseRoute, Match, Mount

from legato.origin.api.tus.protocol import methods_at as tus_methods_at
from legato.origin.asgi import Scope

# RFC 9110 §9.3, RFC 5789.
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def methods_at(routes: Sequence[BaseRoute], scope: Scope) -> list[str]:
    """All that may be done at the path of a request, by whichever route, and by tus.

    The files of the page, which are mounted below everything, are nobody's route.
    """
    of_tus = tus_methods_at(scope["path"])
    own = [route for route in routes if not isinstance(route, Mount)]
    return [name for name in _METHODS if name in of_tus or _any_takes(own, scope, name)]


def _any_takes(routes: Sequence[BaseRoute], scope: Scope, method: str) -> bool:
    asked = {**scope, "method": method}
    return any(route.matches(asked)[0] is Match.FULL for route in routes)
