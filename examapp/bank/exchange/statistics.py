"""Figures from other installations, kept apart from our own and shown beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Row, delete, insert, select

from examapp.bank.exchange.compare import locals_of
from examapp.bank.exchange.contents import PackedStatistic
from examapp.bank.exchange.models import ExchangePartner, ForeignStatistic
from examapp.bank.models import BankKind, Question, QuestionVersion
from examapp.core.db import db

CHUNK = 500


def take_in(found: Sequence[PackedStatistic], partner_id: int, bank: BankKind, uids: Iterable[str]) -> int:
    """Keep the figures of versions that are here; newer ones of the same year stand in the place of older ones."""
    wanted = set(uids)
    rows: dict[tuple[int, int], PackedStatistic] = {}
    ordered = sorted((one for one in found if one.uid in wanted), key=lambda one: one.uid)
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        here = locals_of(one.uid for one in chunk)
        for one in chunk:
            question = here.get(one.uid)
            if question is None or question.bank is not bank:
                continue
            version = next((found_id for found_id, names in question.versions if one.digest in names), None)
            if version is not None:
                rows[version, one.year] = one
    keys = sorted(rows)
    for start in range(0, len(keys), CHUNK):
        _replace({key: rows[key] for key in keys[start : start + CHUNK]}, partner_id)
    return len(rows)


def _replace(rows: dict[tuple[int, int], PackedStatistic], partner_id: int) -> None:
    versions = {version_id for version_id, _year in rows}
    years = {year for _version, year in rows}
    kept = select(ForeignStatistic.version_id, ForeignStatistic.year).where(
        ForeignStatistic.partner_id == partner_id,
        ForeignStatistic.version_id.in_(versions),
        ForeignStatistic.year.in_(years),
    )
    for version_id, year in db.session.execute(kept).all():
        if (version_id, year) in rows:
            gone = delete(ForeignStatistic).where(
                ForeignStatistic.version_id == version_id,
                ForeignStatistic.partner_id == partner_id,
                ForeignStatistic.year == year,
            )
            db.session.execute(gone.execution_options(synchronize_session=False))
    names = ("papers", "answered", "facility", "discrimination")
    values = [
        {"version_id": version, "partner_id": partner_id, "year": year, **{name: getattr(one, name) for name in names}}
        for (version, year), one in rows.items()
    ]
    if values:
        db.session.execute(insert(ForeignStatistic), values)


def foreign_figures(question: Question) -> Sequence[Row[ForeignStatistic, int, str]]:
    """The figures of others, each with the number of its version and the partner's name, newest year first."""
    return db.session.execute(
        select(ForeignStatistic, QuestionVersion.number, ExchangePartner.name)
        .join(QuestionVersion, QuestionVersion.id == ForeignStatistic.version_id)
        .join(ExchangePartner, ExchangePartner.id == ForeignStatistic.partner_id)
        .where(QuestionVersion.question_id == question.id)
        .order_by(ForeignStatistic.year.desc(), QuestionVersion.number.desc(), ExchangePartner.name)
    ).all()
