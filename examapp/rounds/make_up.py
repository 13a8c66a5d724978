"""A further paper for one candidate whose sitting was stopped: on another shift, from other questions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update

from examapp.audit.services import record
from examapp.bank import frozen
from examapp.bank.models import Exposure
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.words import _
from examapp.rounds.acquaintance import questions_of
from examapp.rounds.candidates import has_room
from examapp.rounds.drawing import Plan, check_plan, draw_one, items_of, paper_minutes, read_plan
from examapp.rounds.models import Candidate, ExamRound, Paper, RoundState, Shift
from examapp.rounds.shifts import check_times
from question_bank.paper import Layout


@dataclass(frozen=True, slots=True)
class MakeUp:
    """The paper, and how many of its questions the candidate has had before: none where the bank allows it."""

    paper: Paper
    repeated: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The paper as it would be, drawn and not sealed: the same until the bank or the shift changes."""

    layout: Layout
    number: int
    repeated: int

    @property
    def questions(self) -> int:
        return len(self.layout.slots)


def shifts_to_come(exam_round: ExamRound, now: datetime) -> list[Shift]:
    """Shifts in which a make-up can be sat."""
    return [shift for shift in exam_round.shifts if shift.ends_at > now]


def add_shift(
    exam_round: ExamRound,
    *,
    name: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str = "",
    contact: str = "",
    now: datetime,
) -> Shift:
    """A shift for make-ups, in a round that is open: its candidates are seated one by one, each by a decision."""
    require_open(exam_round)
    if starts_at <= now:
        raise Invalid(_("Ca thi bù phải bắt đầu sau lúc này."), field="starts_at")
    check_times(exam_round, None, name=name, starts_at=starts_at, ends_at=ends_at, place=place)
    shift = Shift(round_id=exam_round.id, name=name, starts_at=starts_at, ends_at=ends_at, place=place, contact=contact)
    db.session.add(shift)
    db.session.flush()
    db.session.expire(exam_round, ["shifts"])
    record("shift.saved", "round", exam_round.code, shift=name, starts_at=starts_at, ends_at=ends_at, place=place)
    return shift


def require_open(exam_round: ExamRound) -> None:
    if exam_round.state not in {RoundState.SEALED, RoundState.OPEN}:
        raise Conflict(
            _("Kỳ thi không còn mở nên không tổ chức thi bù được."),
            advice=_("Hãy ghi là không thi bù, kèm lý do; người này dự một kỳ thi khác nếu cần."),
        )


def draw_make_up(candidate: Candidate, shift: Shift, *, reason: str, demo: bool, now: datetime) -> MakeUp:
    """Draw and seal one more paper, and seat the candidate in the shift where it is sat."""
    drawing = drawing_of(candidate, shift, demo=demo, now=now)
    number, repeated = drawing.number, drawing.repeated
    paper = _seal(candidate, drawing.layout, number, now)
    _expose(candidate.round, drawing.layout, shift)
    old, candidate.shift = candidate.shift, shift
    db.session.flush()
    record(
        "paper.make_up",
        "round",
        candidate.round.code,
        candidate=candidate.number,
        number=number,
        digest=paper.digest,
        old=old.name if old is not None else "",
        new=shift.name,
        repeated=repeated,
        reason=reason,
    )
    return MakeUp(paper, repeated)


def drawing_of(candidate: Candidate, shift: Shift, *, demo: bool, now: datetime) -> Drawing:
    """What :func:`draw_make_up` would seal now; nothing is written."""
    _check(candidate, shift, now)
    earlier = _papers_of(candidate)
    plan = read_plan(candidate.round, demo=demo, days=[clock.local(shift.starts_at).date()], candidates=[candidate])
    number = max((paper.number for paper in earlier), default=0) + 1
    plan = replace(plan, seed=f"{plan.seed}/{number}")
    check_plan(plan)
    _check_length(plan, shift, now)
    layout, repeated = _draw(plan, earlier)
    return Drawing(layout, number, repeated)


def _check(candidate: Candidate, shift: Shift, now: datetime) -> None:
    require_open(candidate.round)
    if shift.round_id != candidate.round_id:
        raise NotFound()
    if shift.ends_at <= now:
        raise Invalid(_("Ca “%(name)s” đã kết thúc. Hãy chọn ca khác.", name=shift.name), field="shift")
    if shift.id != candidate.shift_id and not has_room(shift):
        raise Invalid(_("Ca “%(name)s” đã đủ %(n)s chỗ.", name=shift.name, n=shift.capacity), field="shift")


def _check_length(plan: Plan, shift: Shift, now: datetime) -> None:
    """Whoever sits a make-up has the whole time for it."""
    minutes = paper_minutes(plan, plan.people[0].positions)
    left = int((shift.ends_at - max(now, shift.starts_at)).total_seconds() // 60)
    if left < minutes:
        raise Invalid(
            _(
                "Ca “%(name)s” chỉ còn %(left)s phút, không đủ %(minutes)s phút làm bài. Hãy chọn ca khác.",
                name=shift.name,
                left=left,
                minutes=minutes,
            ),
            field="shift",
        )


def _papers_of(candidate: Candidate) -> Sequence[Paper]:
    return db.session.scalars(select(Paper).where(Paper.candidate_id == candidate.id).order_by(Paper.number)).all()


def _versions_on(papers: Iterable[Paper]) -> set[int]:
    return {slot["question_id"] for paper in papers for slot in json.loads(paper.layout)["slots"]}


def _draw(plan: Plan, earlier: Sequence[Paper]) -> tuple[Layout, int]:
    """Without any question of the earlier papers; with as few of them as can be where the bank has no others."""
    (person,) = plan.people
    item_ids = {item.id for part in plan.parts.values() for item in part.items}
    seen = items_of(item_ids)(set(questions_of(_versions_on(earlier)).values()))
    layout = draw_one(plan, replace(person, avoid=person.avoid | seen))
    if layout is None:
        layout = draw_one(plan, replace(person, prefer_not=person.prefer_not | seen))
    if layout is None:
        raise Invalid(
            _(
                "Ngân hàng không đủ câu hỏi cho một đề nữa của %(name)s (số báo danh %(number)s), sau khi bỏ các câu "
                "người này đã soạn, thẩm định hoặc xem.",
                name=person.full_name,
                number=person.number,
            ),
            advice=_("Hãy bổ sung câu hỏi vào ngân hàng rồi quyết định lại."),
        )
    return layout, sum(slot.question_id in seen for slot in layout.slots)


def _seal(candidate: Candidate, layout: Layout, number: int, now: datetime) -> Paper:
    paper = Paper(
        candidate_id=candidate.id,
        number=number,
        minutes=layout.minutes,
        layout=layout.canonical(),
        digest=layout.digest(),
        sealed_at=now,
        batch=candidate.round.batch,
    )
    db.session.add(paper)
    db.session.flush()
    return paper


def _expose(exam_round: ExamRound, layout: Layout, shift: Shift) -> None:
    """Count the paper, and freeze what its questions cite where no paper of the round has had them yet."""
    versions = {slot.question_id for slot in layout.slots}
    before = set(
        db.session.scalars(
            select(Exposure.version_id).where(Exposure.round_id == exam_round.id, Exposure.version_id.in_(versions))
        )
    )
    db.session.execute(
        update(Exposure)
        .where(Exposure.round_id == exam_round.id, Exposure.version_id.in_(before))
        .values(papers=Exposure.papers + 1)
        .execution_options(synchronize_session=False)
    )
    new = sorted(versions - before)
    db.session.add_all(Exposure(version_id=version_id, round_id=exam_round.id, papers=1) for version_id in new)
    db.session.flush()
    frozen.freeze_citations(exam_round.id, new, on=clock.local(shift.starts_at).date())
