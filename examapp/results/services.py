"""The rules of results: compute, publish, recognise; and what later rooms ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Forbidden, Invalid
from examapp.core.jobs import Cancelled, Work
from examapp.core.text import format_date
from examapp.core.words import _, ngettext
from examapp.results.by_people import counts_of
from examapp.results.marking import Outcome, outdated, read_marks, settled_sittings, write_marks
from examapp.results.models import Result
from examapp.results.statistics import write_statistics
from examapp.rounds.models import Candidate, CandidateState, ExamRound, Purpose, RoundState
from examapp.rounds.services import move, require_move
from examapp.sittings.models import COUNTING_SITTING, Sitting, SittingState
from examapp.sittings.settle import settle_due, settle_in_chunks

CHUNK = 25
"""Sittings marked and written at a time: well under the 200 ms a writer may hold the database."""
LISTED = 10
"""How many people a refusal names before it says how many more there are."""

One = TypeVar("One")


def compute_results(round_id: int, *, reason: str = "", now: datetime | None = None) -> Outcome:
    """Mark every settled sitting of a closed round, in the caller's transaction: where nobody else writes meanwhile,
    as in a demonstration that is being built. Beside an exam :func:`compute_job` does it in small steps.

    Doing it again writes nothing; where the answers that count have changed, a new version is added with ``reason``.
    """
    now = now or clock.now()
    exam_round = _locked(round_id)
    require_computable(exam_round, reason)
    settle_due(now, round_id=round_id)
    outcome = Outcome()
    for ids in chunks(settled_sittings(round_id)):
        outcome.add(write_marks(read_marks(ids), reason=_reason(reason), at=now))
    _finish(exam_round, outcome)
    return outcome


def compute_job(work: Work) -> None:
    """The same as :func:`compute_results` in small steps: marks are made while nothing is being written."""
    round_id, reason = work.parameters["round_id"], work.parameters.get("reason", "")
    with unit_of_work() as session:
        require_computable(session.get_one(ExamRound, round_id), reason)
    settle_in_chunks(round_id=round_id)
    ids = settled_sittings(round_id)
    db.session.rollback()
    outcome, stopped = Outcome(), False
    for chunk in chunks(ids):
        marked = read_marks(chunk)
        with unit_of_work():
            require_computable(_locked(round_id), reason)  # it may have moved on; and two jobs go one after the other
            outcome.add(write_marks(marked, reason=_reason(reason), at=clock.now()))
        try:
            done = _("Đã chấm %(done)s trên %(total)s bài.", done=outcome.total, total=len(ids))
            work.progress(outcome.total, len(ids), done)
        except Cancelled:  # what is written stands: say so, rather than that nothing was changed
            stopped = True
            break
    with unit_of_work() as session:
        _finish(session.get_one(ExamRound, round_id), outcome, asked_by=work.owner_id)
        waiting = unsettled(round_id)
    message = _summary(outcome, waiting)
    if stopped:
        message = _("Đã dừng theo yêu cầu; kết quả đã ghi được giữ, tính lại sẽ làm tiếp phần còn lại.") + " " + message
    work.finish(message=message, url=work.parameters.get("url", ""))


def require_computable(exam_round: ExamRound, reason: str = "") -> None:
    """Results are computed once the round is closed; after publication only for a stated reason, then never."""
    if exam_round.state is RoundState.RECOGNISED:
        raise Conflict(
            _("Kết quả kỳ thi %(code)s đã được công nhận nên không tính lại được.", code=exam_round.code),
            advice=_("Muốn thay đổi, cần một quyết định mới của cấp có thẩm quyền."),
        )
    if exam_round.state not in {RoundState.CLOSED, RoundState.PUBLISHED}:
        raise Conflict(
            _("Kỳ thi %(code)s chưa đóng nên chưa tính kết quả được.", code=exam_round.code),
            advice=_("Hãy đóng kỳ thi trước, rồi tính kết quả."),
        )
    if exam_round.state is RoundState.PUBLISHED and not reason.strip():
        raise Invalid(
            _("Kết quả đã công bố: cần ghi lý do tính lại, vì người dự thi sẽ thấy lý do này."), field="reason"
        )


def _reason(reason: str) -> str:
    return reason.strip() or "Tính lại: câu trả lời được tính đã thay đổi sau lần tính trước."


def _finish(exam_round: ExamRound, outcome: Outcome, *, asked_by: int | None = None) -> None:
    """What follows on computing: figures already published follow the new versions, and the act is on record."""
    if exam_round.state is RoundState.PUBLISHED and outcome.changed + outcome.new:
        write_statistics(exam_round.id)
    record(
        "results.computed",
        "round",
        exam_round.code,
        new=outcome.new,
        changed=outcome.changed,
        same=outcome.same,
        asked_by=asked_by,
    )


def _summary(outcome: Outcome, waiting: Sequence[str]) -> str:
    lines = [
        _(
            "Đã chấm %(total)s bài: %(new)s kết quả mới, %(changed)s kết quả thay đổi, %(same)s giữ nguyên.",
            total=outcome.total,
            new=outcome.new,
            changed=outcome.changed,
            same=outcome.same,
        )
    ]
    if waiting:
        lines.append(_("Còn %(n)s bài chưa chốt, sẽ tính được khi hết thời hạn nhận bài.", n=len(waiting)))
    return " ".join(lines)


def chunks(ids: Sequence[One], size: int = CHUNK) -> Iterator[Sequence[One]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


# What still stands in the way of publishing


def unsettled(round_id: int) -> list[str]:
    """ "số báo danh – họ tên" of those who started and whose sitting is not settled yet."""
    return _people(round_id, Sitting.state != SittingState.SETTLED)


def without_result(round_id: int) -> list[str]:
    """Those whose sitting is settled and who have no result."""
    return _people(round_id, (Sitting.state == SittingState.SETTLED) & Result.id.is_(None))


def _people(round_id: int, condition: ColumnElement[bool]) -> list[str]:
    statement = (
        select(Candidate.number, Candidate.full_name)
        .join(Sitting, COUNTING_SITTING)
        .outerjoin(Result, and_(Result.candidate_id == Candidate.id, Result.is_current))
        .where(Candidate.round_id == round_id, Candidate.state == CandidateState.ENROLLED, condition)
        .order_by(Candidate.number)
    )
    return [f"{number} – {name}" for number, name in db.session.execute(statement)]


def publish_round(exam_round: ExamRound, *, now: datetime | None = None, by: Account | None = None) -> None:
    """Closed → published. Every sitting must be settled and have its result."""
    now = now or clock.now()
    exam_round = _locked(exam_round.id)
    require_publishable(exam_round, by)
    move(exam_round, RoundState.PUBLISHED)
    exam_round.published_at = now
    db.session.flush()
    write_statistics(exam_round.id)
    record("results.published", "round", exam_round.code, at=now)


def require_publishable(exam_round: ExamRound, by: Account | None = None) -> None:
    """Say what keeps the results from being published now, before anybody is asked to confirm it."""
    _not_about_oneself(exam_round, by)
    require_move(exam_round, RoundState.PUBLISHED)
    _require_complete(exam_round)


def require_recognisable(exam_round: ExamRound, by: Account | None = None) -> None:
    """The same for the recognition, whatever the decision's number and date."""
    _not_about_oneself(exam_round, by)
    if exam_round.purpose is Purpose.REHEARSAL:
        raise Conflict(
            _("%(name)s là kỳ thi thử nên không có quyết định công nhận kết quả.", name=exam_round.name),
            advice=_("Kết quả thi thử chỉ để tham khảo và không đưa vào đánh giá."),
        )
    require_move(exam_round, RoundState.RECOGNISED)
    _require_up_to_date(exam_round)


def _require_complete(exam_round: ExamRound) -> None:
    waiting, missing = unsettled(exam_round.id), without_result(exam_round.id)
    if waiting:
        raise Conflict(
            ngettext(
                "Chưa công bố được: còn %(n)s bài chưa chốt: %(who)s.",
                "Chưa công bố được: còn %(n)s bài chưa chốt: %(who)s.",
                len(waiting),
                who=named(waiting),
            ),
            advice=_("Bài được chốt khi hết thời hạn nhận bài; sau đó hãy tính kết quả lại rồi công bố."),
        )
    if missing:
        raise Conflict(
            ngettext(
                "Chưa công bố được: còn %(n)s bài chưa có kết quả: %(who)s.",
                "Chưa công bố được: còn %(n)s bài chưa có kết quả: %(who)s.",
                len(missing),
                who=named(missing),
            ),
            advice=_("Hãy bấm “Tính kết quả” rồi công bố lại."),
        )
    _require_up_to_date(exam_round)
    _require_marked(exam_round)


def _require_up_to_date(exam_round: ExamRound) -> None:
    """What the council decided about late answers is in the results."""
    if count := outdated([exam_round.id])[exam_round.id]:
        raise Conflict(
            ngettext(
                "Hội đồng đã quyết định về câu trả lời đến muộn của %(n)s bài sau lần tính kết quả gần nhất.",
                "Hội đồng đã quyết định về câu trả lời đến muộn của %(n)s bài sau lần tính kết quả gần nhất.",
                count,
            ),
            advice=_("Hãy tính lại kết quả rồi làm tiếp."),
        )


def _require_marked(exam_round: ExamRound) -> None:
    """Every answer that people mark has its mark, and the results hold them."""
    counts = counts_of([exam_round.id])[exam_round.id]
    if counts.waiting:
        raise Conflict(
            ngettext(
                "Chưa công bố được: còn %(n)s câu trả lời tự luận chờ người chấm.",
                "Chưa công bố được: còn %(n)s câu trả lời tự luận chờ người chấm.",
                counts.waiting,
            ),
            advice=_("Hãy chấm ở mục “Chấm câu tự luận”, rồi tính kết quả lại."),
        )
    if counts.fresh:
        raise Conflict(
            ngettext(
                "Chưa công bố được: %(n)s điểm chấm tự luận chưa vào kết quả.",
                "Chưa công bố được: %(n)s điểm chấm tự luận chưa vào kết quả.",
                counts.fresh,
            ),
            advice=_("Hãy bấm “Tính kết quả” rồi công bố lại."),
        )


def named(people: Sequence[str]) -> str:
    """The first few by name, the others by number."""
    rest = len(people) - LISTED
    listed = "; ".join(people[:LISTED])
    others = _("và %(n)s người khác", n=rest)
    return f"{listed}; {others}" if rest > 0 else listed


def recognise_round(
    exam_round: ExamRound, *, number: str, date: date, now: datetime | None = None, by: Account | None = None
) -> None:
    """Published → recognised, by the number and date of the decision that recognises the results."""
    now = now or clock.now()
    exam_round = _locked(exam_round.id)
    require_recognisable(exam_round, by)
    if not number.strip():
        raise Invalid(_("Hãy ghi số, ký hiệu của quyết định công nhận kết quả."), field="number")
    _check_decision_date(exam_round, date, now)
    move(exam_round, RoundState.RECOGNISED)
    exam_round.decision_number, exam_round.decision_date = number.strip(), date
    db.session.flush()
    record("results.recognised", "round", exam_round.code, number=number.strip(), date=date)


def _check_decision_date(exam_round: ExamRound, day: date, now: datetime) -> None:
    """Nobody decides on results before the exam has ended, nor in the future."""
    if day > clock.local(now).date():
        raise Invalid(_("Ngày của quyết định không được sau hôm nay."), field="date")
    closed = clock.local(exam_round.closed_at).date() if exam_round.closed_at else None
    if closed and day < closed:
        raise Invalid(
            _("Quyết định không thể có trước ngày đóng kỳ thi (%(day)s).", day=format_date(closed)), field="date"
        )


def _locked(round_id: int) -> ExamRound:
    """The round as it stands now, held until the end of the transaction."""
    statement = select(ExamRound).where(ExamRound.id == round_id).with_for_update()
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def _not_about_oneself(exam_round: ExamRound, by: Account | None) -> None:
    """Nobody publishes or recognises a round they sat themselves."""
    if by is None or by.official_id is None:
        return
    own = select(Candidate.id).where(
        Candidate.round_id == exam_round.id,
        Candidate.official_id == by.official_id,
        Candidate.state == CandidateState.ENROLLED,
    )
    if db.session.scalar(own) is not None:
        raise Forbidden(
            _("Tài khoản này có tên trong danh sách dự thi của kỳ thi %(code)s.", code=exam_round.code),
            advice=_("Việc công bố và công nhận kết quả phải do người không dự kỳ thi này thực hiện."),
        )


# What other rooms ask for


@dataclass(frozen=True, slots=True)
class Participation:
    """How many of a round's candidates came. ``absent``: enrolled, neither excused nor withdrawn, and did not start."""

    listed: int
    excused: int
    withdrawn: int
    enrolled: int
    sat: int
    submitted: int

    @property
    def absent(self) -> int:
        return self.enrolled - self.sat


def participation(exam_round: ExamRound, *, unit_ids: Collection[int] | None = None) -> Participation:
    """Counts of the round, within these units when given."""

    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(condition)

    enrolled = Candidate.state == CandidateState.ENROLLED
    statement = (
        select(
            func.count(),
            count(Candidate.state == CandidateState.EXCUSED),
            count(Candidate.state == CandidateState.WITHDRAWN),
            count(enrolled),
            count(enrolled & Sitting.id.is_not(None)),
            count(enrolled & Sitting.submitted_ms.is_not(None)),
        )
        .select_from(Candidate)
        .outerjoin(Sitting, COUNTING_SITTING)
        .where(Candidate.round_id == exam_round.id)
    )
    if unit_ids is not None:
        statement = statement.where(Candidate.unit_id.in_(unit_ids))
    return Participation(*db.session.execute(statement).one())


def recognised_results(official_ids: Collection[int], *, year: int) -> dict[int, list[Result]]:
    """The current results of these people in official rounds of the year that have been recognised, oldest first.

    Everyone asked for is in the answer; who has none has an empty list.
    """
    found: dict[int, list[Result]] = defaultdict(list, {official_id: [] for official_id in official_ids})
    for ids in chunks(sorted(set(official_ids)), 1000):
        statement = (
            select(Result)
            .join(ExamRound, ExamRound.id == Result.round_id)
            .where(
                Result.official_id.in_(ids),
                Result.is_current,
                ExamRound.year == year,
                ExamRound.purpose == Purpose.OFFICIAL,
                ExamRound.state == RoundState.RECOGNISED,
            )
            .options(joinedload(Result.round), selectinload(Result.parts))
            .order_by(ExamRound.decision_date, ExamRound.id, Result.id)
        )
        for result in db.session.scalars(statement):
            found[result.official_id].append(result)
    return dict(found)
