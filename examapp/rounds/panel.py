"""The task list of a round, and what waits for its organisers."""

from __future__ import annotations

from flask import url_for
from flask_login import current_user

from examapp.core import clock
from examapp.core.db import db
from examapp.core.permissions import Permission
from examapp.core.room import Task
from examapp.core.words import N_, _, ngettext
from examapp.rounds.models import ExamRound, RoundState
from examapp.rounds.readiness import BEFORE_SEALING, STEPS, Readiness, Step
from examapp.rounds.services import shifts_not_over, visible_rounds

LABELS: dict[Step, str] = {
    "information": N_("Thông tin kỳ thi"),
    "matrices": N_("Ma trận đề"),
    "shifts": N_("Ca thi"),
    "candidates": N_("Người dự thi"),
    "board": N_("Hội đồng thi"),
    "seal": N_("Niêm phong đề"),
    "open": N_("Mở kỳ thi"),
}
PAGES: dict[Step, str] = {
    "information": "rounds.information",
    "matrices": "rounds.matrices",
    "shifts": "rounds.shifts",
    "candidates": "rounds.candidates",
    "board": "rounds.board",
    "seal": "rounds.seal",
    "open": "rounds.open_round",
}
FOR_READERS: frozenset[Step] = frozenset({"matrices", "shifts", "candidates", "board"})
"""Steps whose page also shows without changing."""


def steps_of(exam_round: ExamRound, ready: Readiness, *, may_edit: bool) -> list[dict[str, str | None]]:
    """The steps in their order: done, the one to do now, those to come, those that cannot be done yet."""
    lines: list[dict[str, str | None]] = []
    found_now = not may_edit
    for step in STEPS:
        state = _state(exam_round, ready, step)
        if state == "todo" and not found_now and step != "board":
            state, found_now = "now", True
        url = url_for(PAGES[step], code=exam_round.code) if _leads(exam_round, step, may_edit) else None
        detail = _why_blocked(exam_round, step) if state == "blocked" else _detail(exam_round, ready, step)
        lines.append({"key": step, "label": _(LABELS[step]), "url": url, "state": state, "detail": detail})
    return lines


def _state(exam_round: ExamRound, ready: Readiness, step: Step) -> str:
    is_draft = exam_round.state is RoundState.DRAFT
    if step == "seal":
        if not is_draft:
            return "done"
        return "blocked" if ready.blocking("information", *BEFORE_SEALING) else "todo"
    if step == "open":
        if exam_round.state not in {RoundState.DRAFT, RoundState.SEALED}:
            return "done"
        return "blocked" if is_draft or ready.blocking("shifts", "candidates") else "todo"
    if step == "board":
        return "todo" if ready.of("board") else "done"
    return "todo" if ready.blocking(step) else "done"


def _leads(exam_round: ExamRound, step: Step, may_edit: bool) -> bool:
    if step in FOR_READERS:
        return True
    if not may_edit:
        return False
    return exam_round.state is (RoundState.SEALED if step == "open" else RoundState.DRAFT)


def _why_blocked(exam_round: ExamRound, step: Step) -> str:
    if step == "open" and exam_round.state is RoundState.DRAFT:
        return _("Cần niêm phong đề trước.")
    return _("Cần làm xong các bước còn thiếu ở trên.")


def _detail(exam_round: ExamRound, ready: Readiness, step: Step) -> str:
    """What is missing, else how much there is."""
    if lacks := ready.of(step):
        first, more = lacks[0].message, len(lacks) - 1
        rest = ngettext("Còn %(n)s việc nữa ở trên.", "Còn %(n)s việc nữa ở trên.", more)
        return f"{first} {rest}" if more else first
    amounts = {
        "matrices": ngettext("%(n)s ma trận, ngân hàng đủ câu", "%(n)s ma trận, ngân hàng đủ câu", len(ready.sections)),
        "shifts": ngettext("%(n)s ca", "%(n)s ca", len(exam_round.shifts)),
        "candidates": ngettext("%(n)s người", "%(n)s người", ready.counts.enrolled),
        "board": ngettext("%(n)s thành viên", "%(n)s thành viên", ready.board),
        "seal": ngettext("%(n)s đề", "%(n)s đề", ready.papers) if ready.papers else "",
    }
    return amounts.get(step, "") if step != "matrices" or ready.sections else ""


def tasks() -> list[Task]:
    """Rounds whose next step is this person's to take."""
    if not current_user.may(Permission.ROUND_EDIT):
        return []
    waiting = visible_rounds(current_user, Permission.ROUND_EDIT).where(
        ExamRound.state.in_([RoundState.DRAFT, RoundState.SEALED, RoundState.OPEN])
    )
    now = clock.now()
    found = []
    for exam_round in db.session.scalars(waiting.order_by(ExamRound.year, ExamRound.id).limit(20)):
        url = url_for("rounds.exam_round", code=exam_round.code)
        match exam_round.state:
            case RoundState.DRAFT:
                found.append(Task(_("Chuẩn bị kỳ thi %(name)s", name=exam_round.name), url, exam_round.code))
            case RoundState.SEALED:
                found.append(Task(_("Mở kỳ thi %(name)s", name=exam_round.name), url, exam_round.code))
            case _open if not shifts_not_over(exam_round, now):
                label = _("Đóng kỳ thi %(name)s: mọi ca đã kết thúc", name=exam_round.name)
                found.append(Task(label, url, exam_round.code, urgent=True))
            case _still_running:
                pass
    return found
