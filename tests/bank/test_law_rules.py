"""What may be drawn for which day, computed from the dates of the law: the same in the database and in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from examapp.bank import law, pool
from examapp.bank.models import Citation, Question, TransitionalUse
from examapp.core.db import db

END = date(2027, 2, 28)
BEFORE, LAST, NEXT, AFTER = date(2027, 2, 20), END, date(2027, 3, 1), date(2027, 3, 5)


def _use(build, question, document, until=None):
    return build.save(
        TransitionalUse(
            version_id=question.current_id,
            document_id=document.id,
            basis_symbol="61/2099/QH20",
            basis_article="70",
            reason="Hồ sơ nhận trước (mẫu)",
            until=until,
            by_id=build.account().id,
        )
    )


def _verdicts(app, question, days):
    """(by the database, by the rule in words) for each day; they must agree."""
    with app.app_context():
        row = db.session.get_one(Question, question.id)
        sql = [
            db.session.scalar(select(Question.id).where(Question.id == row.id, pool.usable(day, demo=False)))
            is not None
            for day in days
        ]
        single = [pool.is_usable(row, day) is None for day in days]
        drawn = [
            row.current_id in {item.id for item in pool.pool(position_id=None, on=day, demo=False)} for day in days
        ]
    assert sql == single == drawn
    return sql


@pytest.mark.parametrize(
    ("columns", "until", "usable"),
    [
        # the day before the end, the last day, the day after, five days on
        ({"in_force_to": END}, "none", [True, True, False, False]),
        ({"superseded_on": NEXT}, "none", [True, True, False, False]),
        ({"in_force_to": date(2027, 12, 31), "superseded_on": NEXT}, "none", [True, True, False, False]),
        ({}, "none", [True, True, True, True]),
        ({"in_force_from": NEXT}, "none", [False, False, True, True]),
        ({"in_force_from": LAST, "in_force_to": LAST}, "none", [False, True, False, False]),
        ({"in_force_from": None, "in_force_to": END}, "none", [True, True, False, False]),
        ({"status_checked": False, "in_force_to": END}, "none", [False, False, False, False]),
        ({"in_force_to": END}, None, [True, True, True, True]),
        ({"in_force_to": END}, NEXT, [True, True, True, False]),
        ({"in_force_to": END}, AFTER, [True, True, True, True]),
        ({"in_force_to": END}, BEFORE, [True, True, False, False]),
        ({"status_checked": False, "in_force_to": END}, None, [False, False, False, False]),
        ({"in_force_from": NEXT}, None, [False, False, True, True]),
    ],
)
def test_a_question_may_be_drawn_while_its_law_is_in_force_or_goes_on_applying(app, build, columns, until, usable):
    if "superseded_on" in columns:
        columns = {**columns, "superseded_by_id": build.document().id}
    document = build.document("60/2099/QH20", **columns)
    question = build.question(build.topic(), document=document)
    if until != "none":
        _use(build, question, document, until)
    assert _verdicts(app, question, [BEFORE, LAST, NEXT, AFTER]) == usable


def test_one_lapsed_citation_among_good_ones_is_enough(app, build):
    good, ended = build.document(), build.document(in_force_to=END)
    question = build.question(build.topic(), document=good)
    assert _verdicts(app, question, [AFTER]) == [True]
    build.save(Citation(version_id=question.current_id, document_id=ended.id, symbol=ended.symbol))
    assert _verdicts(app, question, [LAST, AFTER]) == [True, False]
    _use(build, question, good)
    assert _verdicts(app, question, [AFTER]) == [False], "a provision counts for the document it is about"
    _use(build, question, ended)
    assert _verdicts(app, question, [AFTER]) == [True]


def test_a_text_that_no_document_stands_behind_carries_nothing(app, build):
    question = build.question(build.topic(), document=build.document())
    build.save(Citation(version_id=question.current_id, symbol="Một văn bản lạ"))
    assert _verdicts(app, question, [LAST]) == [False]


days = st.dates(date(2027, 1, 1), date(2027, 1, 12))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.none() | days,
    last=st.none() | days,
    replaced=st.none() | days,
    checked=st.booleans(),
    use=st.sampled_from(["none", "open"]) | days,
    on=days,
)
def test_the_database_and_the_rule_in_words_always_agree(app, build, first, last, replaced, checked, use, on):
    if first and last and last < first:
        first, last = last, first
    found = build.document(
        status_checked=checked,
        in_force_from=first,
        in_force_to=last,
        superseded_by_id=build.document().id if replaced else None,
        superseded_on=replaced,
    )
    question = build.question(build.topic(), document=found)
    if use != "none":
        _use(build, question, found, None if use == "open" else use)
    _verdicts(app, question, [on])


def test_the_notice_begins_with_the_days_of_the_setting(app, build):
    document = build.document("60/2099/QH20", in_force_to=END)
    question = build.question(build.topic(), document=document)
    with app.app_context():
        row = db.session.get_one(Question, question.id)
        assert law.notice() == timedelta(days=60)
        assert pool.ending_soon(row, END - timedelta(days=61)) is None
        assert pool.ending_soon(row, END - timedelta(days=60)) == "60/2099/QH20 hết hiệu lực ngày 28/02/2027."
        assert pool.ending_soon(row, NEXT) is None
    _use(build, question, document, date(2027, 6, 30))
    with app.app_context():
        row = db.session.get_one(Question, question.id)
        assert pool.ending_soon(row, NEXT) is None
        assert "30/06/2027" in (pool.ending_soon(row, date(2027, 6, 1)) or "")
