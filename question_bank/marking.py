"""Responses and a paper give marks: pure, exact and repeatable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from question_bank.kinds import get_kind
from question_bank.kinds.base import Response
from question_bank.paper import Layout, Slot
from question_bank.question import Question


@dataclass(frozen=True, slots=True)
class SlotMark:
    """``awarded`` and ``possible`` are thousandths of a point; ``right`` means the full share was earned.

    ``by_people`` tells an answer that people mark, ``pending`` that they have yet to; until then it has earned nothing.
    """

    slot: int
    section: str
    question_id: int
    awarded: int
    possible: int
    right: bool
    answered: bool
    pending: bool = False
    by_people: bool = False

    def as_json(self) -> dict[str, Any]:
        data = {
            "slot": self.slot,
            "question_id": self.question_id,
            "awarded": self.awarded,
            "possible": self.possible,
            "answered": self.answered,
        }
        return {**data, "pending": True} if self.pending else data


@dataclass(frozen=True, slots=True)
class SectionMark:
    """The totals of one section: thousandths of a point, and numbers of questions."""

    section: str
    awarded: int
    possible: int
    questions: int
    answered: int
    right: int


@dataclass(frozen=True, slots=True)
class PaperMark:
    slots: tuple[SlotMark, ...]
    sections: tuple[SectionMark, ...]

    @property
    def awarded(self) -> int:
        return sum(section.awarded for section in self.sections)

    @property
    def possible(self) -> int:
        return sum(section.possible for section in self.sections)

    @property
    def questions(self) -> int:
        return len(self.slots)

    @property
    def answered(self) -> int:
        return sum(section.answered for section in self.sections)

    @property
    def right(self) -> int:
        return sum(section.right for section in self.sections)

    @property
    def pending(self) -> int:
        """How many answers wait for people to mark them."""
        return sum(mark.pending for mark in self.slots)

    def as_json(self) -> dict[str, Any]:
        """What a digest of the marks is taken over; sections are sums of the slots and need no place in it."""
        return {
            "awarded": self.awarded,
            "possible": self.possible,
            "slots": [mark.as_json() for mark in self.slots],
        }


def mark_paper(
    layout: Layout,
    questions: Mapping[int, Question],
    responses: Mapping[int, Response],
    by_people: Mapping[int, int] | None = None,
) -> PaperMark:
    """Mark every slot of the layout; ``responses`` go by slot number.

    A slot without a response earns 0, a response of a shape its kind does not take counts as none, and
    a response for a slot the paper does not have is ignored. ``by_people`` are the thousandths people gave, by slot.
    """
    given = by_people or {}
    marks = tuple(
        _mark_slot(slot, questions[slot.question_id], responses.get(slot.number, []), given.get(slot.number))
        for slot in layout.slots
    )
    sections = dict.fromkeys(mark.section for mark in marks)
    return PaperMark(marks, tuple(_total(name, [m for m in marks if m.section == name]) for name in sections))


def _mark_slot(slot: Slot, question: Question, response: Response, given: int | None) -> SlotMark:
    kind = get_kind(slot.kind)
    answered = kind.accepts(response, slot.order) and kind.is_answered(response)
    for_people = answered and kind.marked_by_people
    share = kind.mark(question, slot.order, response) if answered else Fraction(0)
    awarded = given if for_people and given is not None else round_half_up(share * slot.points)
    return SlotMark(
        slot=slot.number,
        section=slot.section,
        question_id=slot.question_id,
        awarded=awarded,
        possible=slot.points,
        right=awarded == slot.points if for_people else share == 1,
        answered=answered,
        pending=for_people and given is None,
        by_people=for_people,
    )


def _total(name: str, marks: Iterable[SlotMark]) -> SectionMark:
    marks = list(marks)
    return SectionMark(
        section=name,
        awarded=sum(mark.awarded for mark in marks),
        possible=sum(mark.possible for mark in marks),
        questions=len(marks),
        answered=sum(mark.answered for mark in marks),
        right=sum(mark.right for mark in marks),
    )


def round_half_up(value: Fraction) -> int:
    """The one rounding in marking: a slot's share × points to whole thousandths, halves upward. Sums stay exact."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def percent(awarded: int, possible: int) -> Fraction:
    """What part of the points was earned, 0 to 100, exact; 0 when there was nothing to earn."""
    return Fraction(100 * awarded, possible) if possible else Fraction(0)


def passes(awarded: int, possible: int, pass_percent: int) -> bool:
    """Whether at least ``pass_percent`` per cent was earned, compared before any rounding.

    A paper with nothing to earn is not passed.
    """
    return possible > 0 and 100 * awarded >= pass_percent * possible
