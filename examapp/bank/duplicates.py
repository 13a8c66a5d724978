"""Near-duplicates in the bank: found by a job, decided by a person. What is merged keeps both histories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account
from examapp.audit.services import acting, record
from examapp.bank.bank_index import bank_index
from examapp.bank.content import present_content
from examapp.bank.models import (
    BankKind,
    Citation,
    DuplicatePair,
    PairVerdict,
    Question,
    QuestionState,
    QuestionVersion,
)
from examapp.bank.questions import edit_question, move
from examapp.bank.scope import CHANGES, covers, reach_over, reached
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Forbidden, IllegalMove, NotFound
from examapp.core.jobs import Work
from examapp.core.permissions import Permission
from examapp.core.words import N_, _
from question_bank.similarity import Likeness, Pair

JOB = "bank.find_duplicates"
MOST = 20_000
"""Pairs that are kept of one search, the likest first: nobody decides on more."""
PIECE = 500

LIKENESS: dict[Likeness, str] = {
    Likeness.SAME: N_("Giống phần hỏi và phương án"),
    Likeness.SAME_STEM: N_("Giống phần hỏi, khác phương án"),
    Likeness.NUMBERS: N_("Chỉ khác số"),
    Likeness.SIMILAR: N_("Gần giống"),
}
VERDICTS: dict[PairVerdict, str] = {
    PairVerdict.OPEN: N_("Chưa xử lý"),
    PairVerdict.DIFFERENT: N_("Khác nhau"),
    PairVerdict.MERGED: N_("Đã gộp"),
}
_RANK = {likeness.value: rank for rank, likeness in enumerate(Likeness)}

Key = tuple[int, int]


def within_reach(person: Account) -> ColumnElement[bool]:
    """The condition on ``questions`` that this person compares: those of the exam bank in charge, and practice ones
    where the person reads them, since what everybody practises must not come up in an exam."""
    exam = and_(Question.bank == BankKind.EXAM, reached(person.positions(Permission.BANK_MANAGE)))
    if not person.may(Permission.PRACTICE_BANK_READ):
        return exam
    practice = and_(Question.bank == BankKind.PRACTICE, reached(person.positions(Permission.PRACTICE_BANK_READ)))
    return or_(exam, practice)


def find_job(work: Work) -> None:
    """The job: compare everything in reach, then bring the open pairs up to date in short steps."""
    work.progress(0, 3, _("Đang so sánh các câu hỏi"))
    person = db.session.get_one(Account, work.owner_id)
    living = select(Question.id).where(within_reach(person), Question.current_id.is_not(None))
    ids = set(db.session.scalars(living.where(Question.state != QuestionState.RETIRED)))
    found = _likest(pair for pair in bank_index().pairs() if pair.first in ids and pair.second in ids)
    before = _open_pairs(set(db.session.scalars(living)))
    decided = set(db.session.execute(_keys().where(DuplicatePair.verdict != PairVerdict.OPEN)).all())
    db.session.rollback()
    work.progress(1, 3, _("Đang ghi các cặp gần trùng"))
    new = {key: pair for key, pair in found.items() if before.get(key) != (pair.likeness, pair.score)}
    _drop([key for key in before if key not in found or key in new])
    work.progress(2, 3)
    written = _write([pair for key, pair in new.items() if key not in decided])
    with acting(work.owner_id), unit_of_work():
        record("duplicates.found", "bank", "", pairs=written, questions=len(ids))
    count = len(found.keys() - decided)
    work.finish(message=_("Có %(n)s cặp câu gần trùng chưa xử lý.", n=count), url="/bank/duplicates")


def _likest(pairs: Iterable[Pair]) -> dict[Key, Pair]:
    ordered = sorted(pairs, key=lambda pair: (_RANK[pair.likeness], -pair.score, pair.first, pair.second))
    return {(pair.first, pair.second): pair for pair in ordered[:MOST]}


def _keys() -> Select[int, int]:
    return select(DuplicatePair.first_id, DuplicatePair.second_id)


def _open_pairs(ids: set[int]) -> dict[Key, tuple[Likeness, int]]:
    """The pairs that wait for a decision, as far as both questions are among ``ids``."""
    rows = db.session.execute(
        select(DuplicatePair.first_id, DuplicatePair.second_id, DuplicatePair.likeness, DuplicatePair.score).where(
            DuplicatePair.verdict == PairVerdict.OPEN
        )
    )
    return {(one, other): (likeness, score) for one, other, likeness, score in rows if {one, other} <= ids}


def _pieces(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), PIECE):
        yield rows[start : start + PIECE]


def _drop(keys: Sequence[Key]) -> None:
    for some in _pieces(keys):
        with unit_of_work() as session:
            pair = tuple_(DuplicatePair.first_id, DuplicatePair.second_id)
            gone = delete(DuplicatePair).where(pair.in_(some), DuplicatePair.verdict == PairVerdict.OPEN)
            session.execute(gone.execution_options(synchronize_session=False))


def _write(pairs: Sequence[Pair]) -> int:
    for some in _pieces(pairs):
        with unit_of_work() as session:
            keys = [(pair.first, pair.second) for pair in some]
            there = set(
                session.execute(_keys().where(tuple_(DuplicatePair.first_id, DuplicatePair.second_id).in_(keys)))
            )
            rows = [
                {"first_id": pair.first, "second_id": pair.second, "likeness": pair.likeness, "score": pair.score}
                for pair in some
                if (pair.first, pair.second) not in there
            ]
            if rows:
                session.execute(insert(DuplicatePair), rows)
    return len(pairs)


def pairs_for(person: Account, *, verdict: PairVerdict = PairVerdict.OPEN, likeness: str = "") -> Select[Any]:
    """The pairs in reach, likest first, with what a page shows of both questions."""
    ids = select(Question.id).where(within_reach(person))
    rank = case(_RANK, value=DuplicatePair.likeness, else_=9)
    query = (
        select(DuplicatePair)
        .where(DuplicatePair.verdict == verdict, DuplicatePair.first_id.in_(ids), DuplicatePair.second_id.in_(ids))
        .options(*(_shown(side) for side in (DuplicatePair.first, DuplicatePair.second)))
        .order_by(rank, DuplicatePair.score.desc(), DuplicatePair.first_id, DuplicatePair.second_id)
    )
    return query.where(DuplicatePair.likeness == Likeness(likeness)) if likeness in set(Likeness) else query


def _shown(side: Any) -> Any:
    return joinedload(side).options(joinedload(Question.current).joinedload(QuestionVersion.topic))


def counts_for(person: Account) -> dict[Likeness, int]:
    """How many pairs wait for a decision, by likeness."""
    counted = pairs_for(person).order_by(None).options().with_only_columns(DuplicatePair.likeness, func.count())
    rows = db.session.execute(counted.group_by(DuplicatePair.likeness))
    return {likeness: count for likeness, count in rows}


def get_pair(first: str, second: str, *, person: Account) -> DuplicatePair:
    """The pair of these two questions (codes, the older first), for who has both in reach."""
    side = (
        joinedload(Question.current).joinedload(QuestionVersion.topic),
        joinedload(Question.current).selectinload(QuestionVersion.citations).joinedload(Citation.document),
        selectinload(Question.positions),
    )
    ids = select(Question.id).where(within_reach(person))
    found = db.session.scalar(
        select(DuplicatePair)
        .where(
            DuplicatePair.first_id.in_(ids.where(Question.code == first)),
            DuplicatePair.second_id.in_(ids.where(Question.code == second)),
        )
        .options(joinedload(DuplicatePair.first).options(*side), joinedload(DuplicatePair.second).options(*side))
    )
    if found is None:
        raise NotFound()
    return found


def say_different(pair: DuplicatePair, *, person: Account) -> None:
    """They stay as they are; the search does not bring them up again."""
    _decide(pair, PairVerdict.DIFFERENT, person)
    record("duplicates.different", "question", pair.first.code, other=pair.second.code)


def _decide(pair: DuplicatePair, verdict: PairVerdict, person: Account) -> None:
    if pair.verdict is not PairVerdict.OPEN:
        advice = _("Hãy mở lại danh sách để xem các cặp còn chờ.")
        raise Conflict(_("Cặp câu này đã được xử lý."), advice=advice)
    pair.verdict, pair.decided_by_id, pair.decided_at = verdict, person.id, clock.now()
    db.session.flush()


@dataclass(frozen=True, slots=True)
class Merge:
    """What is to come of a pair: which question stays, and what it takes over."""

    keeps_first: bool
    with_positions: bool = False
    with_tags: bool = False


def merge(pair: DuplicatePair, how: Merge, *, person: Account) -> Question:
    """Let one question stand for both. The other is retired and points to it; versions and use of both stay."""
    keep, gone = (pair.first, pair.second) if how.keeps_first else (pair.second, pair.first)
    _check_mergeable(keep, gone, person)
    _decide(pair, PairVerdict.MERGED, person)
    is_new = _take_over(keep, gone, how, person)
    gone.merged_into_id = keep.id
    move(gone, QuestionState.RETIRED)
    db.session.flush()
    further = update(Question).where(Question.merged_into_id == gone.id).values(merged_into_id=keep.id)
    db.session.execute(further.execution_options(synchronize_session="fetch"))
    either = or_(DuplicatePair.first_id == gone.id, DuplicatePair.second_id == gone.id)
    waiting = delete(DuplicatePair).where(either, DuplicatePair.verdict == PairVerdict.OPEN)
    db.session.execute(waiting.execution_options(synchronize_session="fetch"))
    record("question.merged", "question", gone.code, into=keep.code)
    record("question.took_in", "question", keep.code, other=gone.code, version=keep.current.number if is_new else None)
    return keep


def _check_mergeable(keep: Question, gone: Question, person: Account) -> None:
    if keep.bank is not gone.bank:
        advice = _("Nếu hai câu là một, hãy ngừng dùng câu ở ngân hàng thi: ai cũng xem được đáp án của câu ôn tập.")
        raise IllegalMove(_("Không gộp được hai câu ở hai ngân hàng khác nhau."), advice=advice)
    for question in (keep, gone):
        if question.state is QuestionState.RETIRED:
            raise IllegalMove(_("Câu %(code)s đã ngừng dùng.", code=question.code))
        wanted = {position.id for position in question.positions}
        if not covers(reach_over(person, CHANGES[keep.bank]), wanted=wanted, is_common=question.is_common):
            raise Forbidden(_("Câu %(code)s không thuộc phạm vi được giao.", code=question.code))


def _take_over(keep: Question, gone: Question, how: Merge, person: Account) -> bool:
    """Positions and tags of the other, where they are wanted: that makes a new version. Whether it did."""
    content = present_content(keep)
    positions, is_common = list(keep.positions), keep.is_common
    if how.with_positions:
        is_common = keep.is_common or gone.is_common
        positions += [position for position in gone.positions if position not in positions]
    if how.with_tags:
        content = replace(content, tags=tuple(dict.fromkeys((*content.tags, *present_content(gone).tags))))
    return edit_question(
        keep,
        content=content,
        topic=keep.current.topic,
        positions=positions,
        is_common=is_common,
        editor=person,
        note=_("Gộp câu %(code)s", code=gone.code),
        permissions=CHANGES[keep.bank],
    )


def unmerge(question: Question, *, person: Account) -> None:
    """Take a merge back: the question stays retired, by itself, and may be brought back from there."""
    keep = db.session.get(Question, question.merged_into_id) if question.merged_into_id else None
    if keep is None:
        raise IllegalMove(_("Câu %(code)s chưa gộp vào câu nào.", code=question.code))
    question.merged_into_id = None
    key = (min(question.id, keep.id), max(question.id, keep.id))
    pair = db.session.get(DuplicatePair, key)
    if pair is not None:
        pair.verdict, pair.decided_by_id, pair.decided_at = PairVerdict.DIFFERENT, person.id, clock.now()
    db.session.flush()
    record("question.unmerged", "question", question.code, other=keep.code)


@dataclass(frozen=True, slots=True)
class Links:
    """What a question has to do with others: what stands for it, what it stands for, what it may repeat."""

    into: Question | None
    took: list[Question]
    waiting: list[tuple[DuplicatePair, Question]]


def links_of(question: Question, person: Account) -> Links:
    """Open pairs are shown to who decides on them."""
    into = db.session.get(Question, question.merged_into_id) if question.merged_into_id else None
    took = list(
        db.session.scalars(select(Question).where(Question.merged_into_id == question.id).order_by(Question.id))
    )
    pairs: list[DuplicatePair] = []
    if person.may(Permission.BANK_MANAGE):
        either = or_(DuplicatePair.first_id == question.id, DuplicatePair.second_id == question.id)
        pairs = list(db.session.scalars(pairs_for(person).where(either).limit(20)))
    others = [(pair, pair.second if pair.first_id == question.id else pair.first) for pair in pairs]
    return Links(into, took, others)
