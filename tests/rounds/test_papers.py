"""Drawing and sealing: whole or not at all, balanced, nobody gets what one wrote, reviewed or read."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from examapp.audit.models import AuditEvent
from examapp.bank.models import Exposure, Question, QuestionVersion, Review, Verdict
from examapp.core import clock
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.errors import Conflict, IllegalMove, Invalid, NotFound
from examapp.core.jobs import Work, run_waiting
from examapp.core.models import Job, JobState
from examapp.organisation.models import Official
from examapp.rounds import papers
from examapp.rounds.drawing import cut, draw_papers, read_plan
from examapp.rounds.models import Candidate, ExamRound, Paper, PostsRule, RoundState
from examapp.rounds.services import open_round
from question_bank.matrix import Row
from question_bank.paper import Layout
from question_bank.question import Level
from tests.builders import Builder
from tests.rounds.builders import World, questions, world


def _layouts(here: World, exam_round: ExamRound) -> dict[str, Layout]:
    with here.build.app.app_context():
        rows = db.session.execute(
            select(Candidate.full_name, Paper.layout).join(Paper).where(Candidate.round_id == exam_round.id)
        )
        return {name: Layout.from_json(json.loads(layout)) for name, layout in rows}


def _ready(here: World, people: int = 4, **values: Any) -> ExamRound:
    for number in range(people):
        here.person(f"Nguyễn Văn Mẫu {'ABCDEFGH'[number]}", here.justice if number % 2 else here.land)
    exam_round = here.round(**values)
    here.enrol(exam_round)
    return exam_round


def test_everybody_gets_the_common_section_and_that_of_the_post(build: Builder) -> None:
    here = world(build)
    exam_round = _ready(here)
    assert here.seal(exam_round) == 4
    layouts = _layouts(here, exam_round)
    for name, layout in layouts.items():
        own = "nn_dat_dai" if name[-1] in "AC" else "tp_tu_phap"
        assert [slot.section for slot in layout.slots] == ["common"] * 3 + [own] * 3
        assert layout.minutes == 30
        assert len({slot.question_id for slot in layout.slots}) == 6
    with build.app.app_context():
        row = db.session.get_one(ExamRound, exam_round.id)
        assert (row.state, row.sealed_at is not None) == (RoundState.SEALED, True)
        uses = Counter(slot.question_id for layout in layouts.values() for slot in layout.slots)
        stored = dict(db.session.execute(select(Exposure.version_id, Exposure.papers)).all())
        assert stored == uses
        paper = papers.current_paper(db.session.scalars(select(Candidate.id)).first() or 0)
        assert paper.digest == Layout.from_json(json.loads(paper.layout)).digest()


def test_questions_are_used_equally_often_across_posts(build: Builder) -> None:
    here = world(build)
    exam_round = _ready(here, 8)
    here.seal(exam_round)
    slots = [slot for layout in _layouts(here, exam_round).values() for slot in layout.slots]
    uses = Counter(slot.question_id for slot in slots if slot.section == "common")
    assert sorted(uses.values()) == [4] * 6  # 8 papers × 3 questions over 6


def test_nobody_gets_what_one_wrote_reviewed_or_read(build: Builder) -> None:
    here = world(build)
    exam_round = _ready(here, 1)
    official = here.officials[0]
    account = build.account(official)
    mine = questions(build, 3, here.topics["common"], author=account)
    with build.app.app_context(), database.unit_of_work():
        others = db.session.scalars(
            select(Question).where(Question.is_common, Question.id.not_in([q.id for q in mine])).order_by(Question.id)
        ).all()
        reviewed, read, *_rest = others
        db.session.add(Review(version_id=reviewed.current_id, reviewer_id=account.id, verdict=Verdict.APPROVED))
        db.session.add(AuditEvent(actor_id=account.id, action="question.read", target="question", target_id=read.code))
        forbidden = {q.current_id for q in [*mine, reviewed, read]}
        avoid = read_plan(db.session.get_one(ExamRound, exam_round.id), demo=True).people[0].avoid
    assert avoid == forbidden
    here.seal(exam_round)
    (layout,) = _layouts(here, exam_round).values()
    assert not forbidden & {slot.question_id for slot in layout.slots}


def test_it_fails_whole_when_what_one_knows_leaves_too_few(build: Builder) -> None:
    here = world(build, common=4)
    exam_round = _ready(here, 2)
    account = build.account(here.officials[1])
    with build.app.app_context(), database.unit_of_work():
        for question in db.session.scalars(select(Question).where(Question.is_common).limit(2)):
            question.owner_id = account.id
    with pytest.raises(Invalid) as error:
        here.seal(exam_round)
    assert "Nguyễn Văn Mẫu B" in error.value.message
    assert "Phần chung – Phần chung – Nhận biết: cần 3 câu, rút được 2" in error.value.message
    with build.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Paper)) == 0
        assert db.session.get_one(ExamRound, exam_round.id).state is RoundState.DRAFT


def test_a_matrix_the_bank_cannot_fill_names_its_cells(build: Builder) -> None:
    here = world(build, own=2)
    exam_round = _ready(here, 2)
    with pytest.raises(Invalid) as error:
        here.seal(exam_round)
    assert "Đất đai – Đất đai – Nhận biết: cần 3 câu, rút được 2" in error.value.message
    assert "Tư pháp – Hộ tịch – Nhận biết: cần 3 câu, rút được 2" in error.value.message


def test_questions_of_the_last_rounds_come_only_where_nothing_else_is_left(build: Builder) -> None:
    here = world(build, common=6, own=4)
    first = _ready(here, 1)
    here.seal(first)
    with build.app.app_context(), database.unit_of_work():
        db.session.execute(delete(Exposure))  # so that only what this person saw can matter
    second = here.round(code="KT-2026-Q2")
    here.enrol(second)
    here.seal(second)
    (before,), (after,) = _layouts(here, first).values(), _layouts(here, second).values()

    def ids(layout: Layout, section: str) -> set[int]:
        return {slot.question_id for slot in layout.slots if slot.section == section}

    assert not ids(before, "common") & ids(after, "common")
    assert len(ids(before, "nn_dat_dai") & ids(after, "nn_dat_dai")) == 2  # 4 in the bank, 3 on each paper


def _dual(here: World) -> Official:
    official = here.person("Nguyễn Kiêm Nhiệm", here.land)
    here.build.post(official, here.justice, here.offices[1], is_primary=False)
    return official


def test_two_posts_main_and_common_by_default(build: Builder) -> None:
    here = world(build)
    _dual(here)
    exam_round = here.round()
    here.enrol(exam_round)
    here.seal(exam_round)
    (layout,) = _layouts(here, exam_round).values()
    assert [slot.section for slot in layout.slots] == ["common"] * 3 + ["nn_dat_dai"] * 3


def test_two_posts_in_union_ask_the_common_section_once_within_the_caps(build: Builder) -> None:
    here = world(build)
    _dual(here)
    here.person("Nguyễn Một Việc", here.justice)
    exam_round = here.round(posts_rule=PostsRule.UNION, union_max_questions=7, union_max_minutes=45)
    here.enrol(exam_round)
    here.seal(exam_round)
    layouts = _layouts(here, exam_round)
    both = Counter(slot.section for slot in layouts["Nguyễn Kiêm Nhiệm"].slots)
    assert both == {"common": 3, "nn_dat_dai": 2, "tp_tu_phap": 2}
    assert layouts["Nguyễn Kiêm Nhiệm"].minutes == 45  # 30 for one post + 20 of the other's matrix, capped
    assert layouts["Nguyễn Một Việc"].minutes == 30
    assert len(layouts["Nguyễn Một Việc"].slots) == 6


def test_a_question_of_both_posts_is_asked_once(build: Builder) -> None:
    here = world(build, own=1)
    shared_justice = questions(build, 2, here.topics["justice"], here.justice, here.land)
    questions(build, 2, here.topics["land"], here.justice, here.land)
    _dual(here)
    exam_round = here.round(posts_rule=PostsRule.UNION)
    here.enrol(exam_round)
    here.seal(exam_round)
    (layout,) = _layouts(here, exam_round).values()
    ids = [slot.question_id for slot in layout.slots]
    assert len(ids) == len(set(ids)) == 9
    assert {q.current_id for q in shared_justice} <= set(ids)


def test_cutting_keeps_the_proportions() -> None:
    def rows(*counts: int) -> list[Row]:
        return [Row(frozenset({"t"}), level, n, 1000) for level, n in zip(Level, counts, strict=False)]

    assert cut([rows(4, 2), rows(3)], 20) == [rows(4, 2), rows(3)]
    shorter = cut([rows(8, 4), rows(8)], 10)
    assert [[row.count for row in section] for section in shorter] == [[4, 2], [4]]
    uneven = cut([rows(3, 3), rows(3)], 4)
    assert sum(row.count for section in uneven for row in section) == 4
    with pytest.raises(Invalid):
        cut([rows(3), rows(3)], 1)


def test_the_same_seed_draws_the_same_papers(build: Builder) -> None:
    here = world(build)
    exam_round = _ready(here)
    with build.app.app_context():
        row = db.session.get_one(ExamRound, exam_round.id)
        first, second = (draw_papers(read_plan(row, demo=True)) for _ in range(2))
    assert first == second


def test_excused_people_get_no_paper(build: Builder) -> None:
    here = world(build)
    exam_round = _ready(here, 2)
    with build.app.app_context(), database.unit_of_work():
        row = db.session.scalars(select(Candidate).where(Candidate.number == "0001")).one()
        row.state, row.reason = "excused", "Nghỉ ốm (mẫu)"
    assert here.seal(exam_round) == 1
    with build.app.app_context(), pytest.raises(NotFound):
        papers.current_paper(db.session.scalars(select(Candidate.id).where(Candidate.number == "0001")).one())


def test_unsealing_takes_papers_and_exposures_back(build: Builder) -> None:
    here = world(build)
    exam_round = _ready(here)
    here.seal(exam_round)
    with build.app.app_context(), database.unit_of_work():
        row = db.session.get_one(ExamRound, exam_round.id)
        with pytest.raises(Invalid):
            papers.unseal(row, reason=" ")
        assert papers.unseal(row, reason="Sửa ma trận") == 4
        assert row.state is RoundState.DRAFT
        assert db.session.scalar(select(func.count()).select_from(Exposure)) == 0
        assert papers.paper_count(row.id) == 0
    assert here.seal(exam_round) == 4
    with build.app.app_context(), database.unit_of_work():
        row = db.session.get_one(ExamRound, exam_round.id)
        open_round(row, now=clock.now())
        with pytest.raises(IllegalMove):
            papers.unseal(row, reason="Quá muộn")


def _start(here: World, exam_round: ExamRound) -> int:
    with here.build.app.app_context(), database.unit_of_work():
        row = db.session.get_one(ExamRound, exam_round.id)
        return papers.start_sealing(row, owner_id=here.organiser.id, demo=True).id


def test_the_job_seals_in_pieces_and_reports(build: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "PIECE", 3)
    here = world(build)
    exam_round = _ready(here)
    job_id = _start(here, exam_round)
    with build.app.app_context():
        with database.unit_of_work(), pytest.raises(Conflict):
            papers.start_sealing(db.session.get_one(ExamRound, exam_round.id), owner_id=here.organiser.id, demo=True)
        assert run_waiting() == 1
        job = db.session.get_one(Job, job_id)
        assert job.state is JobState.DONE, job.message
        assert "4 đề" in job.message
        assert (job.done, job.total) == (8, 8)
        assert job.result_url == "/rounds/KT-2026-Q1"
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "round.sealed")).one()
        assert json.loads(event.details)["digest"] == papers.round_digest(exam_round.id)
        papers.seal_job(Work(job))  # a runner lost after the last commit does it again
        assert papers.paper_count(exam_round.id) == 4


def test_a_failed_job_says_what_is_missing_and_leaves_a_draft(build: Builder) -> None:
    here = world(build, own=2)
    exam_round = _ready(here)
    job_id = _start(here, exam_round)
    with build.app.app_context():
        run_waiting()
        job = db.session.get_one(Job, job_id)
        assert job.state is JobState.FAILED
        assert "cần 3 câu, rút được 2" in job.message
        assert db.session.get_one(ExamRound, exam_round.id).state is RoundState.DRAFT


def test_a_change_while_drawing_stops_the_sealing(build: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world(build)
    exam_round = _ready(here)
    job_id = _start(here, exam_round)
    write = papers._write

    def write_while_somebody_leaves(*args: Any) -> None:
        write(*args)
        row = db.session.scalars(select(Candidate).where(Candidate.number == "0001")).one()
        row.state, row.reason = "withdrawn", "Đưa vào nhầm"

    monkeypatch.setattr(papers, "_write", write_while_somebody_leaves)
    with build.app.app_context():
        run_waiting()
        job = db.session.get_one(Job, job_id)
        assert job.state is JobState.FAILED
        assert "vừa thay đổi" in job.message
        assert db.session.get_one(ExamRound, exam_round.id).state is RoundState.DRAFT
    monkeypatch.undo()
    assert here.seal(exam_round) == 3  # what the failed try wrote is replaced


def test_a_question_held_while_drawing_stops_the_sealing(build: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world(build)
    exam_round = _ready(here)
    job_id = _start(here, exam_round)
    write = papers._write

    def write_while_somebody_holds(drawn: Any, *args: Any) -> None:
        write(drawn, *args)
        version = db.session.get_one(QuestionVersion, drawn[0].layout.slots[0].question_id)
        question = db.session.get_one(Question, version.question_id)
        question.held_at, question.hold_reason = clock.now(), "Nghi sai đáp án (mẫu)"

    monkeypatch.setattr(papers, "_write", write_while_somebody_holds)
    with build.app.app_context():
        run_waiting()
        job = db.session.get_one(Job, job_id)
        assert (job.state, "vừa bị tạm giữ" in job.message) == (JobState.FAILED, True)
        assert db.session.get_one(ExamRound, exam_round.id).state is RoundState.DRAFT


def test_an_older_try_gives_up(build: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world(build)
    exam_round = _ready(here)
    job_id = _start(here, exam_round)
    keep = papers._keep_claim

    def somebody_was_faster(round_id: int, batch: str) -> None:
        db.session.get_one(ExamRound, round_id).batch = "another"
        db.session.flush()
        keep(round_id, batch)

    monkeypatch.setattr(papers, "_keep_claim", somebody_was_faster)
    with build.app.app_context():
        run_waiting()
        job = db.session.get_one(Job, job_id)
        assert (job.state, "dừng lại" in job.message) == (JobState.FAILED, True)
