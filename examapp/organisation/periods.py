"""Periods from–to, the last day included: what lives on a day, what overlaps, how a period is written."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, or_

from examapp.core.text import format_date
from examapp.core.words import _

ONE_DAY = timedelta(days=1)


class Period(Protocol):
    """Anything that is valid from a day to a day, or still."""

    valid_from: Any
    valid_to: Any


def valid_on(kind: type[Period], day: date) -> ColumnElement[bool]:
    """The rows of ``kind`` that are valid on ``day``."""
    return and_(kind.valid_from <= day, or_(kind.valid_to.is_(None), kind.valid_to >= day))


def is_valid_on(row: Period, day: date) -> bool:
    return bool(row.valid_from <= day and (row.valid_to is None or row.valid_to >= day))


def overlaps(one: Period, other: Period) -> bool:
    """Whether the two share a day."""
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )


def is_inside(inner: Period, outer: Period) -> bool:
    """Whether every day of ``inner`` is a day of ``outer``."""
    ends = outer.valid_to is None or (inner.valid_to is not None and inner.valid_to <= outer.valid_to)
    return bool(outer.valid_from <= inner.valid_from and ends)


def show_period(row: Period) -> str:
    """ "từ 01/07/2025 đến 31/12/2025", or "từ 01/07/2025 đến nay"."""
    if row.valid_to is None:
        return _("từ %(start)s đến nay", start=format_date(row.valid_from))
    return _("từ %(start)s đến %(end)s", start=format_date(row.valid_from), end=format_date(row.valid_to))
