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


def paginate(
    query: Select[Any], *, number: int, url: Callable[[int], str] | None = None, size: int = SIZE
) -> Page[Any]:
    """Two statements: how many, and one page of entities; a page past the end shows the last one."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).options().subquery())) or 0
    number = min(max(1, number), max(1, -(-total // size)))
    items = db.session.scalars(query.limit(size).offset((number - 1) * size)).unique().all() if total else []
    return Page(items=items, number=number, total=total, url=url or here, size=size)


def here(number: int) -> str:
    """The present address, on page ``number``."""
    endpoint = request.endpoint or ""
    filters = {name: values for name, values in request.args.lists() if name != "page"}
    return url_for(endpoint, **(request.view_args or {}), **filters, page=number)  # type: ignore[arg-type]


def page_number() -> int:
    """The page the address asks for; anything unreadable is the first."""
    return request.args.get("page", 1, type=int)
