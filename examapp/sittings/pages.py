"""What the candidate's pages show, gathered in few queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from examapp.bank.asked import Asked, asked, images_of
from examapp.bank.kept import sealed_questions
from examapp.core import clock
from examapp.core.db import db
from examapp.core.words import _, ngettext
from examapp.rounds.models import Candidate, CandidateState, ExamRound, Paper, RoundState
from examapp.rounds.sections import COMMON
from examapp.rounds.services import exam_phase
from examapp.sittings.events import events_of, facts_of, from_devices_before
from examapp.sittings.late import addenda_of
from examapp.sittings.models import COUNTING_SITTING, Sitting, SittingState
from examapp.sittings.notes import notes_in
from examapp.sittings.plain import field_name
from examapp.sittings.settle import answers_taken, read_record
from examapp.sittings.standing import Response, Standing, responses
from examapp.sittings.stops import Pending, Stopped, pending_of, stopped_of
from examapp.sittings.way import Way, way_through
from question_bank.paper import Layout, delivered


@dataclass(frozen=True, slots=True)
class Item:
    """One question as the candidate sees it."""

    slot: int
    section: str
    asked: Asked
    note: str = ""
    """What the candidate said about the question."""
    behind: bool = False
    """Left behind, where there is no way back."""
    ahead: bool = False
    """Not reached yet, where there is no way back."""


@dataclass(frozen=True, slots=True)
class Gone:
    """How far a candidate has gone: answers and notes by slot, what is open, and how many answers have come from the
    devices before."""

    answers: Mapping[int, Response]
    notes: Mapping[int, str]
    way: Way
    older: int = 0


def gone_so_far(sitting: Sitting) -> Gone:
    """Out of the stored events of a running sitting, read once."""
    events, facts = events_of(sitting), facts_of(sitting)
    return Gone(
        responses(events, facts),
        {slot: text for slot, (text, _at) in notes_in(events, facts).items()},
        way_through(layout_of(sitting.paper), sitting.candidate.round.movement, events, facts),
        from_devices_before(sitting, events),
    )


def nothing_yet(paper: Paper, candidate: Candidate) -> Gone:
    """Before the start."""
    return Gone({}, {}, way_through(layout_of(paper), candidate.round.movement))


def layout_of(paper: Paper) -> Layout:
    return Layout.from_json(json.loads(paper.layout))


def paper_items(paper: Paper, candidate: Candidate, gone: Gone) -> list[Item]:
    """The whole paper without its keys; only what :func:`question_bank.paper.delivered` names comes through."""
    layout = layout_of(paper)
    names = section_names(candidate)
    questions = sealed_questions(layout.slots)
    images = images_of(questions.values())
    given = answers_taken(layout, gone.answers)
    way = gone.way
    return [
        Item(
            slot=told["slot"],
            section=names.get(told["section"], told["section"]),
            asked=asked(field_name(told["slot"]), told, given.get(told["slot"], []), images),
            note=gone.notes.get(told["slot"], ""),
            behind=told["slot"] <= way.behind,
            ahead=told["slot"] > way.end,
        )
        for told in delivered(layout, questions)
    ]


def section_names(candidate: Candidate) -> dict[str, str]:
    """Sections are the common part and the positions of the candidate."""
    names = {COMMON: _("Phần chung")}
    for post in json.loads(candidate.posts):
        names[str(post["position"])] = str(post["position_name"])
    return names


def said_of_late(sitting: Sitting) -> list[str]:
    """What is said of answers that came late, at the submission and on the receipt."""
    standing = read_record(sitting).get("standing", {})
    said = []
    if flagged := standing.get(Standing.FLAGGED, 0):
        told = ngettext(
            "%(n)s lượt trả lời đến sau giờ làm bài hoặc từ thiết bị dùng trước đó; vẫn được tính và được đánh dấu.",
            "%(n)s lượt trả lời đến sau giờ làm bài hoặc từ thiết bị dùng trước đó; vẫn được tính và được đánh dấu.",
            flagged,
        )
        said.append(told)
    waiting = standing.get(Standing.NEEDS_DECISION, 0)
    if waiting and not addenda_of(sitting):  # else the addenda say what was decided
        told = ngettext(
            "%(n)s lượt trả lời đến khi đã hết thời gian nhận bài, nên chờ hội đồng quyết định có tính hay không.",
            "%(n)s lượt trả lời đến khi đã hết thời gian nhận bài, nên chờ hội đồng quyết định có tính hay không.",
            waiting,
        )
        said.append(told)
    return said


def clock_text(ms: int) -> str:
    """09:45:00, where the exam is."""
    return clock.local(clock.from_ms(ms)).strftime("%H:%M:%S")


_RESULTS_OUT = {RoundState.PUBLISHED, RoundState.RECOGNISED}


@dataclass(frozen=True, slots=True)
class Row:
    """One exam on "Bài thi của tôi"."""

    candidate: Candidate
    sitting: Sitting | None
    phase: str
    """now, coming, past"""
    tag: tuple[str, str]
    stopped: Sequence[Stopped] = ()
    """Earlier sittings that a make-up took the place of."""
    pending: Sequence[Pending] = ()
    """Stops of the sitting that wait for the council, or that it refused to make up for."""


def my_exams(official_id: int, *, now: datetime) -> dict[str, list[Row]]:
    """The person's exams by what they ask for: to be sat now, to come, past; drafts are nobody's yet."""
    found = db.session.execute(
        select(Candidate, Sitting)
        .join(Candidate.round)
        .outerjoin(Sitting, COUNTING_SITTING)
        .where(Candidate.official_id == official_id, ExamRound.state != RoundState.DRAFT)
        .options(joinedload(Candidate.round), joinedload(Candidate.shift))
        .order_by(ExamRound.posts_on.desc(), Candidate.id.desc())
    )
    pairs = [(candidate, sitting) for candidate, sitting in found]
    stopped = stopped_of(candidate.id for candidate, _sitting in pairs)
    pending = pending_of(candidate.id for candidate, sitting in pairs if sitting is not None)
    elsewhere = _sat_elsewhere({candidate.round for candidate, sitting in pairs if sitting is None})
    rows = [
        replace(
            _row(candidate, sitting, now, elsewhere),
            stopped=stopped.get(candidate.id, []),
            pending=pending.get(candidate.id, []),
        )
        for candidate, sitting in pairs
    ]
    return {name: [row for row in rows if row.phase == name] for name in ("now", "coming", "past")}


def _sat_elsewhere(rounds: Iterable[ExamRound]) -> set[int]:
    """Rounds whose results are out although nobody sat them here: entered from records, absence is not known."""
    out = {exam_round.id for exam_round in rounds if exam_round.state in _RESULTS_OUT}
    if not out:
        return out
    sat = select(Candidate.round_id).join(Sitting, COUNTING_SITTING)
    return out - set(db.session.scalars(sat.where(Candidate.round_id.in_(out)).distinct()))


def _row(candidate: Candidate, sitting: Sitting | None, now: datetime, elsewhere: set[int]) -> Row:
    if sitting is None:
        phase, tag = _not_begun(candidate, now, elsewhere)
        return Row(candidate, None, phase, tag)
    if sitting.state is SittingState.STARTED and clock.to_ms(now) <= sitting.late_ms:
        return Row(candidate, sitting, "now", ("act", _("Đang làm bài")))
    return Row(candidate, sitting, "past", _after(candidate.round))


def _not_begun(candidate: Candidate, now: datetime, elsewhere: set[int]) -> tuple[str, tuple[str, str]]:
    if candidate.state is not CandidateState.ENROLLED:
        return "past", ("neutral", _("Không dự thi"))
    phase = exam_phase(candidate.round, candidate.shift, now)
    if phase == "running":
        return "now", ("warn", _("Chưa bắt đầu"))
    if phase != "over":
        return "coming", ("neutral", _("Sắp tới"))
    if candidate.round.state is RoundState.CANCELLED:
        return "past", ("neutral", _("Kỳ thi đã hủy"))
    if candidate.round_id in elsewhere:
        return "past", ("neutral", _("Không làm bài trên hệ thống này"))
    return "past", ("bad", _("Vắng mặt"))


def _after(exam_round: ExamRound) -> tuple[str, str]:
    if exam_round.state in _RESULTS_OUT:
        return "good", _("Đã công bố kết quả")
    return "neutral", _("Đã nộp, chờ công bố kết quả")
