"""What the list of questions can be narrowed to: parameters of the address, and the conditions they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, select

from examapp.bank.exposures import awaited_rounds, drawn_questions
from examapp.bank.item_flags import is_flagged
from examapp.bank.models import (
    BankKind,
    Citation,
    Question,
    QuestionPosition,
    QuestionState,
    QuestionTag,
    QuestionVersion,
    Review,
    Topic,
    Verdict,
)
from examapp.bank.pool import usable
from examapp.bank.search import has_image, matching
from examapp.bank.topics import topics_below
from examapp.core import text
from examapp.core.db import db
from examapp.organisation.models import Position
from question_bank.question import Level

COMMON = "chung"
"""What stands for "common to all positions" where a position code is asked for."""
NEVER, EVER = "never", "yes"
SECONDS: dict[str, tuple[int, int | None]] = {"30": (1, 30), "60": (31, 60), "120": (61, 120), "more": (121, None)}
"""Expected time to answer: the names of its steps, each from–to."""
UNKNOWN = "none"
MOST_POINTS = 10**9


@dataclass(frozen=True, slots=True)
class Filters:
    """Parameters of the address; empty ones do not filter."""

    q: str = ""
    position: str = ""
    topic: str = ""
    level: str = ""
    kind: str = ""
    state: str = ""
    law: str = ""
    usable: str = ""
    on: str = ""
    """The day that ``usable`` asks about; today without one."""
    returned: str = ""
    held: str = ""
    tag: str = ""
    owner: str = ""
    points: str = ""
    seconds: str = ""
    flagged: str = ""
    used: str = ""
    """Never, ever, or in the round with this number."""
    image: str = ""
    cited: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Self:
        return cls(**{field.name: text.nfc(args.get(field.name, "")).strip() for field in fields(cls)})

    @property
    def given(self) -> dict[str, str]:
        """Those that filter, as they stand in the address."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def reads_version(self) -> bool:
        """Whether a condition is on ``question_versions``, so that the list must join them."""
        return bool(self.level or self.kind or self.topic or self.points or self.seconds or self.image)


def conditions(filters: Filters, *, on: date, demo: bool, bank: BankKind = BankKind.EXAM) -> list[ColumnElement[bool]]:
    """On ``questions`` and, where :attr:`Filters.reads_version` says so, the present version."""
    found = [*_of_content(filters), *_of_state(filters, on=on, demo=demo, bank=bank), *_of_law(filters)]
    if filters.q:
        found.append(matching(filters.q))
    if filters.position:
        found.append(_of_position(filters.position))
    if filters.tag:
        tagged = select(QuestionTag.question_id).where(QuestionTag.tag == filters.tag)
        found.append(Question.id.in_(tagged))
    if filters.owner:
        found.append(Question.owner_id == _number(filters.owner))
    if filters.used:
        found.append(_used(filters.used))
    return found


def _of_content(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.topic:
        found.append(QuestionVersion.topic_id.in_(_topic_ids(filters.topic)))
    if filters.level in set(Level):
        found.append(QuestionVersion.level == Level(filters.level))
    if filters.kind:
        found.append(QuestionVersion.kind == filters.kind)
    if filters.points:
        found.append(_worth(filters.points))
    if filters.seconds:
        found.append(_takes(filters.seconds))
    if filters.image in {"yes", "no"}:
        found.append(has_image() if filters.image == "yes" else ~has_image())
    return found


def _of_state(filters: Filters, *, on: date, demo: bool, bank: BankKind) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.state in set(QuestionState):
        found.append(_is_in(QuestionState(filters.state), beside_content=filters.reads_version))
    if filters.usable in {"yes", "no"}:
        can = usable(day_of(filters.on) or on, demo=demo, bank=bank)
        found.append(can if filters.usable == "yes" else ~can)
    if filters.returned == "yes":
        found.append(was_returned())
    if filters.held in {"yes", "no"}:
        held = Question.held_at.is_not(None)
        found.append(held if filters.held == "yes" else ~held)
    if filters.flagged == "yes":
        found.append(is_flagged())
    return found


def _of_law(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.law:
        citing = select(Citation.version_id).where(Citation.document_id == _number(filters.law))
        found.append(Question.current_id.in_(citing))
    if filters.cited in {"yes", "no"}:
        has = Question.current_id.in_(select(Citation.version_id))
        found.append(has if filters.cited == "yes" else ~has)
    return found


def _is_in(state: QuestionState, *, beside_content: bool) -> ColumnElement[bool]:
    """Beside a condition on the content, which rules out more, SQLite must not begin with the index of states."""
    return cast(Question.state, String) == state.value if beside_content else Question.state == state


def day_of(typed: str) -> date | None:
    try:
        return text.parse_date(typed)
    except ValueError:
        return None


def _number(typed: str) -> int:
    """A row's number; what is none is the number of no row."""
    return text.whole_number(typed) or 0


def _worth(typed: str) -> ColumnElement[bool]:
    try:
        thousandths = text.parse_decimal(typed) * 1000
    except ValueError:
        return false()
    return QuestionVersion.points == int(thousandths) if thousandths <= MOST_POINTS else false()


def _takes(step: str) -> ColumnElement[bool]:
    if step == UNKNOWN:
        return QuestionVersion.seconds.is_(None)
    if step not in SECONDS:
        return false()
    low, high = SECONDS[step]
    at_least = QuestionVersion.seconds >= low
    return at_least if high is None else and_(at_least, QuestionVersion.seconds <= high)


def _used(typed: str) -> ColumnElement[bool]:
    """Rounds that are still to be sat do not count: what stands on their papers is told to nobody."""
    awaited = awaited_rounds()
    if typed == NEVER:
        return Question.id.not_in(drawn_questions(but=awaited))
    return Question.id.in_(drawn_questions(None if typed == EVER else _number(typed), but=awaited))


def was_returned() -> ColumnElement[bool]:
    """The condition on ``questions``: a draft that came back from review as it stands."""
    returned = select(Review.id).where(Review.version_id == Question.current_id, Review.verdict == Verdict.RETURNED)
    return and_(Question.state == QuestionState.DRAFT, returned.correlate(Question).exists())


def _of_position(code: str) -> ColumnElement[bool]:
    if code == COMMON:
        return Question.is_common.is_(True)
    at = select(QuestionPosition.question_id).join(Position, Position.id == QuestionPosition.position_id)
    return Question.id.in_(at.where(Position.code == code))


def _topic_ids(code: str) -> Select[Any]:
    """The topic and everything below it."""
    top = db.session.scalar(select(Topic.id).where(Topic.code == code))
    return select(Topic.id).where(Topic.code.in_(topics_below(top) if top else []))
