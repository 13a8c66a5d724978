"""What candidates said about questions of a round, by question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.bank.models import Question, QuestionVersion, Topic
from examapp.bank.scope import open_to, reached
from examapp.core.db import db
from examapp.core.permissions import Permission
from examapp.rounds.models import BoardMember, BoardRole, ExamRound, RoundState
from examapp.rounds.services import may_edit
from examapp.sittings.notes import Note, notes_of_round

OVER = {RoundState.CLOSED, RoundState.PUBLISHED, RoundState.RECOGNISED}


@dataclass(slots=True)
class AboutQuestion:
    """The notes on one version of a question."""

    version_id: int | None
    code: str = ""
    """For whoever may read it; for others a question has no name."""
    topic: str = ""
    opens: bool = False
    """Whether this person may open it in the bank."""
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Notes:
    """How much was said, and where it may be read, what."""

    count: int
    questions: list[AboutQuestion]
    is_over: bool
    may_read: bool

    @property
    def texts_shown(self) -> bool:
        return self.is_over and self.may_read


def notes_for(exam_round: ExamRound, person: Account) -> Notes:
    """The questions with most notes first. A text can give a question away, so nobody reads any before the round is
    closed, and then those who answer for the round."""
    grouped: dict[int | None, AboutQuestion] = {}
    found = notes_of_round(exam_round.id)
    for note in found:
        grouped.setdefault(note.question_id, AboutQuestion(note.question_id)).notes.append(note)
    questions = sorted(grouped.values(), key=lambda one: (-len(one.notes), one.version_id or 0))
    notes = Notes(len(found), questions, exam_round.state in OVER, _answers_for(exam_round, person))
    if notes.texts_shown:
        _name(questions, exam_round, person)
    return notes


def _answers_for(exam_round: ExamRound, person: Account) -> bool:
    seats = select(BoardMember.id).where(
        BoardMember.round_id == exam_round.id,
        BoardMember.account_id == person.id,
        BoardMember.role.in_([BoardRole.CHAIR, BoardRole.SECRETARY]),
    )
    return may_edit(exam_round, person) or db.session.scalar(seats.limit(1)) is not None


def _name(questions: Sequence[AboutQuestion], exam_round: ExamRound, person: Account) -> None:
    """Code and topic for whoever may read the question: in the bank, or on the results of the whole round."""
    rows = (
        select(QuestionVersion.id, Question.code, Topic.name)
        .join(Question, Question.id == QuestionVersion.question_id)
        .join(Topic, Topic.id == QuestionVersion.topic_id)
        .where(QuestionVersion.id.in_({one.version_id for one in questions if one.version_id}))
    )
    in_bank: dict[int, tuple[str, str]] = {}
    if person.may(Permission.BANK_READ):
        mine = rows.where(reached(person.positions(Permission.BANK_READ)), open_to(person))
        in_bank = {version_id: (code, topic) for version_id, code, topic in db.session.execute(mine)}
    named = in_bank
    if _reads_results(exam_round, person):
        named = {version_id: (code, topic) for version_id, code, topic in db.session.execute(rows)}
    for one in questions:
        one.code, one.topic = named.get(one.version_id or 0, ("", ""))
        one.opens = one.version_id in in_bank


def _reads_results(exam_round: ExamRound, person: Account) -> bool:
    """Whether the results name every question of the round to this person: before they are published, to whoever
    publishes them."""
    needed = Permission.RESULTS_PUBLISH if exam_round.state is RoundState.CLOSED else Permission.RESULTS_READ
    if not person.may(Permission.RESULTS_READ) or not person.may(needed):
        return False
    units = person.units(needed)
    return units is None or exam_round.unit_id in units
