"""Answers that came too late to count by themselves: whose wait for the council, and what it decides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.core import clock, text
from examapp.core.db import db, end_transaction, reading
from examapp.core.errors import Conflict, Invalid
from examapp.core.words import _
from examapp.rounds.candidates import require_not_own
from examapp.rounds.models import Candidate, ExamRound
from examapp.sittings.codes import Key
from examapp.sittings.council import require_may_decide
from examapp.sittings.events import events_of, facts_of
from examapp.sittings.late_answers import LateSitting, count_waiting_of_all, key_of, late_of, late_of_all
from examapp.sittings.models import Addendum, AnswerEvent, EventDecision, Sitting, SittingState
from examapp.sittings.settle import MARGIN_MS, record_of, responses_of, short_code
from examapp.sittings.standing import SUBMISSION, answers_in, standings
from question_bank.question import digest

MOST_REASON = 300


def waiting_events(exam_round: ExamRound) -> list[LateSitting]:
    """Whoever has answers that wait for the council, by name."""
    return [late for late in late_events(exam_round) if late.waiting]


def late_events(exam_round: ExamRound) -> list[LateSitting]:
    """Whoever has late answers at all: waiting, decided, or sent after the submission."""
    came_late = (
        exists()
        .where(
            AnswerEvent.sitting_id == Sitting.id,
            AnswerEvent.slot > SUBMISSION,
            or_(AnswerEvent.received_ms > Sitting.deadline_ms, AnswerEvent.received_ms > Sitting.submitted_ms),
        )
        .correlate(Sitting)
    )
    decided = exists().where(EventDecision.sitting_id == Sitting.id).correlate(Sitting)
    found = _sittings().where(Candidate.round_id == exam_round.id, or_(came_late, decided))
    return [late for late in late_of_all(list(db.session.scalars(found))) if late.events]


def count_waiting(round_ids: Collection[int]) -> dict[int, int]:
    """How many settled answers wait for the council, by round; looks only at sittings that could have one."""
    undecided = ~exists().where(
        EventDecision.sitting_id == AnswerEvent.sitting_id,
        EventDecision.writer == AnswerEvent.writer,
        EventDecision.seq == AnswerEvent.seq,
    )
    too_late = or_(
        AnswerEvent.received_ms > Sitting.late_ms,
        (AnswerEvent.received_ms > Sitting.deadline_ms) & (AnswerEvent.answered_ms > Sitting.deadline_ms),
    )
    waits = exists().where(AnswerEvent.sitting_id == Sitting.id, AnswerEvent.slot > SUBMISSION, too_late, undecided)
    found = _sittings().where(
        Candidate.round_id.in_(round_ids),
        Sitting.state == SittingState.SETTLED,
        waits.correlate(Sitting),
    )
    counts: dict[int, int] = {}
    sittings = list(db.session.scalars(found))
    by_sitting = count_waiting_of_all(sittings)
    for sitting in sittings:
        if waiting := by_sitting[sitting.id]:
            round_id = sitting.candidate.round_id
            counts[round_id] = counts.get(round_id, 0) + waiting
    return counts


def _sittings() -> Select[Sitting]:
    return (
        select(Sitting)
        .join(Sitting.candidate)
        .where(Sitting.is_counting)
        .options(joinedload(Sitting.candidate), joinedload(Sitting.paper))
        .order_by(Candidate.sort_key, Candidate.id)
    )


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision would come to, before it is taken."""

    slots: list[int]
    """Questions of the late answers it is about."""
    changed: list[int]
    """Questions whose counting answer becomes another one."""
    keys: list[Key]
    """Answers about which it says something new."""


def effect_of(sitting: Sitting, keys: Collection[Key], *, accepted: bool) -> Effect:
    """Nothing is written, and nobody who writes waits meanwhile; which answers they are is not told.

    It stands before anything is changed: the present transaction ends."""
    with reading():
        found = _effect_of(sitting, keys, accepted=accepted)
        end_transaction(db.session)
        return found


def _effect_of(sitting: Sitting, keys: Collection[Key], *, accepted: bool) -> Effect:
    late = {key_of(event.placed): event for event in late_of(sitting).events}
    if not keys:
        raise Invalid(_("Hãy chọn ít nhất một lượt trả lời."), field="pick")
    if unknown := [key for key in keys if key not in late or not late[key].can_be_decided]:
        raise Invalid(
            _("Có %(n)s lượt trả lời không thuộc danh sách quyết định được.", n=len(unknown)),
            field="pick",
            advice=_("Hãy mở lại trang và chọn lại: danh sách có thể vừa thay đổi."),
        )
    facts = facts_of(sitting)
    new = sorted(key for key in set(keys) if facts.decisions.get(key) is not accepted)
    decisions = {**facts.decisions, **dict.fromkeys(new, accepted)}
    then = answers_in(standings(events_of(sitting), replace(facts, decisions=decisions)))
    now = responses_of(sitting)
    changed = sorted(slot for slot in {*then, *now} if then.get(slot) != now.get(slot))
    return Effect(sorted({late[key].slot for key in keys}), changed if new else [], new)


def decide(
    sitting: Sitting, keys: Collection[Key], *, accepted: bool, reason: str, by: Account, now: datetime
) -> Addendum | None:
    """Write down what the council decided about late answers, and what counts since, beside the settled record.

    Deciding the same again writes nothing; another decision about the same answer is a row of its own."""
    require_decidable(sitting, reason=reason, by=by)
    reason = reason.strip()
    db.session.execute(select(Sitting.id).where(Sitting.id == sitting.id).with_for_update())
    effect = _effect_of(sitting, keys, accepted=accepted)
    if not effect.keys:
        return None
    for writer, seq in effect.keys:
        db.session.add(
            EventDecision(
                sitting_id=sitting.id, writer=writer, seq=seq, accepted=accepted, reason=reason, by_id=by.id, at=now
            )
        )
    db.session.flush()
    addendum = _add_addendum(sitting, reason=reason, by=by, now=now)
    record(
        "sitting.late_decided",
        "sitting",
        sitting.ref,
        accepted=accepted,
        count=len(effect.keys),
        questions=effect.slots,
        reason=reason,
        number=addendum.number,
        receipt=addendum.receipt,
    )
    return addendum


def require_decidable(sitting: Sitting, *, reason: str, by: Account) -> None:
    """Whether this person may decide about this sitting now, for that reason; says what is in the way."""
    require_not_own(sitting.candidate, person=by)
    require_may_decide(sitting.candidate.round, by)
    _require_settled(sitting)
    if not reason.strip():
        raise Invalid(_("Hãy ghi lý do quyết định; người dự thi đọc được lý do này."), field="reason")
    if len(reason.strip()) > MOST_REASON:
        raise Invalid(_("Lý do dài quá %(n)s ký tự.", n=MOST_REASON), field="reason")


def _require_settled(sitting: Sitting) -> None:
    if sitting.state is SittingState.STOPPED:
        raise Conflict(_("Lượt làm bài này đã dừng để thi bù nên không được tính; không có gì để quyết định."))
    if sitting.state is not SittingState.SETTLED:
        at = text.format_moment(clock.from_ms(sitting.late_ms + MARGIN_MS))
        raise Conflict(
            _("Lượt làm bài này chưa chốt nên hội đồng chưa quyết định được."),
            advice=_("Bài được chốt khi nộp, chậm nhất ngay sau %(at)s; sau đó hãy quyết định.", at=at),
        )


def _add_addendum(sitting: Sitting, *, reason: str, by: Account, now: datetime) -> Addendum:
    last = db.session.scalar(select(func.max(Addendum.number)).where(Addendum.sitting_id == sitting.id))
    made = record_of(sitting, sitting.paper.digest)
    addendum = Addendum(
        sitting_id=sitting.id,
        number=(last or 0) + 1,
        record=made,
        digest=digest(made),
        receipt=short_code(made),
        reason=reason,
        by_id=by.id,
        at=now,
    )
    db.session.add(addendum)
    db.session.flush()
    return addendum


def addenda_of(sitting: Sitting) -> list[Addendum]:
    """What was decided after settlement, in its order."""
    return list(db.session.scalars(select(Addendum).where(Addendum.sitting_id == sitting.id).order_by(Addendum.number)))
