"""A round with every kind of question: essays are marked by people, results and figures say all of it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from examapp.accounts.models import Account, Role
from examapp.audit.models import AuditEvent
from examapp.bank.models import FrozenCitation, ItemStatistic
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Forbidden
from examapp.results.by_people import answers_to, give_mark
from examapp.results.models import HandMark, Result
from examapp.results.services import compute_results, publish_round
from examapp.results.statistics import correlation
from examapp.rounds.models import Candidate, Disclosure, ExamRound, RoundState
from examapp.sittings.models import AnswerEvent, Sitting, SittingState
from question_bank.kinds import get_kind
from question_bank.question import Question, canonical_json
from tests.builders import Builder
from tests.reader import Reader
from tests.sittings.builders import Hall, Still, hall, one_of_each_kind

Open = Callable[..., Reader]
QUESTIONS = one_of_each_kind()
ESSAY = len(QUESTIONS)
URL = "/results/Q4-2026"
WRONG: dict[str, Any] = {
    "single_choice": [2],
    "multiple_response": [3],
    "true_false": [2],
    "true_false_cluster": [2, 1, 0, 0],
    "matching": [2, 1, 0, 0],
    "ordering": [4, 3, 2, 1],
    "numeric": ["99"],
    "short_text": ["không rõ"],
    "gap_text": [2, "sai", "9"],
    "case": [[2], ["99"], []],
    "essay": ["Bài viết (mẫu)."],
}


class Stage:
    """A closed round whose candidates answer all questions, rightly or wrongly; the last is an essay."""

    def __init__(self, build: Builder, questions: list[Question] = QUESTIONS) -> None:
        self.build, self.questions = build, questions
        self.hall: Hall = hall(build, questions=questions, state=RoundState.CLOSED, disclosure=Disclosure.ANSWERS)
        self.essay = self.hall.layout.slots[-1].question_id

    def sit(self, name: str, *, right: bool = True, skip: tuple[int, ...] = ()) -> tuple[Account, Candidate]:
        account, candidate = self.hall.candidate(name)
        now = clock.to_ms(clock.now())
        sitting = self.hall.sitting(candidate, ago=60, state=SittingState.SUBMITTED, submitted_ms=now - 60_000)
        events = []
        for slot, question in enumerate(self.questions, start=1):
            kind = get_kind(question.kind)
            response = (kind.solution(question, kind.shuffle(question, Still())) if right else []) or WRONG[kind.name]
            if slot not in skip:
                events.append(
                    AnswerEvent(
                        sitting_id=sitting.id,
                        writer="w" * 22,
                        seq=slot,
                        lease=1,
                        slot=slot,
                        response=canonical_json(response).decode(),
                        answered_ms=sitting.started_ms + slot,
                        received_ms=sitting.started_ms + slot,
                    )
                )
        self.build.save(*events)
        return account, candidate

    def compute(self, **options: Any) -> Any:
        with self.build.app.app_context(), unit_of_work():
            return compute_results(self.hall.round.id, **options)

    def publish(self) -> None:
        with self.build.app.app_context(), unit_of_work() as session:
            publish_round(session.get_one(ExamRound, self.hall.round.id))

    def mark_all(self, points: int, by: Account) -> None:
        with self.build.app.app_context(), unit_of_work() as session:
            exam_round = session.get_one(ExamRound, self.hall.round.id)
            for answer in answers_to(exam_round, self.essay, by=by):
                give_mark(exam_round, answer, self.questions[-1], points=[points], comment="", by=by, now=clock.now())

    def result(self, candidate: Candidate) -> Result:
        with self.build.app.app_context(), Session(db.engine, expire_on_commit=False) as session:
            rows = select(Result).where(Result.candidate_id == candidate.id, Result.is_current)
            return session.scalars(rows).one()

    def all(self, table: Any) -> list[Any]:
        with self.build.app.app_context(), Session(db.engine, expire_on_commit=False) as session:
            return list(session.scalars(select(table).order_by(*inspect(table).primary_key)))


@pytest.fixture
def stage(build: Builder) -> Stage:
    return Stage(build)


def test_the_whole_way_of_an_essay(stage: Stage, reader: Open) -> None:
    person, candidate = stage.sit("Nguyễn Thị Giấu Tên")
    stage.sit("Trần Văn Giấu Tên", right=False)
    stage.compute()
    assert (stage.result(candidate).awarded, stage.result(candidate).possible) == (10_000, 11_000)
    organiser = reader(stage.hall.organiser())
    page = organiser.open(URL)
    assert "0 trên 2 câu trả lời đã chấm" in page.text
    for refused in (organiser.open(f"{URL}/publish", status=409), organiser.post(f"{URL}/publish", status=409)):
        assert "Chưa công bố được: còn 2 câu trả lời tự luận chờ người chấm" in refused.text
        assert "Công bố" not in refused.texts("main//button")

    page = organiser.open(organiser.open(URL).link("Chấm câu tự luận"))
    assert page.texts("main//tbody/tr/td")[1:3] == ["2", "2"]
    organiser.open(page.link("Nêu cách xử lý"))
    page = organiser.open(organiser.page.link("Chấm bài tiếp theo"))
    assert "Bài viết (mẫu)." in page.text
    assert "Ý A" in page.text
    for hidden in ("Giấu Tên", candidate.number, "SBD", "CB0"):
        assert hidden not in page.html
    assert "phải từ 0 đến 1" in organiser.submit("line_0", line_0="1,5", status=422).text
    page = organiser.submit("line_0", line_0="0,75", comment="Đủ ý.")
    assert "Đã ghi 0,75 trên 1 điểm." in page.text
    assert page.heading.startswith("Bài "), "the next one"
    page = organiser.submit("line_0", line_0="0,75")
    assert page.heading == "Các bài của một câu"
    assert "2 điểm chấm chưa vào kết quả" in organiser.open(f"{URL}/marking").text
    assert "2 điểm chấm tự luận chưa vào kết quả" in organiser.open(f"{URL}/publish", status=409).text

    outcome = stage.compute()
    assert (outcome.changed, outcome.same) == (2, 0)
    assert stage.result(candidate).awarded == 10_750
    stage.publish()
    marked = [event for event in stage.all(AuditEvent) if event.action == "answer.marked"]
    assert len(marked) == len(stage.all(HandMark)) == 2
    page = reader(person).open("/results/mine/round/Q4-2026")
    assert "Đã chấm" in page.text
    assert "Ý A: 0,75 trên 1 điểm" in page.text


def test_marking_again_is_a_new_record_and_a_new_version(stage: Stage, reader: Open) -> None:
    _person, candidate = stage.sit("Nguyễn Thị Mẫu")
    organiser = stage.hall.organiser()
    stage.compute()
    stage.mark_all(500, organiser)
    stage.compute()
    stage.publish()
    stage.mark_all(1000, organiser)
    assert [(mark.number, mark.awarded) for mark in stage.all(HandMark)] == [(1, 500), (2, 1000)]
    assert stage.result(candidate).awarded == 10_500, "until the results are computed again"
    stage.compute(reason="Chấm lại theo kiến nghị")
    assert (stage.result(candidate).awarded, stage.result(candidate).version) == (11_000, 3)
    facility = {row.version_id: row.facility for row in stage.all(ItemStatistic)}
    assert facility[stage.essay] == 1000
    old = next(one for one in stage.all(Result) if one.version == 2)
    assert "Ý A: 0,5 trên 1 điểm" in reader(organiser).open(f"{URL}/{old.ref}").text


def test_nobody_marks_an_own_answer(stage: Stage, reader: Open) -> None:
    person, candidate = stage.sit("Nguyễn Thị Mẫu")
    stage.sit("Lê Văn Mẫu")
    stage.build.grant(person, Role.ORGANISER)
    stage.compute()
    browser = reader(person)
    assert browser.open(f"{URL}/marking").texts("main//tbody/tr/td")[1] == "1"
    ref = next(one.ref for one in stage.all(Sitting) if one.candidate_id == candidate.id)
    browser.open(f"{URL}/marking/{stage.essay}/{ref}", status=404)
    organiser = stage.hall.organiser()
    with stage.build.app.app_context(), unit_of_work() as session:
        exam_round = session.get_one(ExamRound, stage.hall.round.id)
        answers = answers_to(exam_round, stage.essay, by=session.get_one(Account, organiser.id))
        own = next(one for one in answers if one.ref == ref)
        by = session.get_one(Account, person.id)
        with pytest.raises(Forbidden):
            give_mark(exam_round, own, QUESTIONS[-1], points=[0], comment="", by=by, now=clock.now())


def test_after_recognition_nothing_is_marked(stage: Stage) -> None:
    stage.sit("Nguyễn Thị Mẫu")
    stage.compute()
    with stage.build.app.app_context(), unit_of_work() as session:
        exam_round = session.get_one(ExamRound, stage.hall.round.id)
        exam_round.state, exam_round.published_at = RoundState.RECOGNISED, clock.now()
        exam_round.decision_number, exam_round.decision_date = "1/QĐ (mẫu)", clock.today()
    with pytest.raises(Conflict, match="đã được công nhận"):
        stage.mark_all(500, stage.hall.organiser())


def test_who_may_not_publish_does_not_mark(stage: Stage, reader: Open) -> None:
    stage.sit("Nguyễn Thị Mẫu")
    stage.compute()
    for role in (Role.EVALUATOR, Role.EXAMINER, Role.INSPECTOR):
        reader(stage.build.account(None, role)).open(f"{URL}/marking", status=404)
    elsewhere = stage.build.account(None, Role.ORGANISER, unit=stage.build.unit("Xã Khác (mẫu)"))
    reader(elsewhere).open(f"{URL}/marking", status=404)


def test_every_kind_is_told_with_what_was_answered_and_what_is_right(stage: Stage, reader: Open) -> None:
    person, _candidate = stage.sit("Nguyễn Thị Mẫu", right=False, skip=(8,))
    stage.build.save(
        FrozenCitation(
            round_id=stage.hall.round.id,
            version_id=stage.hall.layout.slots[0].question_id,
            number=1,
            text="khoản 2 Điều 5, 9/2026/NĐ-CP",
            title="Nghị định mẫu",
            in_force_from=date(2026, 1, 1),
            in_force_to=date(2026, 12, 31),
            transitional="Còn áp dụng theo điều khoản chuyển tiếp (mẫu)",
        )
    )
    stage.compute()
    organiser = stage.hall.organiser()
    ref = stage.all(Result)[0].ref
    before = reader(organiser).open(f"{URL}/{ref}").text
    for hidden in ("Đáp án đúng", "10,5", "Cơ quan A", "Ý A:", "Nghị định mẫu"):
        assert hidden not in before
    assert "Chờ người chấm" in before
    stage.mark_all(0, organiser)
    stage.compute()
    stage.publish()
    text = reader(person).open("/results/mine/round/Q4-2026").text
    for words in (
        "B. Phương án B Đã chọn",
        "A. Phương án A Đáp án đúng",
        "a) Ý thứ A — Sai",
        "a) Ý thứ A — Đúng",
        "Vế A → B. Việc B",
        "Vế A → A. Việc A",
        "1. Bước D",
        "Đã trả lời: 99",
        "Đáp án đúng: 10,5",
        "không trả lời",
        "Cơ quan A",
        "(1) Từ B",
        "(2) chữ 0",
        "Tình huống chung (mẫu).",
        "Bài viết (mẫu).",
        "khoản 2 Điều 5, 9/2026/NĐ-CP (Nghị định mẫu), hiệu lực từ 01/01/2026 đến 31/12/2026",
        "Còn áp dụng theo điều khoản chuyển tiếp (mẫu)",
    ):
        assert words in text, words


def test_keys_go_out_in_words_after_publication(stage: Stage, reader: Open) -> None:
    stage.sit("Nguyễn Thị Mẫu", skip=(ESSAY,))
    stage.compute()
    organiser = reader(stage.hall.organiser())

    def keys() -> dict[str, str]:
        book = openpyxl.load_workbook(io.BytesIO(organiser.download(f"{URL}/export/xlsx").data))
        rows = [row for row in book["Theo câu hỏi"].iter_rows(values_only=True) if isinstance(row[0], int)]
        return {str(row[2]): str(row[-1] or "") for row in rows}

    assert set(keys().values()) == {""}
    stage.publish()
    found = keys()
    assert found["Bao nhiêu ngày (mẫu)?"] == "10,5"
    assert found["Ghép cặp (mẫu)."].splitlines()[0] == "Vế A → A. Việc A"
    assert found["Nêu cách xử lý (mẫu)."] == ""
    assert next(csv.reader(io.StringIO(organiser.download(f"{URL}/export/csv").text)))


def test_figures_of_the_questions_are_written_with_publication(build: Builder) -> None:
    stage = Stage(build, QUESTIONS[:9])
    for number in range(12):
        stage.sit(f"Người Mẫu {number}", right=number < 9, skip=(1,) if number == 11 else ())
    stage.compute()
    assert stage.all(ItemStatistic) == []
    stage.publish()
    figures = {row.version_id: row for row in stage.all(ItemStatistic)}
    first = figures[stage.hall.layout.slots[0].question_id]
    assert (first.papers, first.answered, first.facility) == (12, 11, 750)
    assert 990 <= (first.discrimination or 0) <= 1000
    assert len(figures) == 9


def test_few_papers_have_no_correlation(build: Builder) -> None:
    stage = Stage(build, QUESTIONS[:3])
    for number in range(9):
        stage.sit(f"Người Mẫu {number}", right=number < 5)
    stage.compute()
    stage.publish()
    assert {row.discrimination for row in stage.all(ItemStatistic)} == {None}


@given(st.lists(st.tuples(st.integers(0, 1_000_000), st.integers(0, 1_000_000)), min_size=10, max_size=40))
def test_the_correlation_of_sums_is_that_of_the_pairs(pairs: list[tuple[int, int]]) -> None:
    import statistics

    x, y = [a for a, _ in pairs], [b for _, b in pairs]
    found = correlation(
        len(pairs), sum(x), sum(y), sum(a * a for a in x), sum(b * b for b in y), sum(a * b for a, b in pairs)
    )
    if found is None:
        assert len(set(x)) == 1 or len(set(y)) == 1
    else:
        assert abs(found / 1000 - statistics.correlation(x, y)) < 0.002


def test_the_record_of_results_keeps_texts_as_they_were_typed(stage: Stage) -> None:
    stage.sit("Nguyễn Thị Mẫu", right=False)
    stage.compute()
    record = json.loads(stage.all(Sitting)[0].record)
    assert record["answered"] == 11
    assert dict(record["responses"])[ESSAY] == ["Bài viết (mẫu)."]
    assert re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", stage.all(Sitting)[0].receipt)
