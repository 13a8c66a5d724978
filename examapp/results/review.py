"""One result opened down to the answers: each question as it stood on the paper, with what was chosen.

Keys are shown only where the caller says so; without them nothing of a row depends on which option is right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from examapp.bank.answered import Reviewed, reviewed
from examapp.bank.asked import asked, images_of
from examapp.bank.kept import sealed_questions
from examapp.core.db import db
from examapp.core.words import N_, _
from examapp.organisation.models import Position
from examapp.results.basis import Basis, basis_of
from examapp.results.by_people import hand_marks, rubric_of
from examapp.results.marking import COMMON
from examapp.results.models import HandMark, Result, ResultItem
from examapp.rounds.models import Paper
from examapp.sittings.models import Sitting
from question_bank.kinds.base import Response
from question_bank.paper import Layout, delivered
from question_bank.question import Question


class ItemState(StrEnum):
    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    BLANK = "blank"
    PENDING = "pending"
    MARKED = "marked"


STATE_LABELS: dict[ItemState, str] = {
    ItemState.RIGHT: N_("Đúng"),
    ItemState.PARTLY: N_("Đúng một phần"),
    ItemState.WRONG: N_("Chưa đúng"),
    ItemState.BLANK: N_("Không trả lời"),
    ItemState.PENDING: N_("Chờ người chấm"),
    ItemState.MARKED: N_("Đã chấm"),
}
STATE_KINDS: dict[ItemState, str] = {
    ItemState.RIGHT: "good",
    ItemState.PARTLY: "warn",
    ItemState.WRONG: "bad",
    ItemState.BLANK: "neutral",
    ItemState.PENDING: "warn",
    ItemState.MARKED: "neutral",
}


@dataclass(frozen=True, slots=True)
class RubricLine:
    text: str
    given: int
    points: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of the paper with the mark it earned."""

    number: int
    section: str
    reviewed: Reviewed
    awarded: int
    possible: int
    state: ItemState
    explanation: str
    basis: list[Basis]
    rubric: list[RubricLine]
    """What people gave and for what."""
    comment: str


def item_state(item: ResultItem, mark: HandMark | None = None) -> ItemState:
    """In the order in which a reader asks: answered at all, marked, right, a part of it."""
    if not item.response:
        return ItemState.BLANK
    if item.by_people:
        return ItemState.MARKED if mark else ItemState.PENDING
    if item.awarded == item.possible:
        return ItemState.RIGHT
    return ItemState.PARTLY if item.awarded else ItemState.WRONG


def items_of(result: Result) -> list[ResultItem]:
    statement = select(ResultItem).where(ResultItem.result_id == result.id).order_by(ResultItem.slot)
    return list(db.session.scalars(statement))


def marks_of(result: Result) -> list[tuple[ResultItem, ItemState]]:
    """The marks alone, for those who may not read the questions."""
    items = items_of(result)
    marks = _hand_marks(result, items)
    return [(item, item_state(item, marks.get(item.slot))) for item in items]


def _hand_marks(result: Result, items: Sequence[ResultItem]) -> dict[int, HandMark]:
    """By slot, those that this version of the result holds. A mark of nothing makes no new version of it."""
    if result.sitting_id is None or not any(item.by_people for item in items):
        return {}
    sittings, awarded = [result.sitting_id], {item.slot: item.awarded for item in items}
    held = hand_marks(sittings, until=result.computed_at)
    if result.is_current:
        held |= {key: mark for key, mark in hand_marks(sittings).items() if mark.awarded == awarded.get(key[1])}
    return {slot: mark for (_sitting, slot), mark in held.items()}


def review(result: Result, *, with_keys: bool, names: Mapping[str, str] | None = None) -> list[Answered]:
    """Every question of the paper; keys, explanation and legal basis only ``with_keys``. ``names`` of the sections,
    where they are known."""
    layout = _layout(result)
    questions = sealed_questions(layout.slots)
    sections = {slot.section for slot in layout.slots}
    names = names if names and sections <= names.keys() else section_names(sections)
    told = {one["slot"]: one for one in delivered(layout, questions)}
    images = images_of(questions.values())
    items = items_of(result)
    marks = _hand_marks(result, items)
    basis = basis_of(result.round_id, questions) if with_keys else {}
    found = []
    slots = {slot.number: slot for slot in layout.slots}
    for item in items:
        slot = slots.get(item.slot)
        if slot is None:
            continue
        question, mark = questions[slot.question_id], marks.get(slot.number)
        response: Response = json.loads(item.response) if item.response else []
        shown = asked(f"item{slot.number}", told[slot.number], response, images)
        found.append(
            Answered(
                number=slot.number,
                section=names[slot.section],
                reviewed=reviewed(shown, question, slot.order, with_keys),
                awarded=item.awarded,
                possible=item.possible,
                state=item_state(item, mark),
                explanation=question.explanation if with_keys else "",
                basis=basis.get(slot.question_id, []),
                rubric=_rubric(question, mark) if with_keys and mark else [],
                comment=mark.comment if with_keys and mark else "",
            )
        )
    return found


def _rubric(question: Question, mark: HandMark) -> list[RubricLine]:
    lines = rubric_of(question)
    return [RubricLine(line.text, given, line.points) for line, given in zip(lines, mark.given, strict=False)]


def _layout(result: Result) -> Layout:
    statement = select(Paper.layout).join(Sitting, Sitting.paper_id == Paper.id).where(Sitting.id == result.sitting_id)
    raw = db.session.scalar(statement)
    return Layout.from_json(json.loads(raw)) if raw else Layout(slots=(), minutes=0)


def position_names(sections: set[str]) -> dict[str, str]:
    """The positions that sections are named for."""
    statement = select(Position.code, Position.name).where(Position.code.in_(sections - {COMMON}))
    return {code: name for code, name in db.session.execute(statement)}


def section_names(sections: set[str]) -> dict[str, str]:
    """What the sections of a paper are called: the common one, and one for each position."""
    names = position_names(sections)
    return {section: section_name(section, names.get(section, section)) for section in sections}


def section_name(section: str, position: str) -> str:
    return _("Phần chung") if section == COMMON else _("Phần vị trí: %(position)s", position=position)
