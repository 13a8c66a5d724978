"""Answering one question at a time: what is shown, what came back, what it was worth and what it does to the card."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.bank.answer_fields import Sent, read_answer
from examapp.bank.asked import Asked, asked, images_of, told_of
from examapp.bank.content import content_of
from examapp.bank.models import Question, QuestionVersion
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.words import _
from examapp.practice.cards import learn, rating
from examapp.practice.models import PracticeAnswer, PracticeCard
from examapp.practice.reach import Reach, seen_again
from question_bank import question as domain
from question_bank.draw import seeded
from question_bank.kinds import get_kind
from question_bank.kinds.base import Order, Response
from question_bank.marking import round_half_up

FIELD = "q"
"""Name of the fields of the question."""

LONGEST_LOOK = 3600
"""Seconds: who comes back after longer has not been thinking all the time."""


class IncompleteAnswer(Invalid):
    """The fields contradict each other; ``ticket`` shows the same question again."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(_("Câu trả lời chưa trọn vẹn, ví dụ hai mục ở cùng một vị trí. Hãy sửa rồi trả lời lại."))
        self.ticket = ticket


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a page with a question says of itself when it comes back, signed: it is ours, and cannot be made up."""

    official_id: int
    version_id: int
    number: int
    shown_ms: int

    @classmethod
    def read(cls, text: str, official_id: int) -> Ticket:
        try:
            ticket = cls(*_signer().loads(text))
        except (BadSignature, TypeError):
            raise _outdated() from None
        if ticket.official_id != official_id:
            raise _outdated()
        return ticket

    def __str__(self) -> str:
        text = _signer().dumps([self.official_id, self.version_id, self.number, self.shown_ms])
        return text if isinstance(text, str) else text.decode()

    def order(self, content: domain.Question) -> Order:
        """The same each time this page is made, another the next time the question comes."""
        rng = seeded("practice", self.official_id, self.version_id, self.number)
        return get_kind(content.kind).shuffle(content, rng)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="practice question")


def _outdated() -> Conflict:
    return Conflict(
        _("Trang câu hỏi này đã cũ nên chưa ghi câu trả lời."), advice=_("Hãy mở lại trang Ôn tập rồi làm tiếp.")
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A question on the screen."""

    question: Question
    asked: Asked
    ticket: Ticket


def sheet(question: Question, reach: Reach, *, now: datetime) -> Sheet:
    """The question as it is shown now."""
    number = _answers_so_far(reach.official_id, question.id) + 1
    return _sheet(question, Ticket(reach.official_id, question.current.id, number, clock.to_ms(now)))


def sheet_again(ticket: Ticket) -> Sheet:
    """The same page once more."""
    question = db.session.scalars(select(Question).where(Question.current_id == ticket.version_id)).one()
    return _sheet(question, ticket)


def _sheet(question: Question, ticket: Ticket) -> Sheet:
    content = content_of(question.current)
    told = told_of(content, ticket.order(content))
    return Sheet(question, asked(FIELD, told, [], images_of([content])), ticket)


def _answers_so_far(official_id: int, question_id: int) -> int:
    count = select(func.coalesce(func.max(PracticeAnswer.number), 0)).where(
        PracticeAnswer.official_id == official_id, PracticeAnswer.question_id == question_id
    )
    return db.session.scalar(count) or 0


def give_answer(text: str, sent: Sent, *, reach: Reach, now: datetime) -> PracticeAnswer:
    """Mark what was answered and keep it; a page sent twice is one answer. Nothing answered is "not known"."""
    ticket = Ticket.read(text, reach.official_id)
    question = db.session.scalar(
        select(Question)
        .where(Question.current_id == ticket.version_id, reach.questions())
        .options(joinedload(Question.current))
    )
    if question is None:
        raise Conflict(
            _("Câu hỏi vừa được sửa hoặc không còn dùng để ôn tập, nên chưa ghi câu trả lời."),
            advice=_("Hãy mở lại trang Ôn tập để làm câu tiếp theo."),
        )
    if _answers_so_far(reach.official_id, question.id) >= ticket.number:
        return _given(reach.official_id, question.id, ticket.number)
    response = _response(content_of(question.current), ticket, sent)
    return keep_answer(question, ticket, response, now=now)


def keep_answer(question: Question, ticket: Ticket, response: Response, *, now: datetime) -> PracticeAnswer:
    """Mark an answer, keep it, and take it into the card."""
    content = content_of(question.current)
    order = ticket.order(content)
    share = _share(content, order, response)
    answer = PracticeAnswer(
        official_id=ticket.official_id,
        question=question,
        number=ticket.number,
        version=question.current,
        arrangement=json.dumps(order),
        response=json.dumps(response, ensure_ascii=False),
        share=None if share is None else round_half_up(share * 1000),
        seconds=max(0, min(LONGEST_LOOK, (clock.to_ms(now) - ticket.shown_ms) // 1000)),
        answered_at=now,
    )
    db.session.add(answer)
    db.session.flush()
    if share is not None:
        _learn(answer, content, share)
    return answer


def _given(official_id: int, question_id: int, number: int) -> PracticeAnswer:
    return db.session.scalars(
        select(PracticeAnswer).where(
            PracticeAnswer.official_id == official_id,
            PracticeAnswer.question_id == question_id,
            PracticeAnswer.number == number,
        )
    ).one()


def _response(content: domain.Question, ticket: Ticket, sent: Sent) -> Response:
    order = ticket.order(content)
    response = read_answer(content.kind, FIELD, order, sent)
    if response is None or (response and not get_kind(content.kind).accepts(response, order)):
        raise IncompleteAnswer(ticket)
    return response


def _share(content: domain.Question, order: Order, response: Response) -> Fraction | None:
    """What was earned; ``None`` where only people can say."""
    kind = get_kind(content.kind)
    if not response:
        return Fraction(0)
    return None if kind.marked_by_people else kind.mark(content, order, response)


def _learn(answer: PracticeAnswer, content: domain.Question, share: Fraction) -> None:
    grade = rating(share, seconds=answer.seconds, expected=content.seconds)
    learn(answer.official_id, answer.question_id, grade, share=share, at=answer.answered_at)


def own_answer(ref: str, person: Account) -> PracticeAnswer:
    """The person's own answer, as long as its question may be looked at."""
    answer = db.session.scalar(
        select(PracticeAnswer)
        .where(PracticeAnswer.ref == ref, PracticeAnswer.official_id == person.official_id)
        .options(joinedload(PracticeAnswer.version).joinedload(QuestionVersion.topic))
    )
    if answer is None or not seen_again([answer.question_id], person):
        raise NotFound()
    return answer


def card_of(answer: PracticeAnswer) -> PracticeCard | None:
    """The card as it stands now: when the question comes again."""
    return db.session.get(PracticeCard, (answer.official_id, answer.question_id))


def unmarked_answer(question: Question, official_id: int) -> PracticeAnswer | None:
    """An answer that waits for the person's own mark."""
    return db.session.scalar(
        select(PracticeAnswer)
        .where(
            PracticeAnswer.official_id == official_id,
            PracticeAnswer.question_id == question.id,
            PracticeAnswer.share.is_(None),
        )
        .limit(1)
    )


def mark_own(answer: PracticeAnswer, share: int | None) -> None:
    """What the person says an answer was worth that no machine can mark, in thousandths."""
    if answer.share is not None:
        return
    if share not in {0, 500, 1000}:
        raise Invalid(_("Hãy chọn một trong ba mức tự đánh giá."))
    answer.share = share
    _learn(answer, content_of(answer.version), Fraction(share, 1000))
