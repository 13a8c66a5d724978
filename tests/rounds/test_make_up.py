"""One more paper for one candidate: from other questions, for another shift, written like the first."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from examapp.audit.models import AuditEvent
from examapp.bank.models import Citation, Exposure, FrozenCitation, Question, QuestionVersion
from examapp.core import clock
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.rounds.make_up import MakeUp, add_shift, draw_make_up
from examapp.rounds.models import Candidate, ExamRound, Paper, RoundState, Shift
from examapp.rounds.papers import current_paper
from examapp.rounds.services import close_round, open_round
from question_bank.paper import Layout
from tests.builders import Builder
from tests.rounds.builders import MORNING, World, world

NOW = MORNING + timedelta(minutes=20)
"""Twenty minutes into the first of two shifts of a morning."""


def sealed(build: Builder, *, common: int = 6, own: int = 6, shifts: int = 2, **values: Any) -> tuple[World, ExamRound]:
    """An open round with one candidate, seated in its first shift."""
    here = world(build, common=common, own=own)
    here.person("Trần Thị Mẫu", here.justice)
    exam_round = here.round(shifts=shifts, **values)
    here.enrol(exam_round)
    with build.app.app_context(), database.unit_of_work():
        row = db.session.get_one(ExamRound, exam_round.id)
        db.session.scalars(select(Candidate)).one().shift = row.shifts[0]
    here.seal(exam_round)
    with build.app.app_context(), database.unit_of_work():
        open_round(db.session.get_one(ExamRound, exam_round.id), now=MORNING)
    return here, exam_round


def draw(build: Builder, *, shift: int = 1, now: datetime = NOW) -> tuple[Layout, Layout, int]:
    """The first paper, the make-up, and how many questions it repeats."""
    with build.app.app_context(), database.unit_of_work():
        made = drawn(shift, now)
        papers = db.session.scalars(select(Paper).order_by(Paper.number)).all()
        first, last = (Layout.from_json(json.loads(paper.layout)) for paper in (papers[0], papers[-1]))
        assert made.paper is papers[-1]
        assert last.digest() == made.paper.digest
        return first, last, made.repeated


def drawn(shift: int = 1, now: datetime = NOW) -> MakeUp:
    candidate = db.session.scalars(select(Candidate)).one()
    return draw_make_up(candidate, candidate.round.shifts[shift], reason="Mất điện", demo=True, now=now)


def versions(layout: Layout) -> set[int]:
    return {slot.question_id for slot in layout.slots}


def test_it_asks_other_questions_in_the_same_proportions(build: Builder) -> None:
    _here, exam_round = sealed(build)
    first, second, repeated = draw(build)
    assert (repeated, versions(first) & versions(second)) == (0, set())
    assert [slot.section for slot in second.slots] == [slot.section for slot in first.slots]
    assert second.minutes == first.minutes == 30
    with build.app.app_context():
        candidate = db.session.scalars(select(Candidate)).one()
        assert (candidate.shift.name if candidate.shift else "", current_paper(candidate.id).number) == ("Ca 2", 2)
        uses = dict(db.session.execute(select(Exposure.version_id, Exposure.papers)).all())
        assert uses == dict.fromkeys(versions(first) | versions(second), 1)
        assert set(db.session.scalars(select(FrozenCitation.version_id))) == set(uses)
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "paper.make_up")).one()
        told = json.loads(event.details)
        assert (told["old"], told["new"], told["number"], told["repeated"]) == ("Ca 1", "Ca 2", 2, 0)
        assert told["digest"] == second.digest()
        assert event.target_id == exam_round.code


@pytest.mark.parametrize(("common", "own", "repeats"), [(4, 6, 2), (6, 5, 1), (3, 3, 6)])
def test_a_small_bank_repeats_as_little_as_it_must(build: Builder, common: int, own: int, repeats: int) -> None:
    sealed(build, common=common, own=own)
    first, second, repeated = draw(build)
    assert repeated == repeats == len(versions(first) & versions(second))
    with build.app.app_context():
        uses = dict(db.session.execute(select(Exposure.version_id, Exposure.papers)).all())
        assert uses == {v: (v in versions(first)) + (v in versions(second)) for v in uses}


def test_a_third_paper_knows_both_before(build: Builder) -> None:
    sealed(build, common=9, own=9, shifts=3)
    first, second, _repeated = draw(build)
    _first, third, repeated = draw(build, shift=2)
    assert repeated == 0
    assert not versions(third) & (versions(first) | versions(second))


def test_what_was_reworded_since_counts_as_seen(build: Builder) -> None:
    """A newer version of a question on the first paper is the same question."""
    sealed(build)
    with build.app.app_context(), database.unit_of_work():
        layout = Layout.from_json(json.loads(db.session.scalars(select(Paper.layout)).one()))
        of_first = set(db.session.scalars(select(Question.id).where(Question.current_id.in_(versions(layout)))))
        for question in db.session.scalars(select(Question).where(Question.id.in_(of_first))):
            question.current_id = reworded(db.session.get_one(QuestionVersion, question.current_id)).id
    _first, second, repeated = draw(build)
    with build.app.app_context():
        asked = set(db.session.scalars(select(Question.id).where(Question.current_id.in_(versions(second)))))
    assert (len(asked), repeated) == (6, 0)
    assert not asked & of_first


def reworded(old: QuestionVersion) -> QuestionVersion:
    """The next version of a question, which cites what the old one cited."""
    kept = {c.name: getattr(old, c.name) for c in QuestionVersion.__table__.columns if c.name not in {"id", "number"}}
    version = QuestionVersion(**kept, number=old.number + 1)
    db.session.add(version)
    db.session.flush()
    for citation in db.session.scalars(select(Citation).where(Citation.version_id == old.id)):
        db.session.add(Citation(version_id=version.id, document_id=citation.document_id, symbol=citation.symbol))
    return version


def test_the_same_draw_gives_the_same_paper_and_the_number_is_in_the_seed(build: Builder) -> None:
    sealed(build, common=4, own=4)
    with build.app.app_context():
        digests = []
        for _time in range(2):
            with database.writing():
                digests.append(drawn().paper.digest)
                db.session.rollback()
    assert len(set(digests)) == 1
    first, second, _repeated = draw(build)
    assert first.digest() != second.digest() == digests[0]


@pytest.mark.parametrize(
    ("shift", "now", "words"),
    [
        (0, MORNING + timedelta(hours=1.5), "đã kết thúc"),
        (1, MORNING + timedelta(hours=3, minutes=1), "chỉ còn 29 phút"),
    ],
)
def test_nobody_is_given_less_time_than_the_paper_takes(build: Builder, shift: int, now: datetime, words: str) -> None:
    sealed(build)
    with pytest.raises(Invalid, match=words) as refusal:
        draw(build, shift=shift, now=now)
    assert refusal.value.field == "shift"


def test_a_shift_that_is_full_or_of_another_round_takes_nobody(build: Builder) -> None:
    _here, exam_round = sealed(build)
    with build.app.app_context(), database.unit_of_work():
        db.session.get_one(ExamRound, exam_round.id).shifts[1].capacity = 1
        db.session.scalars(select(Candidate)).one().shift = exam_round_shift(exam_round, 1)
    other = build.official("Đỗ Văn Bình")
    build.post(other, _here.justice, _here.offices[0])
    with build.app.app_context(), database.unit_of_work():
        candidate = db.session.scalars(select(Candidate)).one()
        clone = Candidate(
            **{
                column.name: getattr(candidate, column.name)
                for column in Candidate.__table__.columns
                if column.name not in {"id", "official_id", "number", "shift_id"}
            },
            official_id=other.id,
            number="999",
        )
        db.session.add(clone)
        db.session.flush()
        with pytest.raises(Invalid, match="đã đủ 1 chỗ"):
            draw_make_up(clone, exam_round_shift(exam_round, 1), reason="x", demo=True, now=NOW)
        foreign = Shift(round_id=exam_round.id + 99, name="x", starts_at=NOW, ends_at=NOW + timedelta(hours=2))
        with pytest.raises(NotFound):
            draw_make_up(candidate, foreign, reason="x", demo=True, now=NOW)
        db.session.expunge_all()


def exam_round_shift(exam_round: ExamRound, index: int) -> Shift:
    return db.session.get_one(ExamRound, exam_round.id).shifts[index]


def test_a_closed_round_has_no_make_ups(build: Builder) -> None:
    _here, exam_round = sealed(build)
    with build.app.app_context(), database.unit_of_work():
        row = db.session.get_one(ExamRound, exam_round.id)
        with pytest.raises(Conflict, match="Còn 2 lần"):
            close_round(row, now=NOW + timedelta(days=1), unfinished=["Còn 2 lần gián đoạn."])
        assert row.state is RoundState.OPEN
        close_round(row, now=NOW + timedelta(days=1), confirmed=True, unfinished=["Còn 2 lần gián đoạn."])
    with pytest.raises(Conflict, match="không còn mở"):
        draw(build)
    with build.app.app_context(), database.writing(), pytest.raises(Conflict, match="không còn mở"):
        add_shift(
            db.session.get_one(ExamRound, exam_round.id),
            name="Ca thi bù",
            starts_at=NOW + timedelta(days=1),
            ends_at=NOW + timedelta(days=1, hours=2),
            now=NOW,
        )


def test_a_shift_is_added_while_the_round_is_open(build: Builder) -> None:
    """And its day is the day by whose law the questions are chosen."""
    here, exam_round = sealed(build)
    starts = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
    with build.app.app_context(), database.unit_of_work():
        row = db.session.get_one(ExamRound, exam_round.id)
        given = {"name": "Ca thi bù", "starts_at": starts, "ends_at": starts + timedelta(hours=1), "now": NOW}
        for wrong in (
            {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)},
            {"name": "Ca 1"},
            {"ends_at": starts + timedelta(minutes=29)},
        ):
            with pytest.raises(Invalid):
                add_shift(row, **(given | wrong))
        shift = add_shift(row, **given)
        assert [one.name for one in row.shifts] == ["Ca 1", "Ca 2", "Ca thi bù"]
        made = draw_make_up(db.session.scalars(select(Candidate)).one(), shift, reason="Mất điện", demo=True, now=NOW)
        assert made.paper.number == 2
    assert clock.local(starts).day == 20
    assert here
