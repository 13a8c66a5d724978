"""How each question did in a published round, for the work lists of the bank.

The database makes whole-number sums, so the outcome is the same everywhere; shares are in millionths until then.
"""

from __future__ import annotations

from math import isqrt
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, delete, func, insert, select

from examapp.bank.models import ItemStatistic
from examapp.core.db import db
from examapp.results.models import Result, ResultItem

FEW = 10
"""Under so many papers a correlation would be chance."""
_SCALE = 1_000_000


def _share(awarded: Any, possible: Any) -> ColumnElement[int]:
    return case((possible > 0, cast(awarded, BigInteger) * _SCALE / possible), else_=0)


def write_statistics(round_id: int) -> int:
    """Replace the figures of a round by those of its current results; how many questions there are."""
    rows = [
        {
            "round_id": round_id,
            "version_id": version_id,
            "papers": papers,
            "answered": answered,
            "facility": _rounded(int(x), papers * (_SCALE // 1000)),
            "discrimination": correlation(papers, int(x), int(y), int(xx), int(yy), int(xy)),
        }
        for version_id, papers, answered, x, y, xx, yy, xy in db.session.execute(_sums(round_id))
    ]
    db.session.execute(delete(ItemStatistic).where(ItemStatistic.round_id == round_id))
    if rows:
        db.session.execute(insert(ItemStatistic), rows)
    return len(rows)


def _sums(round_id: int) -> Select[Any]:
    """For each version the sums over its papers of x, the share earned on it, and y, the share earned on the rest."""
    pairs = (
        select(
            ResultItem.version_id.label("version_id"),
            case((ResultItem.response != "", 1), else_=0).label("answered"),
            _share(ResultItem.awarded, ResultItem.possible).label("x"),
            _share(Result.awarded - ResultItem.awarded, Result.possible - ResultItem.possible).label("y"),
        )
        .join(Result, Result.id == ResultItem.result_id)
        .where(Result.round_id == round_id, Result.is_current)
        .subquery()
    )
    x, y = cast(pairs.c.x, BigInteger), cast(pairs.c.y, BigInteger)
    products = [func.sum(product) for product in (x, y, x * x, y * y, x * y)]
    return select(pairs.c.version_id, func.count(), func.sum(pairs.c.answered), *products).group_by(pairs.c.version_id)


def correlation(count: int, x: int, y: int, xx: int, yy: int, xy: int) -> int | None:
    """Of the sums of both, their squares and products: in thousandths; nothing for few, or where all are alike."""
    spread = (count * xx - x * x) * (count * yy - y * y)
    if count < FEW or spread <= 0:
        return None
    together = count * xy - x * y
    return max(-1000, min(1000, _rounded(together * 1000, isqrt(spread))))


def _rounded(value: int, by: int) -> int:
    """To the nearest whole number, halves away from nothing."""
    whole = (2 * abs(value) + by) // (2 * by)
    return whole if value >= 0 else -whole
