"""Taking in an emergency file, or the QR codes of one: whose it is, what it brought, and where that stands now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.core import clock, text
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.words import _, in_language
from examapp.rounds.models import Candidate, ExamRound
from examapp.sittings import deliveries, parts
from examapp.sittings.codes import codes_of
from examapp.sittings.events import events_of, facts_of
from examapp.sittings.models import Delivery, DeliveryWay, Sitting, SittingState
from examapp.sittings.save import RefusedError
from examapp.sittings.sealed import Opened
from examapp.sittings.settle import is_held
from examapp.sittings.standing import SUBMISSION, Standing, standings
from question_bank.images import ImageError

_ACTS = {DeliveryWay.FILE: "sitting.file_taken", DeliveryWay.QR: "sitting.codes_taken"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file, or of QR codes."""

    delivery: Delivery
    was_known: bool
    """The same had been handed in before."""
    says_otherwise: bool
    """The code written on it is not the code of what is sealed in it."""


def take_file(exam_round: ExamRound, data: bytes, *, by: Account, now: datetime) -> Taken:
    """Store what an emergency file of this round brings. The seals say whose it is and that nobody has changed it, so
    whoever watches the round may hand it in."""
    ref, code, logs = deliveries.read_file(data)
    return _take(exam_round, ref, {code}, logs, way=DeliveryWay.FILE, by=by, now=now)


def take_codes(exam_round: ExamRound, found: Sequence[parts.Part], *, by: Account, now: datetime) -> Taken:
    """The same for the QR codes of a file; :class:`examapp.sittings.parts.MissingParts` while some are not there."""
    shown, data = parts.joined(found)
    try:
        ref, code, logs = deliveries.read_file(data)
    except Invalid:
        raise parts.not_as_shown() from None
    return _take(exam_round, ref, {shown, code}, logs, way=DeliveryWay.QR, by=by, now=now)


def read_photos(photos: Sequence[tuple[str, bytes]]) -> tuple[list[parts.Part], list[str]]:
    """The parts in (name, photo), and in words which photos brought none and why. No photo is kept."""
    found: list[parts.Part] = []
    problems: list[str] = []
    for name, data in photos:
        try:
            read = parts.parts_in(data)
        except ImageError as error:
            problems.append(f"{name}: {in_language(error.message)}")
            continue
        if not read:
            problems.append(_("%(photo)s: không đọc được mã QR nào của trang bài thi.", photo=name))
        found += read
    return found, problems


def _take(
    exam_round: ExamRound,
    ref: str,
    codes: set[str],
    logs: Sequence[Opened],
    *,
    way: DeliveryWay,
    by: Account,
    now: datetime,
) -> Taken:
    sitting = db.session.scalar(
        select(Sitting)
        .join(Candidate, Candidate.id == Sitting.candidate_id)
        .where(Sitting.ref == ref, Candidate.round_id == exam_round.id)
    )
    if sitting is None:
        raise Invalid(
            _("Bài này không thuộc “%(name)s”.", name=exam_round.name),
            field="file",
            advice=_("Chưa nhận gì từ bài này. Hãy nhận ở trang theo dõi của đúng kỳ thi."),
        )
    try:
        delivery = deliveries.take(sitting, logs, way=way, now=now, by=by)
    except RefusedError:
        raise Invalid(_("Bài này đã có quá nhiều lượt gửi nên không nhận thêm được."), field="file") from None
    was_known = delivery.received_ms != clock.to_ms(now)
    if not was_known:
        record(
            _ACTS[way],
            "sitting",
            sitting.ref,
            count=delivery.events,
            new=delivery.stored,
            code=delivery.code or None,
        )
    return Taken(delivery, was_known, says_otherwise=codes != {delivery.code})


@dataclass(frozen=True, slots=True)
class Brought:
    """A delivery as its page tells it."""

    delivery: Delivery
    sitting: Sitting
    by: str
    at: datetime
    is_noted: bool
    other_codes: list[str]
    """Codes noted for this person that are not the one of what came."""
    standing: dict[Standing, int]
    """Of the answers that were new."""
    questions: int
    """How many questions the new answers are to: candidates count by these."""
    is_stopped: bool
    exam: str
    """Whether the exam is still open, in words; empty where it was stopped."""


def brought_by(exam_round: ExamRound, delivery_id: int) -> Brought:
    """What a delivery to this round brought; any other is not found."""
    row = db.session.execute(
        select(Delivery, Sitting, Account.display_name)
        .join(Sitting, Sitting.id == Delivery.sitting_id)
        .join(Candidate, Candidate.id == Sitting.candidate_id)
        .outerjoin(Account, Account.id == Delivery.by_id)
        .where(Delivery.id == delivery_id, Candidate.round_id == exam_round.id)
        .options(joinedload(Sitting.candidate))
    ).one_or_none()
    if row is None:
        raise NotFound()
    delivery, sitting, name = row
    counts, slots = dict.fromkeys(Standing, 0), set()
    for placed, standing in standings(events_of(sitting), facts_of(sitting)):
        if placed.event.slot > SUBMISSION and placed.event.received_ms == delivery.received_ms:
            counts[standing] += 1
            slots.add(placed.event.slot)
    noted = [one.code for one in codes_of(sitting) if not one.is_wrong]
    return Brought(
        delivery=delivery,
        sitting=sitting,
        by=name or "",
        at=clock.from_ms(delivery.received_ms),
        is_noted=bool(delivery.code) and delivery.code in noted,
        other_codes=[code for code in noted if code != delivery.code],
        standing=counts,
        questions=len(slots),
        is_stopped=sitting.state is SittingState.STOPPED,
        exam=_exam(sitting, clock.now()),
    )


def _exam(sitting: Sitting, now: datetime) -> str:
    """What has become of the exam: whoever hands in a file may believe that this submits it."""
    match sitting.state:
        case SittingState.STARTED if clock.to_ms(now) <= sitting.deadline_ms:
            return _(
                "Bài thi của người này chưa nộp và vẫn đang mở, còn làm được đến %(at)s. Nhận bài ở đây không phải là "
                "nộp: người dự thi nộp trên máy khi có mạng; không nộp được thì hết giờ hệ thống tự chốt những gì đã "
                "nhận.",
                at=_at(sitting.deadline_ms),
            )
        case SittingState.STARTED if is_held(sitting):
            return _(
                "Bài thi của người này đã hết giờ lúc %(at)s, chưa chốt: còn chờ chủ tịch hội đồng quyết định về gián "
                "đoạn.",
                at=_at(sitting.deadline_ms),
            )
        case SittingState.STARTED:
            return _(
                "Bài thi của người này đã hết giờ lúc %(at)s, chưa nộp, chưa chốt. Hệ thống tự chốt sau %(late)s; "
                "không phải nộp thay.",
                at=_at(sitting.deadline_ms),
                late=_at(sitting.late_ms),
            )
        case SittingState.STOPPED:
            return ""
    if sitting.submitted_ms is not None:
        return _("Bài thi của người này đã nộp lúc %(at)s, không mở nữa.", at=_at(sitting.submitted_ms))
    return _(
        "Bài thi của người này đã hết giờ lúc %(at)s và đã chốt, không mở nữa. Không phải nộp thay.",
        at=_at(sitting.deadline_ms),
    )


def _at(ms: int) -> str:
    return text.format_moment(clock.from_ms(ms))
