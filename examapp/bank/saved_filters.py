"""Searches of the bank that a person keeps under a name. They are the person's own, and give no right to anything."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from sqlalchemy import func, select

from examapp.accounts.models import Account
from examapp.bank.filtering import Filters
from examapp.bank.models import BankKind, SavedFilter
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.words import _

MOST = 30
"""More names than that nobody finds their way among."""


def filters_of(person: Account) -> list[SavedFilter]:
    """By name."""
    own = select(SavedFilter).where(SavedFilter.account_id == person.id)
    return list(db.session.scalars(own.order_by(func.lower(SavedFilter.name), SavedFilter.id)))


def query_of(args: Mapping[str, str]) -> str:
    """What the list is narrowed and ordered by, as it stands behind the question mark; page numbers do not belong."""
    kept = Filters.of(args).given
    if args.get("bank") == BankKind.PRACTICE.value:
        kept["bank"] = BankKind.PRACTICE.value
    if sort := args.get("sort", "").strip():
        kept["sort"] = sort[:20]
    return urlencode(kept)


def save_filter(person: Account, *, name: str, args: Mapping[str, str]) -> SavedFilter:
    """Keep the search; under a name that is there already it takes the place of the old one."""
    query = query_of(args)
    if not query:
        raise Invalid(_("Chưa có bộ lọc nào để lưu."))
    if len(query) > 1000:
        raise Invalid(_("Bộ lọc quá dài để lưu. Hãy bỏ bớt từ tìm."))
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise Invalid(_("Hãy đặt tên bộ lọc, nhiều nhất 100 ký tự."))
    kept = db.session.scalar(select(SavedFilter).where(SavedFilter.account_id == person.id, SavedFilter.name == name))
    if kept is None:
        if len(filters_of(person)) >= MOST:
            advice = _("Hãy xóa bộ lọc không còn dùng rồi lưu lại.")
            raise Conflict(_("Mỗi người lưu được nhiều nhất %(most)s bộ lọc.", most=MOST), advice=advice)
        kept = SavedFilter(account_id=person.id, name=name)
        db.session.add(kept)
    kept.query = query
    db.session.flush()
    return kept


def delete_filter(person: Account, filter_id: int) -> None:
    kept = db.session.get(SavedFilter, filter_id)
    if kept is None or kept.account_id != person.id:
        raise NotFound()
    db.session.delete(kept)
    db.session.flush()
