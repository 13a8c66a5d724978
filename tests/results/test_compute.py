"""Computing: pure, repeatable, in versions."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from examapp.audit.models import AuditEvent
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Invalid
from examapp.core.jobs import run_waiting, start_job
from examapp.core.models import Job, JobState
from examapp.results.models import Result, ResultItem, ResultPart
from examapp.results.services import (
    compute_results,
    participation,
    publish_round,
    recognise_round,
    recognised_results,
    unsettled,
    without_result,
)
from examapp.rounds.models import CandidateState, ExamRound, Purpose, RoundState
from examapp.sittings.models import Sitting, SittingState
from tests.builders import Builder
from tests.results.builders import Scene, scene


@pytest.fixture
def stage(build: Builder) -> Scene:
    return scene(build)


def test_marks_every_settled_sitting_and_gives_the_absent_no_result(stage: Scene) -> None:
    good = stage.candidate("Lê Thị Một", right=4)
    poor = stage.candidate("Lê Văn Hai", right=1)
    stage.candidate("Lê Văn Vắng")
    outcome = stage.compute()
    assert (outcome.new, outcome.changed, outcome.same) == (2, 0, 0)
    first, second = stage.result(good), stage.result(poor)
    assert (first.awarded, first.possible, first.passed, first.version) == (4000, 4000, True, 1)
    assert (second.awarded, second.possible, second.passed) == (1000, 4000, False)
    assert len(stage.results()) == 2


def test_settles_what_is_due_before_it_marks(stage: Scene) -> None:
    candidate = stage.candidate(right=2)
    stage.compute()
    sitting = stage.build.get(Sitting, stage.result(candidate).sitting_id)
    assert sitting.state is SittingState.SETTLED


def test_passing_is_compared_in_integers(stage: Scene) -> None:
    half = stage.candidate(right=2)
    stage.compute()
    assert stage.result(half).passed
    other = scene_with(stage, pass_percent=51)
    assert not other


def scene_with(stage: Scene, pass_percent: int) -> bool:
    stage.set_round(pass_percent=pass_percent)
    candidate = stage.candidate("Trần Thị Ba", right=2)
    stage.compute()
    return stage.result(candidate).passed


def test_parts_stand_for_the_posts_they_were_asked_for(stage: Scene) -> None:
    both = stage.candidate(right=5, posts=[(stage.justice, stage.north), (stage.land, stage.south)])
    stage.compute()
    parts = {part.section: part for part in stage.result(both).parts}
    assert list(parts) == ["common", "tp_tu_phap", "nn_dat_dai"]
    assert [(part.position_id, part.unit_id) for part in parts.values()] == [
        (None, stage.north.id),
        (stage.justice.id, stage.north.id),
        (stage.land.id, stage.south.id),
    ]
    assert [(part.awarded, part.possible, part.right, part.questions) for part in parts.values()] == [
        (2000, 2000, 2, 2),
        (2000, 2000, 2, 2),
        (1000, 2000, 1, 2),
    ]


def test_the_snapshot_keeps_what_it_was(stage: Scene) -> None:
    candidate = stage.candidate("Phạm Thị Bốn", right=3)
    stage.compute()
    frozen = stage.result(candidate).frozen
    assert frozen["full_name"] == "Phạm Thị Bốn"
    assert frozen["round"] == {"code": "KT-2026-Q4", "name": "Kỳ thi kỹ năng Quý IV (mẫu)"}
    assert (frozen["answered"], frozen["questions"], frozen["pass_percent"]) == (4, 4, 50)
    assert frozen["positions"] == ["Tư pháp"]


def test_items_keep_the_response_and_the_mark(stage: Scene) -> None:
    candidate = stage.candidate(right=2)
    stage.compute()
    with stage.build.app.app_context():
        statement = select(ResultItem.slot, ResultItem.response, ResultItem.awarded).order_by(ResultItem.slot)
        found = db.session.execute(statement.where(ResultItem.result_id == stage.result(candidate).id)).all()
    assert [tuple(row) for row in found] == [(1, "[1]", 1000), (2, "[1]", 1000), (3, "[2]", 0), (4, "", 0)]


@pytest.mark.parametrize("times", [1, 3])
def test_computing_again_writes_nothing(stage: Scene, times: int) -> None:
    for name, right in (("Một", 0), ("Hai", 2), ("Ba", 4)):
        stage.candidate(f"Đỗ Văn {name}", right=right)
    stage.compute()
    before = [(result.ref, result.computed_at, result.awarded) for result in stage.results()]
    for _ in range(times):
        outcome = stage.compute()
        assert (outcome.new, outcome.changed, outcome.same) == (0, 0, 3)
    assert [(result.ref, result.computed_at, result.awarded) for result in stage.results()] == before


def test_other_answers_give_a_new_version_and_keep_the_old(stage: Scene) -> None:
    candidate, untouched = stage.candidate(right=1), stage.candidate("Vũ Thị Năm", right=3)
    stage.compute()
    stage.change_answers(candidate, {1: [1], 2: [1], 3: [1]})
    outcome = stage.compute(reason="Hội đồng chấp nhận bài gửi muộn")
    assert (outcome.new, outcome.changed, outcome.same) == (0, 1, 1)
    old, new = stage.results(candidate)
    assert (old.version, old.is_current, old.awarded, old.reason) == (1, False, 1000, "")
    assert (new.version, new.is_current, new.awarded) == (2, True, 3000)
    assert new.reason == "Hội đồng chấp nhận bài gửi muộn"
    assert old.ref != new.ref
    assert len(stage.results(untouched)) == 1


def test_a_changed_answer_with_the_same_mark_is_a_version_too(stage: Scene) -> None:
    candidate = stage.candidate(right=1)
    stage.compute()
    stage.change_answers(candidate, {1: [1], 2: [3]})
    assert stage.compute().changed == 1
    assert stage.result(candidate).reason


def test_an_open_round_is_not_computed(stage: Scene) -> None:
    stage.set_round(state=RoundState.OPEN)
    with pytest.raises(Conflict, match="chưa đóng"):
        stage.compute()


def test_a_published_round_wants_a_reason_and_a_recognised_one_takes_none(stage: Scene) -> None:
    stage.candidate(right=1)
    stage.publish()
    with pytest.raises(Invalid) as blamed:
        stage.compute()
    assert blamed.value.field == "reason"
    assert stage.compute(reason="Kiểm tra lại").same == 1
    with stage.build.app.app_context(), unit_of_work() as session:
        exam_round = session.get_one(ExamRound, stage.round.id)
        recognise_round(exam_round, number="1/QĐ", date=clock.local(exam_round.closed_at).date())
    with pytest.raises(Conflict, match="đã được công nhận"):
        stage.compute(reason="Kiểm tra lại")


def test_the_job_does_the_same_in_steps_and_says_what_came_of_it(stage: Scene) -> None:
    for number in range(30):
        stage.candidate(f"Hoàng Văn {number}", right=number % 5)
    stage.candidate("Hoàng Thị Đang", right=1, submitted=False)
    owner = stage.organiser()
    with stage.build.app.app_context():
        with unit_of_work():
            start_job("results.compute", title="Tính", owner_id=owner.id, round_id=stage.round.id, url="/results/x")
        run_waiting()
        job = db.session.scalars(select(Job)).one()
        assert job.state is JobState.DONE, job.message
        assert job.message == (
            "Đã chấm 30 bài: 30 kết quả mới, 0 kết quả thay đổi, 0 giữ nguyên. "
            "Còn 1 bài chưa chốt, sẽ tính được khi hết thời hạn nhận bài."
        )
        assert job.result_url == "/results/x"
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "results.computed")).one()
        assert json.loads(event.details) == {"asked_by": owner.id, "changed": 0, "new": 30, "same": 0}
    assert len(stage.results()) == 30


def test_publishing_is_refused_while_sittings_are_unsettled(stage: Scene) -> None:
    stage.candidate(right=1)
    late = stage.candidate("Ngô Thị Trễ", right=1, submitted=False)
    stage.compute()
    with stage.build.app.app_context(), pytest.raises(Conflict, match=f"1 bài chưa chốt: {late.number} – Ngô Thị Trễ"):
        publish(stage)
    with stage.build.app.app_context():
        assert unsettled(stage.round.id) == [f"{late.number} – Ngô Thị Trễ"]


def publish(stage: Scene) -> None:
    with unit_of_work() as session:
        publish_round(session.get_one(ExamRound, stage.round.id))


def test_publishing_is_refused_while_results_are_missing_and_names_the_first_ten(stage: Scene) -> None:
    for number in range(12):
        stage.candidate(f"Bùi Văn {number}", right=1)
    stage.compute()
    with stage.build.app.app_context():
        with unit_of_work() as session:
            for kind in (ResultItem, ResultPart, Result):
                session.query(kind).delete()
        assert len(without_result(stage.round.id)) == 12
        with pytest.raises(Conflict) as refused:
            publish(stage)
    assert "12 bài chưa có kết quả" in refused.value.message
    assert refused.value.message.count("–") == 10
    assert "và 2 người khác" in refused.value.message


def test_publishing_twice_is_refused_and_recorded_once(stage: Scene) -> None:
    stage.candidate(right=1)
    stage.publish()
    with stage.build.app.app_context():
        with pytest.raises(Conflict):
            publish(stage)
        published = select(func.count()).where(AuditEvent.action == "results.published")
        assert db.session.scalar(published.select_from(AuditEvent)) == 1
    assert stage.build.get(ExamRound, stage.round.id).published_at is not None


@pytest.mark.parametrize(
    ("number", "days", "field"), [("", 0, "number"), ("  ", 0, "number"), ("1/QĐ", 2, "date"), ("1/QĐ", -40, "date")]
)
def test_a_decision_has_a_number_and_a_possible_date(stage: Scene, number: str, days: int, field: str) -> None:
    from datetime import timedelta

    from examapp.core import clock

    stage.candidate(right=1)
    stage.publish()
    with stage.build.app.app_context(), unit_of_work() as session:
        exam_round = session.get_one(ExamRound, stage.round.id)
        with pytest.raises(Invalid) as blamed:
            recognise_round(exam_round, number=number, date=clock.today() + timedelta(days=days))
    assert blamed.value.field == field


def test_a_rehearsal_is_never_recognised(build: Builder) -> None:
    stage = scene(build, purpose=Purpose.REHEARSAL)
    stage.candidate(right=1)
    with pytest.raises(Conflict, match="thi thử"):
        stage.recognise()


def test_a_closed_round_is_not_recognised(stage: Scene) -> None:
    from examapp.core import clock

    with stage.build.app.app_context(), unit_of_work() as session, pytest.raises(Conflict):
        recognise_round(session.get_one(ExamRound, stage.round.id), number="1/QĐ", date=clock.today())


def test_recognised_results_are_the_current_ones_of_official_rounds_of_the_year(stage: Scene) -> None:
    candidate, absent = stage.candidate(right=1), stage.candidate("Lý Văn Vắng")
    stage.publish()
    ids, year = [candidate.official_id, absent.official_id], stage.round.year
    with stage.build.app.app_context():
        assert recognised_results(ids, year=year) == {candidate.official_id: [], absent.official_id: []}
    stage.change_answers(candidate, {1: [1], 2: [1], 3: [1], 4: [1]})
    stage.compute(reason="Tính lại")
    with stage.build.app.app_context():
        with unit_of_work() as session:
            exam_round = session.get_one(ExamRound, stage.round.id)
            recognise_round(exam_round, number="7/QĐ-UBND", date=clock.local(exam_round.closed_at).date())
        found = recognised_results(ids, year=year)
        assert [(one.version, one.awarded) for one in found[candidate.official_id]] == [(2, 4000)]
        assert found[absent.official_id] == []
        assert recognised_results(ids, year=year - 1)[candidate.official_id] == []


def test_participation_tells_the_absent_from_the_excused(stage: Scene) -> None:
    stage.candidate(right=1)
    stage.candidate("Mai Thị Đang", right=1, submitted=False, unit=stage.south)
    stage.candidate("Mai Văn Vắng")
    stage.candidate("Mai Văn Miễn", state=CandidateState.EXCUSED, reason="Nghỉ thai sản")
    stage.candidate("Mai Văn Rút", state=CandidateState.WITHDRAWN, reason="Chuyển công tác")
    with stage.build.app.app_context():
        count = participation(stage.build.get(ExamRound, stage.round.id))
        assert (count.listed, count.enrolled, count.excused, count.withdrawn) == (5, 3, 1, 1)
        assert (count.sat, count.submitted, count.absent) == (2, 1, 1)
        assert participation(stage.build.get(ExamRound, stage.round.id), unit_ids={stage.south.id}).listed == 1


# What the database itself refuses


def stored(stage: Scene, **columns: object) -> None:
    candidate = stage.candidate(right=1)
    stage.compute()
    first = stage.result(candidate)
    names = ("round_id", "candidate_id", "official_id", "unit_id", "position_id", "awarded", "possible", "passed")
    values = {name: getattr(first, name) for name in names} | {"snapshot": "{}"} | columns
    stage.build.save(Result(**values))


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"version": 2, "is_current": True, "reason": "x"}, "current"),
        ({"version": 1, "is_current": False}, "version"),
        ({"version": 2, "is_current": False, "reason": ""}, "reason"),
        ({"version": 2, "is_current": False, "reason": "x", "awarded": 5000}, "awarded"),
        ({"version": 2, "is_current": False, "reason": "x", "awarded": -1}, "awarded"),
    ],
)
def test_constraints_of_results(stage: Scene, columns: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError):
        stored(stage, **columns)


def test_a_result_has_a_section_once_and_no_more_than_possible(stage: Scene) -> None:
    candidate = stage.candidate(right=1)
    stage.compute()
    base = {"result_id": stage.result(candidate).id, "unit_id": stage.north.id, "right": 1, "questions": 1}
    for section, awarded in (("common", 0), ("other", 2000)):
        with pytest.raises(IntegrityError):
            stage.build.save(ResultPart(section=section, awarded=awarded, possible=1000, **base))


def test_an_item_earns_no_more_than_possible(stage: Scene) -> None:
    candidate = stage.candidate(right=1)
    stage.compute()
    item = ResultItem(result_id=stage.result(candidate).id, slot=99, version_id=stage.common[0], awarded=2, possible=1)
    with pytest.raises(IntegrityError):
        stage.build.save(item)


def test_compute_in_a_transaction_of_the_caller_leaves_the_commit_to_it(stage: Scene) -> None:
    stage.candidate(right=1)
    with stage.build.app.app_context():
        from examapp.core.db import writing

        with writing():
            compute_results(stage.round.id)
            db.session.rollback()
    assert stage.results() == []
