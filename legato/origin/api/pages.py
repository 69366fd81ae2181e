"""Pages of a list: how long one may be, and where the next begins."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Depends, Query

from legato.catalog.place import Place

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=1000)]


def _behind(
    cursor: Annotated[
        str | None, Query(max_length=64, description="`next_cursor` of the page before")
    ] = None,
) -> Place | None:
    return Place.of_cursor(cursor) if cursor else None


# Raises BadInput `bad_cursor`.
Behind = Annotated[Place | None, Depends(_behind)]


def cut(
    found: Sequence[Item], limit: int, place: Callable[[Item], Place]
) -> tuple[Sequence[Item], str | None]:
    """A page of what was found, and the cursor of the next; `found` is one more if there is one."""
    page = found[:limit]
    return page, place(page[-1]).cursor if len(found) > limit else None
