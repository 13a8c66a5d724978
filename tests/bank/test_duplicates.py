"""Near-duplicates over the bank and beside a file; what is merged keeps both histories."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.bank.alike import alike
from examapp.bank.bank_index import bank_index
from examapp.bank.items import Draft
from examapp.bank.models import (
    BankKind,
    DuplicatePair,
    Exposure,
    PairVerdict,
    Question,
    QuestionState,
    QuestionTag,
    QuestionVersion,
)
from examapp.bank.pool import pool
from examapp.core import clock
from examapp.core.db import db
from examapp.core.jobs import run_waiting
from examapp.rounds.models import RoundState
from question_bank.question import Option
from question_bank.similarity import Likeness
from tests.bank.builders import content, office
from tests.bank.test_filters import exam_round

STEM = "Thời hạn giải quyết hồ sơ đăng ký khai sinh tại Ủy ban nhân dân cấp xã là {} ngày?"
OTHERS = tuple(Option(text, correct=text == "Một") for text in ("Một", "Hai", "Ba"))


@pytest.fixture
def o(build):
    return office(build)


@pytest.fixture
def manager(build, reader):
    return reader(build.account(None, Role.BANK_MANAGER, display_name="Phụ trách (mẫu)"))


@pytest.fixture
def family(build, o):
    """The same stem with other options, the same question with another number, and one that has nothing to do."""
    return [
        build.question(o.topic, o.justice, document=o.law, content=content(STEM.format(3))),
        build.question(o.topic, o.justice, document=o.law, content=content(STEM.format(3), options=OTHERS)),
        build.question(o.topic, o.justice, document=o.law, content=content(STEM.format(15))),
        build.question(o.topic, o.justice, document=o.law, content=content("Ai ký bản sao từ sổ gốc?")),
    ]


def find(app, manager):
    manager.post("/bank/duplicates/find")
    with app.app_context():
        assert run_waiting() == 1
    return manager.open("/bank/duplicates")


def pairs(app):
    with app.app_context():
        return {(p.first_id, p.second_id): p for p in db.session.scalars(select(DuplicatePair))}


def test_the_search_tells_the_kinds_of_likeness_apart(app, manager, family):
    page = find(app, manager)
    one, two, three, _four = family
    found = {key: (pair.likeness, pair.verdict) for key, pair in pairs(app).items()}
    assert found == {
        (one.id, two.id): (Likeness.SAME_STEM, PairVerdict.OPEN),
        (one.id, three.id): (Likeness.NUMBERS, PairVerdict.OPEN),
        (two.id, three.id): (Likeness.NUMBERS, PairVerdict.OPEN),
    }
    assert "Giống phần hỏi, khác phương án" in page.texts("td")[0]
    assert {"3", "15"} <= set(page.texts("mark"))
    page = manager.open("/bank/duplicates?likeness=numbers")
    assert "2 cặp" in page.text
    page = manager.open(f"/bank/questions/{one.code}")
    assert "Câu gần trùng" in page.text
    page = manager.open(page.link(f"So với {two.code}"))
    assert "B. Kế toán" in page.text
    assert any("Hai" in words for words in page.texts("mark"))


def test_what_was_decided_stays_and_what_is_no_longer_alike_goes(app, build, manager, family):
    find(app, manager)
    one, two, three, four = family
    manager.open(f"/bank/duplicates/{one.code}/{two.code}")
    assert "là hai câu khác nhau" in manager.submit("/different").text
    manager.post(f"/bank/duplicates/{one.code}/{two.code}/different", status=409)
    with app.app_context():
        from examapp.core.db import unit_of_work

        with unit_of_work() as session:
            session.get_one(Question, three.id).state = QuestionState.RETIRED
    page = find(app, manager)
    assert {key: pair.verdict for key, pair in pairs(app).items()} == {(one.id, two.id): PairVerdict.DIFFERENT}
    assert "Không có cặp câu nào ở đây" in page.text
    assert one.code in manager.open("/bank/duplicates?verdict=different").text
    assert four.code not in manager.page.text


def test_merging_keeps_both_histories_and_counts_their_use_together(app, build, manager, o, family):
    one, two, _three, _four = family
    build.save(QuestionTag(question_id=two.id, tag="x"))
    earlier = build.question(o.topic, o.justice, state=QuestionState.RETIRED, merged_into_id=two.id)
    over = exam_round(build, "KT-1", RoundState.PUBLISHED, build.unit())
    build.save(Exposure(version_id=one.current_id, round_id=over.id, papers=2))
    build.save(Exposure(version_id=two.current_id, round_id=over.id, papers=5))
    find(app, manager)
    manager.open(f"/bank/duplicates/{one.code}/{two.code}")
    page = manager.submit("/merge", keep=one.code)
    assert page.heading == one.code
    assert f"Thay cho: {two.code}, {earlier.code}" in page.text
    gone = build.get(Question, two.id)
    assert (gone.state, gone.merged_into_id) == (QuestionState.RETIRED, one.id)
    assert build.get(Question, earlier.id).merged_into_id == one.id
    assert build.get(Question, one.id).state is QuestionState.APPROVED, "nothing new was taken over"
    with app.app_context():
        items = {item.id: item.exposure for item in pool(position_id=o.justice.id, on=clock.today(), demo=True)}
    assert items[one.current_id] == 7
    assert all(two.id not in key for key in pairs(app) if pairs(app)[key].verdict is PairVerdict.OPEN)
    page = manager.open(f"/bank/questions/{one.code}/usage")
    assert [text for text in page.texts("td[@class='num']") if text in {"2", "5"}] == ["2", "5"]
    assert f"{two.code}, phiên bản 1" in page.text
    page = manager.open("/bank/?sort=-used")
    assert page.texts("td[@class='num']")[0] == "7"


def test_positions_and_tags_of_the_other_are_taken_over_where_wanted(app, build, manager, o):
    one = build.question(o.topic, o.justice, document=o.law, content=content(STEM.format(3), tags=("a",)))
    two = build.question(o.topic, o.land, document=o.law, content=content(STEM.format(3), tags=("b",)))
    find(app, manager)
    manager.open(f"/bank/duplicates/{one.code}/{two.code}")
    page = manager.submit("/merge", keep=one.code, positions="y", tags="y")
    assert "Tư pháp (mẫu); Đất đai (mẫu)" in page.text or "Đất đai (mẫu); Tư pháp (mẫu)" in page.text
    assert "a, b" in page.text
    kept = build.get(Question, one.id)
    assert kept.state is QuestionState.DRAFT
    assert build.get(QuestionVersion, kept.current_id).note == f"Gộp câu {two.code}"


def test_a_merge_can_be_taken_back_and_only_so_the_question_returns(app, build, reader, manager, o, family):
    one, two, *_ = family
    find(app, manager)
    manager.open(f"/bank/duplicates/{one.code}/{two.code}")
    manager.submit("/merge", keep=two.code)
    head = reader(o.head)
    head.post(f"/bank/questions/{one.code}/reopen", status=409)
    manager.open(f"/bank/questions/{one.code}")
    assert f"Đã gộp vào câu {two.code}" in manager.page.text
    page = manager.submit("/unmerge")
    assert "Đã bỏ gộp" in page.text
    head.post(f"/bank/questions/{one.code}/reopen")
    assert pairs(app)[one.id, two.id].verdict is PairVerdict.DIFFERENT


def test_a_question_that_everybody_practises_is_found_and_not_merged(app, build, manager, o, family):
    practice = build.question(o.topic, o.justice, bank=BankKind.PRACTICE, content=content("Ai ký bản sao từ sổ gốc?"))
    page = find(app, manager)
    assert "Một câu ở ngân hàng ôn tập" in page.text
    exam = family[3]
    page = manager.open(f"/bank/duplicates/{exam.code}/{practice.code}")
    assert "Gộp thành một câu" not in page.text
    manager.post(f"/bank/duplicates/{exam.code}/{practice.code}/merge", status=409, keep=exam.code)


def test_pairs_are_shown_within_reach_alone(app, build, reader, manager, o, family):
    find(app, manager)
    land = build.account(None)
    build.grant(land, Role.BANK_MANAGER, position=o.land)
    other = reader(land)
    assert "Không có cặp câu nào ở đây" in other.open("/bank/duplicates").text
    one, two, *_ = family
    other.open(f"/bank/duplicates/{one.code}/{two.code}", status=404)
    find(app, other)
    assert len(pairs(app)) == 3, "what lies beyond the reach stays as it was found"
    reader(o.examiner).open("/bank/duplicates", status=404)


def draft(number, question):
    return Draft(number, question, str(number), "", ())


def test_questions_of_a_file_are_compared_with_the_bank_and_with_each_other(app, build, o, family):
    new = [
        draft(1, content(STEM.format(7))),
        draft(2, content("Hồ sơ chứng thực chữ ký gồm những giấy tờ gì?")),
        draft(3, content("Hồ sơ chứng thực chữ ký gồm những giấy tờ gì?", options=OTHERS)),
    ]
    with app.app_context():
        found = alike(new)
    assert {twin.likeness for twin in found[1]} == {Likeness.NUMBERS}
    assert len([twin for twin in found[1] if twin.question_id]) == 3
    assert 2 not in found
    assert [(twin.likeness, twin.number) for twin in found[3]] == [(Likeness.SAME_STEM, 2)]


def test_the_index_follows_the_bank(app, build, o, family):
    def twins(stem):
        with app.app_context():
            return [twin.question_id for twin in alike([draft(1, content(stem))]).get(1, [])]

    stem = "Người nào cấp giấy xác nhận tình trạng hôn nhân?"
    assert twins(stem) == []
    new = build.question(o.topic, o.justice, content=content(stem))
    assert twins(stem) == [new.id]
    from examapp.accounts.models import Account
    from examapp.bank.questions import edit_question
    from examapp.core.db import unit_of_work

    with app.app_context(), unit_of_work() as session:
        question = session.get_one(Question, new.id)
        edit_question(
            question,
            content=content("Ai giữ con dấu của Ủy ban?"),
            topic=question.current.topic,
            positions=question.positions,
            is_common=False,
            editor=session.get_one(Account, o.examiner.id),
        )
    assert twins(stem) == []
    assert twins("Ai giữ con dấu của Ủy ban?") == [new.id]
    with app.app_context():
        assert bank_index() is bank_index()
