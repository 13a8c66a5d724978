"""What lapses in the coming year, and which matrices the bank no longer fills then."""

from __future__ import annotations

from datetime import date, timedelta

import time_machine

from examapp.accounts.models import Account, Role
from examapp.bank.law_calendar import Calendar, calendar
from examapp.bank.models import TransitionalUse
from examapp.core.db import db
from question_bank.question import Level
from tests.bank.builders import office
from tests.rounds.builders import matrix

TODAY = date(2026, 12, 15)
END = date(2027, 2, 28)


def look(app, person: Account, on: date = TODAY) -> Calendar:
    with app.app_context():
        found = calendar(db.session.get_one(Account, person.id), on=on, demo=False)
        for month in found.months:
            for one in month.matrices:
                _ = one.matrix.code
            for end in month.ends:
                _ = end.document.symbol
        return found


def month(found: Calendar, first: date):
    return next(one for one in found.months if one.first == first)


def test_twelve_months_from_this_one(app, build):
    found = look(app, build.account(None, Role.EXAMINER))
    assert found.months[0].first == date(2026, 12, 1)
    assert found.months[-1].first == date(2027, 11, 1)
    assert all(not one.ends and not one.matrices for one in found.months)


def test_it_counts_the_questions_of_each_position_that_fall_with_a_document(app, build):
    o = office(build)
    ending = build.document("60/2014/QH99", in_force_to=END)
    later = build.document("61/2014/QH99", in_force_to=date(2027, 12, 1))
    for _ in range(3):
        build.question(o.topic, o.justice, document=ending)
    build.question(o.topic, o.justice, o.land, document=ending)
    build.question(o.topic, document=ending)
    build.question(o.land_topic, o.land, document=later)
    unready = build.document(in_force_to=END, status_checked=False)
    build.question(o.topic, o.justice, document=unready)
    found = month(look(app, o.head), date(2027, 2, 1))
    by_symbol = {end.document.symbol: end for end in found.ends}
    assert by_symbol["60/2014/QH99"].questions == 5
    assert dict(by_symbol["60/2014/QH99"].positions) == {o.justice.id: 4, o.land.id: 1, None: 1}
    assert by_symbol[unready.symbol].questions == 0, "it could not be drawn before either"
    assert all(end.document.symbol != "61/2014/QH99" for one in look(app, o.head).months for end in one.ends)
    own = month(look(app, o.other_examiner), date(2027, 2, 1))
    counted = next(end for end in own.ends if end.document.symbol == "60/2014/QH99")
    assert (counted.questions, counted.positions) == (1, [(o.land.id, 1)])


def test_a_matrix_runs_short_on_the_day_after_the_end(app, build):
    o = office(build)
    person = build.account(None, Role.EXAMINER, Role.ORGANISER)
    ending, lasting = build.document("60/2014/QH99", in_force_to=END), build.document()
    for _ in range(2):
        build.question(o.topic, o.justice, document=ending)
    build.question(o.topic, o.justice, document=lasting)
    matrix(build, o.justice, {(o.topic, Level.RECALL): 2})
    matrix(build, o.land, {(o.land_topic, Level.RECALL): 1})
    found = look(app, person)
    assert [one.code for one in found.short_today] == ["MT-nn_dat_dai"]
    (short,) = month(found, date(2027, 2, 1)).matrices
    assert (short.matrix.code, short.since) == ("MT-tp_tu_phap", END + timedelta(days=1))
    assert [(one.needed, one.fillable) for one in short.short] == [(2, 1)]


def test_questions_of_a_law_that_begins_then_fill_the_gap(app, build):
    o = office(build)
    person = build.account(None, Role.EXAMINER, Role.ORGANISER)
    ending = build.document(in_force_to=END)
    new = build.document(in_force_from=END + timedelta(days=1))
    for document in (ending, new):
        build.question(o.topic, o.justice, document=document)
    matrix(build, o.justice, {(o.topic, Level.RECALL): 1})
    assert all(not one.matrices for one in look(app, person).months)


def test_the_end_of_a_transitional_provision_is_an_end(app, build):
    o = office(build)
    person = build.account(None, Role.EXAMINER, Role.ORGANISER)
    ending = build.document("60/2014/QH99", in_force_to=END)
    question = build.question(o.topic, o.justice, document=ending)
    build.save(
        TransitionalUse(
            version_id=question.current_id,
            document_id=ending.id,
            basis_symbol="61/2099/QH20",
            basis_article="70",
            reason="Mẫu",
            until=date(2027, 6, 30),
            by_id=o.head.id,
        )
    )
    matrix(build, o.justice, {(o.topic, Level.RECALL): 1})
    found = look(app, person)
    assert [end.questions for end in month(found, date(2027, 2, 1)).ends] == [0]
    june = month(found, date(2027, 6, 1))
    assert [(end.questions, end.is_transitional) for end in june.ends] == [(1, True)]
    assert [one.since for one in june.matrices] == [date(2027, 7, 1)]


def test_the_page_tells_it_month_by_month(build, reader):
    with time_machine.travel("2026-12-15T03:00:00Z", tick=False):
        o = office(build)
        ending = build.document("60/2014/QH99", in_force_to=END)
        build.question(o.topic, o.justice, document=ending)
        matrix(build, o.justice, {(o.topic, Level.RECALL): 1})
        page = reader(build.account(None, Role.EXAMINER, Role.ORGANISER)).open("/bank/law/calendar")
        assert "Tháng 02/2027" in page.text
        assert "Thiếu câu từ 01/03/2027" in page.text
        assert "Tư pháp (mẫu): 1" in page.text
        plain = reader(build.account(None, Role.ADMINISTRATOR)).open("/bank/law/calendar")
        assert "60/2014/QH99" in plain.text
        assert "Tư pháp (mẫu)" not in plain.text
