"""Stops in the middle of a sitting: recorded by whoever watches, and time given back or the council asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, bindparam, func, select, update
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid
from examapp.core.words import _, ngettext
from examapp.rounds.candidates import require_not_own
from examapp.rounds.models import Candidate, Shift
from examapp.sittings.models import Extension, Sitting, SittingState, Stop, StopOutcome
from examapp.sittings.services import time_notice, with_notice

MINUTE = 60_000
TOUCHING_MS = MINUTE
"""Stops no further apart than this are one: a long stop told in pieces gives no more time back than told at once."""
MOST_REASON = 300


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody who was there says of a stop."""

    began: datetime
    ended: datetime
    devices_taken: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """One sitting's part of a stop: from when to when, and what follows from it."""

    sitting: Sitting
    began_ms: int
    ended_ms: int
    gives_back: bool
    together_ms: int
    """Its length with that of the stops recorded before which it touches."""
    why: str = ""
    """Why it waits, where its own length is no reason."""

    @property
    def minutes(self) -> int:
        """Length in whole minutes, rounded up."""
        return _minutes(self.ended_ms - self.began_ms)


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom a stop of a whole shift concerns, and who had it recorded before."""

    parts: list[Part]
    recorded: list[Sitting]


def record_stop(sitting: Sitting, report: Report, *, by: Account, now: datetime) -> Stop:
    """A stop of one person's sitting."""
    _check(report, now)
    require_not_own(sitting.candidate, person=by)
    _lock([sitting.id])
    db.session.refresh(sitting)
    if sitting.state is not SittingState.STARTED:
        raise Conflict(_("Bài này không còn đang làm nên không ghi gián đoạn được nữa."))
    if clock.to_ms(report.began) < _whole_minute(sitting.started_ms):
        raise Invalid(
            _(
                "Người này bắt đầu làm bài lúc %(at)s. Gián đoạn phải bắt đầu từ lúc đó trở đi.",
                at=clock.local(clock.from_ms(sitting.started_ms)).strftime("%H:%M"),
            ),
            field="began",
        )
    if clock.to_ms(report.began) >= sitting.deadline_ms:
        raise Invalid(_("Lúc đó giờ làm bài của người này đã hết, nên không có gì bị gián đoạn."), field="began")
    if _overlapping([sitting.id], report):
        raise Invalid(
            _("Đã có ghi nhận gián đoạn trùng vào khoảng này. Hãy xem các lần đã ghi và chỉ ghi phần còn thiếu."),
            field="began",
        )
    return _store(_parts([sitting], report), report, by=by, now=now)[0]


def plan_for_shift(shift: Shift, report: Report, *, by: Account, now: datetime) -> Plan:
    """Whom it would concern: every running sitting of the shift whose time was running then."""
    _check(report, now)
    running = (
        select(Sitting)
        .join(Sitting.candidate)
        .where(Candidate.shift_id == shift.id, Sitting.state == SittingState.STARTED)
        .where(Sitting.started_ms < clock.to_ms(report.ended), Sitting.deadline_ms > clock.to_ms(report.began))
        .options(joinedload(Sitting.candidate).joinedload(Candidate.round))
        .order_by(Candidate.sort_key, Candidate.id)
    )
    sittings = list(db.session.scalars(running))
    for sitting in sittings:
        require_not_own(sitting.candidate, person=by)
    recorded = _overlapping([sitting.id for sitting in sittings], report)
    return Plan(
        parts=_parts([sitting for sitting in sittings if sitting.id not in recorded], report),
        recorded=[sitting for sitting in sittings if sitting.id in recorded],
    )


def record_shift_stop(shift: Shift, report: Report, *, by: Account, now: datetime) -> list[Stop]:
    """A stop of everybody who is sitting in the shift; whoever had it recorded before is passed over."""
    _lock([part.sitting.id for part in plan_for_shift(shift, report, by=by, now=now).parts])
    parts = plan_for_shift(shift, report, by=by, now=now).parts
    if not parts:
        raise Conflict(
            _("Không có bài đang làm nào của ca này cần ghi gián đoạn trong khoảng đó."),
            advice=_("Hãy kiểm tra lại giờ, hoặc xem các lần gián đoạn đã ghi."),
        )
    return _store(parts, report, by=by, now=now)


def _check(report: Report, now: datetime) -> None:
    if not report.reason.strip():
        raise Invalid(_("Hãy ghi lý do gián đoạn."), field="reason")
    if report.ended <= report.began:
        raise Invalid(_("Giờ kết thúc phải sau giờ bắt đầu."), field="ended")
    if report.ended > now:
        raise Invalid(_("Gián đoạn phải kết thúc rồi mới ghi được: giờ này chưa đến."), field="ended")


def _whole_minute(ms: int) -> int:
    """People write down minutes: whoever began at 8:00:40 may say that it stopped at 8:00."""
    return ms - ms % MINUTE


def _lock(sitting_ids: Sequence[int]) -> None:
    """Two people who record the same stop wait for each other."""
    db.session.execute(select(Sitting.id).where(Sitting.id.in_(sitting_ids)).order_by(Sitting.id).with_for_update())


def _overlapping(sitting_ids: Sequence[int], report: Report) -> set[int]:
    """Which of the sittings have a stop recorded for some of that time."""
    found = select(Stop.sitting_id).where(
        Stop.sitting_id.in_(sitting_ids),
        Stop.began_ms < clock.to_ms(report.ended),
        Stop.ended_ms > clock.to_ms(report.began),
    )
    return set(db.session.scalars(found))


def _parts(sittings: Sequence[Sitting], report: Report) -> list[Part]:
    """The part of each, beside what was recorded of it before."""
    before: dict[int, list[tuple[int, int]]] = {}
    times = select(Stop.sitting_id, Stop.began_ms, Stop.ended_ms)
    for sitting_id, began, ended in db.session.execute(
        times.where(Stop.sitting_id.in_([sitting.id for sitting in sittings]))
    ):
        before.setdefault(sitting_id, []).append((began, ended))
    return [_part(sitting, report, before.get(sitting.id, [])) for sitting in sittings]


def _part(sitting: Sitting, report: Report, before: Sequence[tuple[int, int]]) -> Part:
    """Nobody loses time before one's own start."""
    began = max(clock.to_ms(report.began), _whole_minute(sitting.started_ms))
    ended = clock.to_ms(report.ended)
    limit = sitting.candidate.round.stop_limit_minutes
    together = _together(began, ended, before)
    why = ""
    if not report.devices_taken and ended - began <= limit * MINUTE < together:
        why = _(
            "liền với gián đoạn đã ghi, cộng lại %(n)s phút, quá %(limit)s phút",
            n=_minutes(together),
            limit=limit,
        )
    gives_back = not report.devices_taken and together <= limit * MINUTE
    return Part(sitting, began, ended, gives_back, together, why)


def _together(began: int, ended: int, before: Sequence[tuple[int, int]]) -> int:
    """The length of a stop and of all that it touches, one after the other, in both directions."""
    length, first, last = ended - began, began, ended
    for start, end in sorted(before):
        if start >= ended and start - last <= TOUCHING_MS:
            length, last = length + end - start, end
    for start, end in sorted(before, reverse=True):
        if end <= began and first - end <= TOUCHING_MS:
            length, first = length + end - start, start
    return length


def _minutes(ms: int) -> int:
    return -(-ms // MINUTE)


def _reason(part: Part, reason: str) -> str:
    """What was said, and why it waits all the same, where there is room for that."""
    told = f"{reason} ({part.why})" if part.why else reason
    return told if len(told) <= MOST_REASON else reason


def _store(parts: Sequence[Part], report: Report, *, by: Account, now: datetime) -> list[Stop]:
    reason = report.reason.strip()
    given = _give_back([part for part in parts if part.gives_back], reason, by=by, now=now)
    stops = [
        Stop(
            sitting_id=part.sitting.id,
            began_ms=part.began_ms,
            ended_ms=part.ended_ms,
            devices_taken=report.devices_taken,
            reason=_reason(part, reason),
            outcome=StopOutcome.TIME_BACK if part.gives_back else StopOutcome.WAITING,
            extension_id=given.get(part.sitting.id),
            by_id=by.id,
            at=now,
        )
        for part in parts
    ]
    db.session.add_all(stops)
    for part, stop in zip(parts, stops, strict=True):
        record(
            "stop.recorded",
            "sitting",
            part.sitting.ref,
            minutes=part.minutes,
            outcome=stop.outcome.value,
            reason=reason,
        )
    db.session.flush()
    for part in parts:
        db.session.expire(part.sitting)
    return stops


def _give_back(parts: Sequence[Part], reason: str, *, by: Account, now: datetime) -> dict[int, int]:
    """The time of each as an extension with its notice to the candidate, in few statements however many there are."""
    extensions = [
        Extension(sitting_id=part.sitting.id, minutes=part.minutes, reason=reason, by_id=by.id, at=now)
        for part in parts
    ]
    db.session.add_all(extensions)
    db.session.flush()
    if extensions:
        db.session.connection().execute(
            update(Sitting)
            .where(Sitting.id == bindparam("of"), Sitting.state == SittingState.STARTED)
            .values(
                deadline_ms=Sitting.deadline_ms + bindparam("more"),
                late_ms=Sitting.late_ms + bindparam("more"),
                notice=with_notice(bindparam("told", type_=Text)),
            ),
            [{"of": e.sitting_id, "more": e.minutes * MINUTE, "told": time_notice(e)} for e in extensions],
        )
    return {extension.sitting_id: extension.id for extension in extensions if extension.sitting_id is not None}


def stops_of(candidate_id: int) -> list[Stop]:
    """All that was recorded for a candidate, the latest first."""
    found = select(Stop).join(Sitting, Sitting.id == Stop.sitting_id).where(Sitting.candidate_id == candidate_id)
    return list(db.session.scalars(found.order_by(Stop.began_ms.desc(), Stop.id.desc())))


@dataclass(frozen=True, slots=True)
class Stopped:
    """A sitting that was stopped, as its candidate is told of it."""

    ref: str
    started: datetime
    decided_at: datetime
    reason: str


def stopped_of(candidate_ids: Iterable[int]) -> dict[int, list[Stopped]]:
    """By candidate, in their order; candidates without any are left out."""
    found = (
        select(Sitting.candidate_id, Sitting.ref, Sitting.started_ms, Stop.decided_at, Stop.decision)
        .join(Stop, Stop.sitting_id == Sitting.id)
        .where(Sitting.candidate_id.in_(list(candidate_ids)), Sitting.state == SittingState.STOPPED)
        .where(Stop.outcome == StopOutcome.MAKE_UP)
        .order_by(Sitting.id, Stop.id)
    )
    told: dict[int, dict[str, Stopped]] = {}
    for candidate_id, ref, started_ms, decided_at, reason in db.session.execute(found):
        if decided_at is not None:
            told.setdefault(candidate_id, {})[ref] = Stopped(ref, clock.from_ms(started_ms), decided_at, reason)
    return {candidate_id: list(sittings.values()) for candidate_id, sittings in told.items()}


@dataclass(frozen=True, slots=True)
class Pending:
    """A stop that gave no time back, as its candidate is told of it: it waits for the council, or was refused."""

    began: datetime
    ended: datetime
    reason: str
    decision: str
    """Why there is no make-up; empty while it waits."""


def pending_of(candidate_ids: Iterable[int]) -> dict[int, list[Pending]]:
    """By candidate, of the sitting that counts, in their order; candidates without any are left out."""
    found = (
        select(Sitting.candidate_id, Stop)
        .join(Stop, Stop.sitting_id == Sitting.id)
        .where(Sitting.candidate_id.in_(list(candidate_ids)), Sitting.is_counting)
        .where(Stop.outcome.in_([StopOutcome.WAITING, StopOutcome.REFUSED]))
        .order_by(Stop.began_ms, Stop.id)
    )
    told: dict[int, list[Pending]] = {}
    for candidate_id, stop in db.session.execute(found):
        times = clock.from_ms(stop.began_ms), clock.from_ms(stop.ended_ms)
        told.setdefault(candidate_id, []).append(Pending(*times, stop.reason, stop.decision))
    return told


def waiting_of(sitting_ids: Iterable[int]) -> set[int]:
    """Which of these sittings have a stop that the council has not decided about."""
    found = select(Stop.sitting_id).where(Stop.sitting_id.in_(list(sitting_ids)), Stop.outcome == StopOutcome.WAITING)
    return set(db.session.scalars(found))


def waiting_counts(round_ids: Iterable[int]) -> dict[int, int]:
    """How many stops wait for the council, by round; rounds without any are left out."""
    found = (
        select(Candidate.round_id, func.count(Stop.id))
        .join(Sitting, Sitting.candidate_id == Candidate.id)
        .join(Stop, Stop.sitting_id == Sitting.id)
        .where(Candidate.round_id.in_(list(round_ids)), Stop.outcome == StopOutcome.WAITING)
        .group_by(Candidate.round_id)
    )
    return {round_id: count for round_id, count in db.session.execute(found)}


def waiting_count(round_id: int) -> int:
    return waiting_counts([round_id]).get(round_id, 0)


def unfinished(round_id: int) -> list[str]:
    """What whoever closes the round is told."""
    count = waiting_count(round_id)
    if not count:
        return []
    line = ngettext(
        "Còn %(n)s gián đoạn chờ chủ tịch hội đồng quyết định; đóng kỳ thi rồi thì không cho thi bù được nữa.",
        "Còn %(n)s gián đoạn chờ chủ tịch hội đồng quyết định; đóng kỳ thi rồi thì không cho thi bù được nữa.",
        count,
    )
    return [line]


def stopped_notice(stop: Stop, reason: str) -> str:
    """What the page of the stopped sitting is told at its next contact."""
    return json.dumps(
        {"id": f"stop-{stop.id}", "stopped": True, "reason": reason}, ensure_ascii=False, separators=(",", ":")
    )
