"""What a round still lacks before its papers can be sealed and before it can open, and where to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, or_, select

from examapp.bank import law
from examapp.bank.models import Exposure, MatrixVersion, Question, QuestionState, QuestionVersion
from examapp.core.db import db
from examapp.core.text import format_date
from examapp.core.words import _, ngettext
from examapp.organisation.models import Position
from examapp.rounds.board import conflicts, members_of
from examapp.rounds.candidates import Counts, counts_of
from examapp.rounds.drawing import examined
from examapp.rounds.models import (
    BoardRole,
    Candidate,
    CandidateState,
    ExamRound,
    PostsRule,
    RoundState,
    Setting,
)
from examapp.rounds.papers import paper_count
from examapp.rounds.sections import SectionCheck, check_sections, section_name
from examapp.rounds.services import shifts_not_over
from examapp.rounds.shifts import exam_days, seats_taken

Step = Literal["information", "matrices", "shifts", "candidates", "board", "seal", "open"]
STEPS: tuple[Step, ...] = ("information", "matrices", "shifts", "candidates", "board", "seal", "open")


@dataclass(frozen=True, slots=True)
class Lack:
    """Something missing, in a sentence that says what to do; ``step`` is where."""

    step: Step
    message: str
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Readiness:
    """Where a round stands."""

    lacks: list[Lack]
    counts: Counts
    sections: list[SectionCheck]
    papers: int
    board: int

    def blocking(self, *steps: Step) -> list[str]:
        """What stands in the way, in these steps (without any: in all)."""
        return [lack.message for lack in self.lacks if lack.blocking and (not steps or lack.step in steps)]

    def of(self, step: Step) -> list[Lack]:
        return [lack for lack in self.lacks if lack.step == step]


BEFORE_SEALING: tuple[Step, ...] = ("matrices", "shifts", "candidates")


def readiness(exam_round: ExamRound, *, now: datetime, demo: bool) -> Readiness:
    """Look at everything a draft or sealed round needs; a later round lacks nothing."""
    counts, papers, members = counts_of(exam_round.id), paper_count(exam_round.id), members_of(exam_round.id)
    if exam_round.state not in {RoundState.DRAFT, RoundState.SEALED}:
        return Readiness([], counts, [], papers, len(members))
    is_draft = exam_round.state is RoundState.DRAFT
    sections = check_sections(exam_round, demo=demo) if is_draft else []
    lacks = [
        *(_matrix_lacks(exam_round, sections) if is_draft else ()),
        *_shift_lacks(exam_round, now),
        *_candidate_lacks(exam_round, counts, sections),
        *_board_lacks(exam_round, {member.role for member in members}),
        *(_paper_lacks(exam_round) if not is_draft else ()),
    ]
    return Readiness(lacks, counts, sections, papers if not is_draft else 0, len(members))


def _matrix_lacks(exam_round: ExamRound, sections: list[SectionCheck]) -> Iterable[Lack]:
    if not sections:
        yield Lack("matrices", _("Chưa chọn ma trận đề. Hãy chọn ma trận phần chung và ma trận của từng vị trí."))
    for check in sections:
        if check.short:
            missing = sum(line.missing for line in check.short)
            yield Lack(
                "matrices",
                _(
                    "Ma trận %(code)s: ngân hàng thiếu %(n)s câu vào ngày thi.",
                    code=check.version.matrix.code,
                    n=missing,
                ),
            )
        if not check.is_current:
            text = _("Ma trận %(code)s đã có phiên bản mới. Hãy lưu lại bước ma trận nếu muốn dùng.", code=_code(check))
            yield Lack("matrices", text, blocking=False)
    yield from _union_lacks(exam_round, [check.version for check in sections])


def _code(check: SectionCheck) -> str:
    return check.version.matrix.code


def _union_lacks(exam_round: ExamRound, versions: list[MatrixVersion]) -> Iterable[Lack]:
    if exam_round.posts_rule is not PostsRule.UNION:
        return
    common = sum(row.count for version in versions if version.matrix.position_id is None for row in version.rows)
    if versions and common >= exam_round.union_max_questions:
        yield Lack(
            "information",
            _(
                "Trần số câu khi gộp các vị trí (%(cap)s) không lớn hơn số câu phần chung (%(common)s). Hãy nâng trần.",
                cap=exam_round.union_max_questions,
                common=common,
            ),
        )


def _shift_lacks(exam_round: ExamRound, now: datetime) -> Iterable[Lack]:
    if not exam_round.shifts:
        yield Lack("shifts", _("Chưa có ca thi. Hãy thêm ít nhất một ca."))
    elif not shifts_not_over(exam_round, now):
        yield Lack("shifts", _("Mọi ca thi đã kết thúc. Hãy sửa giờ ca thi."))
    elif exam_round.state is RoundState.DRAFT:
        for shift in exam_round.shifts:
            if shift.ends_at <= now:
                yield Lack("shifts", _("Ca “%(name)s” đã qua giờ. Hãy sửa giờ hoặc xóa ca.", name=shift.name))
    if exam_round.posts_rule is PostsRule.UNION:
        for shift in exam_round.shifts:
            if (shift.ends_at - shift.starts_at).total_seconds() < exam_round.union_max_minutes * 60:
                yield Lack(
                    "shifts",
                    _("Ca “%(name)s” ngắn hơn trần số phút của đề gộp các vị trí.", name=shift.name),
                    blocking=False,
                )
    seated = seats_taken(exam_round.id)
    for shift in exam_round.shifts:
        if shift.capacity is not None and seated.get(shift.id, 0) > shift.capacity:
            yield Lack("shifts", _("Ca “%(name)s” xếp quá số chỗ.", name=shift.name))


def _candidate_lacks(exam_round: ExamRound, counts: Counts, sections: list[SectionCheck]) -> Iterable[Lack]:
    if not counts.enrolled:
        yield Lack("candidates", _("Chưa có người dự thi. Hãy lập danh sách."))
        return
    if counts.without_shift:
        yield Lack(
            "candidates",
            _("%(n)s người dự thi chưa có ca. Hãy thêm ca hoặc số chỗ rồi xếp ca.", n=counts.without_shift),
        )
    if exam_round.state is RoundState.DRAFT and sections:
        yield from _posts_lacks(exam_round, sections)


def _posts_lacks(exam_round: ExamRound, sections: list[SectionCheck]) -> Iterable[Lack]:
    names = {section_name(check.version) for check in sections}
    posts = db.session.scalars(
        select(Candidate.posts).where(Candidate.round_id == exam_round.id, Candidate.state == CandidateState.ENROLLED)
    )
    without = [codes for row in posts if not set(codes := examined(row, exam_round.posts_rule)) <= names]
    if without:
        missing = sorted({code for codes in without for code in codes} - names)
        labels = db.session.scalars(select(Position.name).where(Position.code.in_(missing)).order_by(Position.name))
        yield Lack(
            "candidates",
            _(
                "%(n)s người dự thi ở vị trí chưa chọn ma trận (%(positions)s). Hãy chọn ma trận, "
                "hoặc cập nhật danh sách.",
                n=len(without),
                positions=", ".join(labels),
            ),
        )


def _board_lacks(exam_round: ExamRound, roles: set[BoardRole]) -> Iterable[Lack]:
    if BoardRole.CHAIR not in roles:
        yield Lack("board", _("Hội đồng chưa có chủ tịch."), blocking=False)
    if exam_round.setting is Setting.SUPERVISED and BoardRole.INVIGILATOR not in roles:
        yield Lack("board", _("Thi tập trung nhưng hội đồng chưa có giám thị."), blocking=False)
    for member in conflicts(exam_round.id):
        yield Lack(
            "board",
            _("%(name)s vừa ở trong hội đồng vừa là người dự thi.", name=member.account.display_name),
            blocking=False,
        )


def _paper_lacks(exam_round: ExamRound) -> Iterable[Lack]:
    """What has happened in the bank to questions of the sealed papers. How many, not which: nobody knows the papers."""
    on_papers = (
        select(func.count())
        .select_from(Exposure)
        .join(QuestionVersion, QuestionVersion.id == Exposure.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Exposure.round_id == exam_round.id)
    )
    out_of_use = or_(Question.held_at.is_not(None), Question.state == QuestionState.RETIRED)
    if held := db.session.scalar(on_papers.where(out_of_use)):
        message = ngettext(
            "%(n)s câu trên đề đã niêm phong nay bị tạm giữ hoặc thôi dùng.",
            "%(n)s câu trên đề đã niêm phong nay bị tạm giữ hoặc thôi dùng.",
            held,
        )
        yield Lack("seal", f"{message} {_reseal()}", blocking=False)
    for day in exam_days(exam_round):
        faulty = on_papers.where(Exposure.version_id.in_(law.faulty_versions(day)))
        if lapsed := db.session.scalar(faulty):
            message = ngettext(
                "%(n)s câu trên đề đã niêm phong dẫn văn bản không còn hiệu lực vào ngày thi %(day)s.",
                "%(n)s câu trên đề đã niêm phong dẫn văn bản không còn hiệu lực vào ngày thi %(day)s.",
                lapsed,
                day=format_date(day),
            )
            yield Lack("seal", f"{message} {_reseal()}", blocking=False)
            return


def _reseal() -> str:
    return _("Hãy mở niêm phong rồi niêm phong lại để rút đề không có các câu đó.")
