"""Drawing the papers of a round: everything is read first, then drawn without the database.

The common section of all candidates comes from one drawer and each combination of positions from another, so that
equally eligible questions are used equally often over the whole round.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from sqlalchemy import select

from examapp.bank.content import load_questions
from examapp.bank.labels import level_label
from examapp.bank.matrices import rows_of
from examapp.bank.models import MatrixVersion, Topic
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.words import _
from examapp.rounds.acquaintance import merged, questions_known, questions_of, questions_seen
from examapp.rounds.models import Candidate, CandidateState, ExamRound, PostsRule
from examapp.rounds.sections import COMMON, round_pool, round_versions, section_name
from examapp.rounds.shifts import exam_days
from question_bank.draw import CannotFill, Drawer, Drawn, Section, arrange, seeded
from question_bank.matrix import Cell, Item, Row, feasibility, question_count
from question_bank.paper import Layout
from question_bank.question import Question, canonical_json, digest

MOST_LINES = 12
"""Of a message that lists what is missing."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the round's papers: its rows, the questions for it, its time beside other sections."""

    label: str
    rows: tuple[Row, ...]
    items: tuple[Item, ...]
    minutes: int


@dataclass(frozen=True, slots=True)
class Person:
    """A candidate as the draw sees one."""

    candidate_id: int
    number: str
    full_name: str
    positions: tuple[str, ...]
    avoid: frozenset[int]
    prefer_not: frozenset[int]


@dataclass(frozen=True, slots=True)
class Plan:
    """All the draw needs, read at one moment; ``fingerprint`` tells whether the round has changed since."""

    seed: str
    days: tuple[date, ...]
    minutes: int
    cap_questions: int | None
    """Most questions on a paper of several posts; ``None``: nobody is examined for several."""
    cap_minutes: int
    parts: dict[str, Part]
    people: list[Person]
    questions: dict[int, Question]
    topics: dict[str, str]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class DrawnPaper:
    candidate_id: int
    layout: Layout


def read_plan(
    exam_round: ExamRound,
    *,
    demo: bool,
    days: Sequence[date] | None = None,
    candidates: Sequence[Candidate] | None = None,
) -> Plan:
    """Read candidates, matrices, questions and what each candidate knows of them: of the whole round, or of some of
    its candidates for other days."""
    days = exam_days(exam_round) if days is None else days
    versions = round_versions(exam_round.id)
    parts = {section_name(version): _part(version, days, demo) for version in versions}
    item_ids = {item.id for part in parts.values() for item in part.items}
    rows = _enrolled(exam_round.id) if candidates is None else candidates
    union = exam_round.posts_rule is PostsRule.UNION
    return Plan(
        seed=exam_round.seed,
        days=tuple(days),
        minutes=exam_round.minutes,
        cap_questions=exam_round.union_max_questions if union else None,
        cap_minutes=exam_round.union_max_minutes,
        parts=parts,
        people=_people(exam_round, rows, item_ids),
        questions=load_questions(item_ids),
        topics={code: name for code, name in db.session.execute(select(Topic.code, Topic.name))},
        fingerprint=fingerprint(exam_round),
    )


def _part(version: MatrixVersion, days: Sequence[date], demo: bool) -> Part:
    position = version.matrix.position
    return Part(
        label=position.name if position is not None else _("Phần chung"),
        rows=tuple(rows_of(version)),
        items=tuple(round_pool(version.matrix.position_id, days, demo=demo)),
        minutes=version.minutes,
    )


def _enrolled(round_id: int) -> list[Candidate]:
    enrolled = select(Candidate).where(Candidate.round_id == round_id, Candidate.state == CandidateState.ENROLLED)
    return list(db.session.scalars(enrolled.order_by(Candidate.number, Candidate.id)))


def _people(exam_round: ExamRound, rows: Sequence[Candidate], item_ids: set[int]) -> list[Person]:
    officials = [row.official_id for row in rows]
    known, seen = questions_known(officials), questions_seen(officials, before=exam_round)
    items = items_of(item_ids)
    return [
        Person(
            candidate_id=row.id,
            number=row.number,
            full_name=row.full_name,
            positions=examined(row.posts, exam_round.posts_rule),
            avoid=items(known.get(row.official_id, set())),
            prefer_not=items(seen.get(row.official_id, set())),
        )
        for row in rows
    ]


def items_of(item_ids: set[int]) -> Callable[[set[int]], frozenset[int]]:
    """Tells which of these question versions ask one of some questions, or what a question was merged into."""
    of_question: dict[int, list[int]] = {}
    for version_id, question_id in questions_of(item_ids).items():
        of_question.setdefault(question_id, []).append(version_id)
    same = merged(of_question)

    def items(question_ids: set[int]) -> frozenset[int]:
        kept = {same.get(question_id, question_id) for question_id in question_ids}
        return frozenset(item for question_id in kept for item in of_question.get(question_id, ()))

    return items


def examined(posts: str, rule: PostsRule) -> tuple[str, ...]:
    """Codes of the positions a candidate is examined for, the main one first."""
    codes = [post["position"] for post in json.loads(posts)]
    return tuple(codes[:1] if rule is PostsRule.MAIN_AND_COMMON else dict.fromkeys(codes))


def fingerprint(exam_round: ExamRound) -> str:
    """A digest of all that decides what the papers are, besides the bank."""
    return digest(
        canonical_json(
            {
                "candidates": [[row.id, row.number, row.posts] for row in _enrolled(exam_round.id)],
                "matrices": [version.id for version in round_versions(exam_round.id)],
                "days": [day.isoformat() for day in exam_days(exam_round)],
                "rule": [exam_round.posts_rule.value, exam_round.union_max_questions, exam_round.union_max_minutes],
                "minutes": exam_round.minutes,
            }
        )
    )


def check_plan(plan: Plan) -> None:
    """Say everything that keeps the papers from being drawn, before the first one is."""
    if not plan.people:
        raise Invalid(_("Kỳ thi chưa có người dự thi nào để rút đề."))
    if not plan.parts:
        raise Invalid(_("Kỳ thi chưa chọn ma trận đề nào."))
    homeless = [
        _(
            "%(name)s (số báo danh %(number)s): vị trí %(position)s chưa có ma trận",
            name=person.full_name,
            number=person.number,
            position=code,
        )
        for person in plan.people
        for code in person.positions
        if code not in plan.parts
    ]
    if homeless:
        raise Invalid(_listed(_("Có người dự thi ở vị trí chưa chọn ma trận."), homeless))
    short = [
        line
        for name, part in plan.parts.items()
        for line in _lines(plan, [replace(c, section=name) for c in feasibility(part.rows, part.items)])
    ]
    if short:
        raise Invalid(_listed(_("Ngân hàng câu hỏi không đủ cho ma trận vào ngày thi. Chưa niêm phong đề nào."), short))


def _lines(plan: Plan, cells: Sequence[Cell]) -> list[str]:
    return [
        _(
            "%(section)s – %(topic)s – %(level)s: cần %(needed)s câu, rút được %(fillable)s",
            section=plan.parts[cell.section].label if cell.section in plan.parts else cell.section,
            topic=", ".join(sorted(plan.topics.get(code, code) for code in cell.row.topics)),
            level=level_label(cell.row.level),
            needed=cell.needed,
            fillable=cell.fillable,
        )
        for cell in cells
        if not cell.is_feasible
    ]


def _listed(message: str, lines: Sequence[str]) -> str:
    shown = [f"• {line}" for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        shown.append(_("… và %(n)s mục nữa", n=len(lines) - MOST_LINES))
    return "\n".join([message, *shown])


def draw_papers(plan: Plan, *, progress: Callable[[int, int], None] | None = None) -> list[DrawnPaper]:
    """A paper for each candidate, or an error naming the candidate and the cells that lack questions."""
    check_plan(plan)
    desk = _Desk(plan)
    papers = []
    for done, person in enumerate(plan.people):
        if progress is not None and done % 50 == 0:
            progress(done, len(plan.people))
        papers.append(DrawnPaper(person.candidate_id, desk.paper(person)))
    return papers


def draw_one(plan: Plan, person: Person) -> Layout | None:
    """A paper for one person by itself; nothing where the questions left for this person do not fill one."""
    try:
        return _Desk(plan).draw(person)
    except CannotFill:
        return None


class _Desk:
    """Keeps the drawers of a round between candidates."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._drawers: dict[tuple[str, ...], Drawer] = {}

    def paper(self, person: Person) -> Layout:
        try:
            return self.draw(person)
        except CannotFill as error:
            heading = _(
                "Không rút đủ đề cho %(name)s (số báo danh %(number)s), sau khi bỏ các câu người này đã soạn, "
                "thẩm định hoặc xem. Chưa niêm phong đề nào.",
                name=person.full_name,
                number=person.number,
            )
            raise Invalid(_listed(heading, _lines(self._plan, error.cells))) from error

    def draw(self, person: Person) -> Layout:
        plan = self._plan
        common = (COMMON,) if COMMON in plan.parts else ()
        drawn = self._draw(common, person, frozenset())
        drawn += self._draw(person.positions, person, frozenset(one.item_id for one in drawn))
        slots = arrange(drawn, plan.questions, seeded(plan.seed, person.number, "order"))
        return Layout(slots=slots, minutes=paper_minutes(plan, person.positions))

    def _draw(self, names: tuple[str, ...], person: Person, taken: frozenset[int]) -> list[Drawn]:
        if not names:
            return []
        return self._drawer(names).draw(person.number, avoid=person.avoid | taken, prefer_not=person.prefer_not)

    def _drawer(self, names: tuple[str, ...]) -> Drawer:
        if names not in self._drawers:
            parts = self._plan.parts
            rows = [list(parts[name].rows) for name in names]
            if len(names) > 1 and self._plan.cap_questions is not None:
                common = question_count(parts[COMMON].rows) if COMMON in parts else 0
                rows = cut(rows, self._plan.cap_questions - common)
            sections = [Section(name, tuple(asked), parts[name].items) for name, asked in zip(names, rows, strict=True)]
            self._drawers[names] = Drawer(sections, "/".join((self._plan.seed, *names)))
        return self._drawers[names]


def paper_minutes(plan: Plan, positions: Sequence[str]) -> int:
    """The round's time for one post, and for each further post the time of its matrix, up to the cap."""
    if len(positions) < 2:
        return plan.minutes
    return min(plan.minutes + sum(plan.parts[name].minutes for name in positions[1:]), plan.cap_minutes)


def cut(sections: Sequence[Sequence[Row]], most: int) -> list[list[Row]]:
    """At most ``most`` questions over all sections, every row in proportion (largest remainders first)."""
    rows = [row for section in sections for row in section]
    total = question_count(rows)
    if total <= most:
        return [list(section) for section in sections]
    if most < len(sections):
        raise Invalid(
            _("Trần số câu khi gộp các vị trí quá nhỏ: không đủ một câu cho mỗi vị trí ngoài phần chung."),
            field="union_max_questions",
        )
    shares = [Fraction(row.count * most, total) for row in rows]
    counts = [int(share) for share in shares]
    by_remainder = sorted(range(len(rows)), key=lambda i: (counts[i] - shares[i], i))
    for index in by_remainder[: most - sum(counts)]:
        counts[index] += 1
    left = iter(counts)
    return [[replace(row, count=n) for row in section if (n := next(left))] for section in sections]


def usage(papers: Sequence[DrawnPaper]) -> Counter[int]:
    """How many of ``papers`` each question version is on."""
    return Counter(slot.question_id for paper in papers for slot in paper.layout.slots)
