"""Where a question was used and how many candidates had it before them."""

from __future__ import annotations

import pytest

from examapp.accounts.models import Role
from examapp.bank.models import Exposure, ItemStatistic, Question
from examapp.core.db import db, unit_of_work
from examapp.rounds.models import ExamRound, RoundState
from tests.sittings.builders import hall


@pytest.fixture
def manager(build, reader):
    return reader(build.account(None, Role.BANK_MANAGER))


@pytest.fixture
def room(build):
    """Three papers with the question, two of them begun."""
    found = hall(build)
    for name in ("Một Mẫu", "Hai Mẫu", "Ba Mẫu"):
        _account, candidate = found.candidate(name)
        if name != "Ba Mẫu":
            found.sitting(candidate)
    version_id = found.layout.slots[0].question_id
    build.save(Exposure(version_id=version_id, round_id=found.round.id, papers=3))
    build.save(
        ItemStatistic(
            version_id=version_id, round_id=found.round.id, papers=2, answered=2, facility=750, discrimination=None
        )
    )
    return found


def asked(build, room):
    with build.app.app_context():
        from examapp.bank.models import QuestionVersion

        version = db.session.get_one(QuestionVersion, room.layout.slots[0].question_id)
        return build.get(Question, version.question_id)


def set_state(build, room, state):
    from examapp.core import clock

    with build.app.app_context(), unit_of_work() as session:
        row = session.get_one(ExamRound, room.round.id)
        row.state, row.sealed_at = state, row.sealed_at or clock.now()


def test_a_round_is_told_once_it_is_over(build, manager, room):
    question = asked(build, room)
    set_state(build, room, RoundState.OPEN)
    page = manager.open(f"/bank/questions/{question.code}/usage")
    assert "đang nằm trong đề của một kỳ thi chưa đóng" in page.text
    assert room.round.name not in page.text
    assert page.texts("div[@class='kpi-value']") == ["0", "0"]
    set_state(build, room, RoundState.CLOSED)
    page = manager.open(f"/bank/questions/{question.code}/usage")
    assert room.round.name in page.text
    assert room.unit.name in page.text
    assert page.texts("div[@class='kpi-value']") == ["3", "2"]
    assert "0,75" in page.text


def test_what_was_done_to_the_question_is_told_with_its_reason(build, reader, manager, room):
    question = asked(build, room)
    reviewer = reader(build.account(None, Role.REVIEWER, display_name="Người thẩm định (mẫu)"))
    reviewer.post(f"/bank/questions/{question.code}/hold", reason="Chờ văn bản mới")
    page = manager.open(f"/bank/questions/{question.code}/usage")
    assert "Tạm giữ câu hỏi" in page.text
    assert "Chờ văn bản mới" in page.text
    assert "Người thẩm định (mẫu)" in page.text
    assert "Xem câu hỏi có đáp án" not in page.text


def test_who_sits_an_exam_does_not_see_its_stems_in_lists(build, reader, room):
    set_state(build, room, RoundState.OPEN)
    official = build.official("Bốn Mẫu")
    room.enrol(official)
    examiner = reader(build.account(official, Role.EXAMINER, Role.BANK_MANAGER))
    page = examiner.open("/bank/")
    assert "Không hiện nội dung" in page.text
    with build.app.app_context():
        from examapp.bank.models import QuestionVersion

        stem = db.session.get_one(QuestionVersion, room.layout.slots[0].question_id).stem
    assert stem[:60] not in page.text
    page = examiner.open(f"/bank/bulk?act=tag&value=x&pick={asked(build, room).id}")
    assert "Câu nằm trong đề của chính tài khoản này." in page.text
    assert stem[:60] not in page.text
