"""What a candidate knows of the bank: questions made, reviewed or read, and those asked lately."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.audit.models import AuditEvent
from examapp.bank.models import Exposure, Question, QuestionVersion, Review
from examapp.core.db import db
from examapp.rounds.models import Candidate, CandidateState, ExamRound, Paper, RoundState

LATELY = 3
"""Questions of so many rounds before this one are asked again only where nothing else is left."""

Thing = TypeVar("Thing")


def chunks(things: Iterable[Thing], size: int = 500) -> Iterator[Sequence[Thing]]:
    listed = list(things)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def questions_known(official_ids: Sequence[int]) -> dict[int, set[int]]:
    """For each official the ids of questions never to be asked: owned, written, reviewed, or opened with their key.

    Whatever the log says an account did to a question counts as having read it.
    """
    known: dict[int, set[int]] = defaultdict(set)
    for ids in chunks(official_ids):
        rows = db.session.execute(select(Account.id, Account.official_id).where(Account.official_id.in_(ids)))
        people = {account_id: official_id for account_id, official_id in rows if official_id is not None}
        accounts, version = list(people), QuestionVersion
        sources = (
            select(Question.owner_id, Question.id).where(Question.owner_id.in_(accounts)),
            select(version.author_id, version.question_id).where(version.author_id.in_(accounts)),
            select(Review.reviewer_id, QuestionVersion.question_id)
            .join(QuestionVersion, QuestionVersion.id == Review.version_id)
            .where(Review.reviewer_id.in_(accounts)),
            select(AuditEvent.actor_id, Question.id)
            .join(Question, Question.code == AuditEvent.target_id)
            .where(AuditEvent.target == "question", AuditEvent.actor_id.in_(accounts)),
        )
        for source in sources:
            for account_id, question_id in db.session.execute(source):
                if account_id is not None:
                    known[people[account_id]].add(question_id)
    return known


def questions_seen(official_ids: Sequence[int], *, before: ExamRound) -> dict[int, set[int]]:
    """For each official the ids of questions on their papers of the last rounds."""
    papers: dict[int, int] = {}
    for ids in chunks(official_ids):
        papers.update(_last_papers(ids, before))
    seen: dict[int, set[int]] = defaultdict(set)
    versions: dict[int, set[int]] = {}
    for some in chunks(papers, 200):
        for paper_id, layout in db.session.execute(select(Paper.id, Paper.layout).where(Paper.id.in_(some))):
            versions[paper_id] = {slot["question_id"] for slot in json.loads(layout)["slots"]}
    question_of = questions_of({version_id for found in versions.values() for version_id in found})
    for paper_id, found in versions.items():
        seen[papers[paper_id]] |= {question_of[version_id] for version_id in found}
    return seen


def _last_papers(official_ids: Sequence[int], before: ExamRound) -> dict[int, int]:
    """Paper id → official, for the last rounds each was in."""
    rounds: dict[int, set[int]] = defaultdict(set)
    found: dict[int, int] = {}
    rows = db.session.execute(
        select(Paper.id, Candidate.official_id, Candidate.round_id)
        .join(Candidate, Candidate.id == Paper.candidate_id)
        .join(ExamRound, ExamRound.id == Candidate.round_id)
        .where(Candidate.official_id.in_(official_ids), ExamRound.id != before.id, ExamRound.sealed_at.is_not(None))
        .order_by(ExamRound.sealed_at.desc(), Paper.id)
    )
    for paper_id, official_id, round_id in rows:
        if round_id in rounds[official_id] or len(rounds[official_id]) < LATELY:
            rounds[official_id].add(round_id)
            found[paper_id] = official_id
    return found


def questions_of(version_ids: Iterable[int]) -> dict[int, int]:
    """The question of each version."""
    found: dict[int, int] = {}
    for ids in chunks(sorted(version_ids)):
        rows = select(QuestionVersion.id, QuestionVersion.question_id).where(QuestionVersion.id.in_(ids))
        found.update((version_id, question_id) for version_id, question_id in db.session.execute(rows))
    return found


def waiting_on_own_papers(official_id: int) -> frozenset[int]:
    """Questions on papers this person is going to sit, or is sitting now, and what they were merged with."""
    layouts = db.session.scalars(
        select(Paper.layout)
        .join(Candidate, Candidate.id == Paper.candidate_id)
        .join(ExamRound, ExamRound.id == Candidate.round_id)
        .where(
            Candidate.official_id == official_id,
            Candidate.state == CandidateState.ENROLLED,
            ExamRound.state.in_([RoundState.SEALED, RoundState.OPEN]),
        )
    )
    versions = {slot["question_id"] for layout in layouts for slot in json.loads(layout)["slots"]}
    return frozenset(with_merged(questions_of(versions).values()))


def with_merged(question_ids: Iterable[int]) -> set[int]:
    """These questions with those that say the same by a person's word: whoever knows one knows all of them."""
    found = set(question_ids)
    for ids in chunks(sorted(found)):
        kept = select(Question.merged_into_id).where(Question.id.in_(ids), Question.merged_into_id.is_not(None))
        found.update(one for one in db.session.scalars(kept) if one is not None)
    return found | merged(found).keys()


def merged(question_ids: Iterable[int]) -> dict[int, int]:
    """Questions that were merged into one of these, each with the one that stands for it."""
    found: dict[int, int] = {}
    for ids in chunks(sorted(question_ids)):
        rows = select(Question.id, Question.merged_into_id).where(Question.merged_into_id.in_(ids))
        found.update((gone, kept) for gone, kept in db.session.execute(rows) if kept is not None)
    return found


def waits_on_a_paper(question_id: int) -> bool:
    """Whether the question stands on anybody's paper of a round that is sealed and not over."""
    drawn = (
        select(Exposure.version_id)
        .join(QuestionVersion, QuestionVersion.id == Exposure.version_id)
        .join(ExamRound, ExamRound.id == Exposure.round_id)
        .where(QuestionVersion.question_id == question_id, ExamRound.state.in_([RoundState.SEALED, RoundState.OPEN]))
    )
    return db.session.scalar(drawn.limit(1)) is not None
