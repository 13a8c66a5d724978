"""One page of a list whose filters, order and page number stand in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request, url_for
from sqlalchemy import Select, func, select

from examapp.core.db import db

Row = TypeVar("Row")
SIZE = 30


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """What the macro ``pager`` shows."""

    items: Sequence[Row]
    number: int
    total: int
    url: Callable[[int], str]
    size: int = SIZE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def paginate(query: Select[Any], *, number: int, size: int = SIZE) -> Page[Any]:
    """Two statements: how many, and one page of entities; a page past the end shows the last one."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).options().subquery())) or 0
    number = min(max(1, number), max(1, -(-total // size)))
    items = db.session.scalars(query.limit(size).offset((number - 1) * size)).unique().all() if total else []
    return Page(items=items, number=number, total=total, url=here, size=size)


def listed(rows: Sequence[Row], *, number: int, size: int = SIZE) -> Page[Row]:
    """One page of rows that are all there; a page past the end shows the last one."""
    number = min(max(1, number), max(1, -(-len(rows) // size)))
    return Page(items=rows[(number - 1) * size : number * size], number=number, total=len(rows), url=here, size=size)


def here(number: int) -> str:
    """The present address, on page ``number``."""
    return url_for(request.endpoint or "", **(request.view_args or {}), **filters_here(), page=number)


def filters_here() -> dict[str, Any]:
    """What the present address asks for, as a link may take it along: without the page number, and without names that
    would say to ``url_for`` where the link leads instead of what it asks."""
    taken = {"endpoint", "page", *(request.view_args or {})}
    return {name: values for name, values in request.args.lists() if name not in taken and not name.startswith("_")}


def page_number() -> int:
    """The page the address asks for; anything unreadable is the first."""
    return request.args.get("page", 1, type=int)
