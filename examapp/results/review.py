"""One result opened down to the answers: each question as it stood on the paper, with what was chosen.

Keys are shown only where the caller says so; without them nothing of a row depends on which option is right.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from examapp.bank.services import load_questions
from examapp.core.db import db
from examapp.core.words import N_, _
from examapp.organisation.models import Position
from examapp.results.marking import COMMON
from examapp.results.models import Result, ResultItem
from examapp.rounds.models import Paper
from examapp.sittings.models import Sitting
from question_bank.kinds.base import letter
from question_bank.paper import Layout, Slot
from question_bank.question import Question


class ItemState(StrEnum):
    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    BLANK = "blank"


STATE_LABELS: dict[ItemState, str] = {
    ItemState.RIGHT: N_("Đúng"),
    ItemState.PARTLY: N_("Đúng một phần"),
    ItemState.WRONG: N_("Chưa đúng"),
    ItemState.BLANK: N_("Không trả lời"),
}
STATE_KINDS: dict[ItemState, str] = {
    ItemState.RIGHT: "good",
    ItemState.PARTLY: "warn",
    ItemState.WRONG: "bad",
    ItemState.BLANK: "neutral",
}


@dataclass(frozen=True, slots=True)
class Choice:
    letter: str
    text: str
    is_chosen: bool
    is_right: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of the paper with the mark it earned."""

    number: int
    section: str
    stem: str
    choices: tuple[Choice, ...]
    awarded: int
    possible: int
    state: ItemState
    explanation: str
    citations: tuple[str, ...]


def item_state(response: str, awarded: int, possible: int) -> ItemState:
    """In the order in which a reader asks: answered at all, right, a part of it."""
    if not response:
        return ItemState.BLANK
    if awarded == possible:
        return ItemState.RIGHT
    return ItemState.PARTLY if awarded else ItemState.WRONG


def items_of(result: Result) -> list[ResultItem]:
    statement = select(ResultItem).where(ResultItem.result_id == result.id).order_by(ResultItem.slot)
    return list(db.session.scalars(statement))


def marks_of(result: Result) -> list[tuple[ResultItem, ItemState]]:
    """The marks alone, for those who may not read the questions."""
    return [(item, item_state(item.response, item.awarded, item.possible)) for item in items_of(result)]


def review(result: Result, *, with_keys: bool) -> list[Answered]:
    """Every question of the paper; keys, explanation and legal basis only ``with_keys``."""
    layout = _layout(result)
    questions = load_questions({slot.question_id for slot in layout.slots})
    names = section_names({slot.section for slot in layout.slots})
    items = {item.slot: item for item in items_of(result)}
    return [
        _answered(slot, questions[slot.question_id], items[slot.number], names[slot.section], with_keys)
        for slot in layout.slots
        if slot.number in items
    ]


def _layout(result: Result) -> Layout:
    statement = select(Paper.layout).join(Sitting, Sitting.paper_id == Paper.id).where(Sitting.id == result.sitting_id)
    raw = db.session.scalar(statement)
    return Layout.from_json(json.loads(raw)) if raw else Layout(slots=(), minutes=0)


def _answered(slot: Slot, question: Question, item: ResultItem, section: str, with_keys: bool) -> Answered:
    chosen = set(json.loads(item.response)) if item.response else set()
    choices = tuple(
        Choice(
            letter=letter(place),
            text=question.options[index].text,
            is_chosen=place + 1 in chosen,
            is_right=with_keys and question.options[index].correct,
        )
        for place, index in enumerate(slot.order)
    )
    return Answered(
        number=slot.number,
        section=section,
        stem=question.stem,
        choices=choices,
        awarded=item.awarded,
        possible=item.possible,
        state=item_state(item.response, item.awarded, item.possible),
        explanation=question.explanation if with_keys else "",
        citations=tuple(str(citation) for citation in question.citations) if with_keys else (),
    )


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
