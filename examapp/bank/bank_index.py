"""The whole bank by what its questions say, kept in the memory of the process and brought up to date when asked.

About 2 kB a question, so it holds at most :data:`MOST` of them, the newest ones. It is made when it is first needed:
an import compares each question of a file with all of the bank.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from examapp.bank.models import Question, QuestionVersion
from examapp.core.db import db
from question_bank import question as domain
from question_bank.kinds import KINDS
from question_bank.similarity import Fingerprint, Index, Match, Pair, fingerprint, fold

MOST = 60_000
PIECE = 1000


def print_of(question: domain.Question) -> Fingerprint:
    """What is compared; of a kind nobody knows here, the stem alone."""
    if question.kind in KINDS:
        return fingerprint(question)
    stem = fold(question.stem)
    return Fingerprint(stem, stem, frozenset())


class BankIndex:
    """One for each process; a thread that uses it keeps the others waiting."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._forget()

    def _forget(self) -> None:
        self._index = Index()
        self._versions: dict[int, int] = {}
        self._state: tuple[Any, ...] = ()
        self._last: tuple[int, datetime | None] = (0, None)

    def find(self, wanted: Mapping[int, Fingerprint]) -> dict[int, list[Match]]:
        """For each of ``wanted`` the questions of the bank like it, by question id."""
        with self._lock:
            self.refresh(db.session)
            return {key: found for key, one in wanted.items() if (found := self._index.find(one))}

    def pairs(self) -> list[Pair]:
        """Every two questions of the bank that are alike."""
        with self._lock:
            self.refresh(db.session)
            return list(self._index.pairs())

    def refresh(self, session: Session) -> None:
        """Take what has been written since, let go what is no longer said. Looks first whether there is anything."""
        with self._lock:
            if self._last[0] and _written_at(session, self._last[0]) != self._last[1]:
                self._forget()  # another history: the database was restored
            state = _state_of(session)
            if state != self._state:
                self._bring_up_to_date(session)
                self._state = state

    def _bring_up_to_date(self, session: Session) -> None:
        newest = select(Question.id, Question.current_id).where(Question.current_id.is_not(None))
        present = dict(session.execute(newest.order_by(Question.id.desc()).limit(MOST)).all())
        for gone in self._versions.keys() - present.keys():
            self._index.remove(gone)
            del self._versions[gone]
        new = [found for found, version in present.items() if self._versions.get(found) != version]
        for start in range(0, len(new), PIECE):
            for question_id, version_id, content in _contents(session, new[start : start + PIECE]):
                self._index.add(question_id, print_of(domain.Question.from_json(json.loads(content))))
                self._versions[question_id] = version_id
        last = max(self._versions.values(), default=0)
        self._last = (last, _written_at(session, last))


def _state_of(session: Session) -> tuple[Any, ...]:
    """Figures that change whenever a question is written, edited or taken out."""
    figures = (func.count(), func.max(Question.current_id), func.sum(Question.current_id))
    return tuple(session.execute(select(*figures).where(Question.current_id.is_not(None))).one())


def _written_at(session: Session, version_id: int) -> datetime | None:
    return session.scalar(select(QuestionVersion.created_at).where(QuestionVersion.id == version_id))


def _contents(session: Session, question_ids: Sequence[int]) -> Iterator[tuple[int, int, bytes]]:
    rows = session.execute(
        select(Question.id, QuestionVersion.id, QuestionVersion.content)
        .join(QuestionVersion, QuestionVersion.id == Question.current_id)
        .where(Question.id.in_(question_ids))
    )
    yield from rows


def bank_index() -> BankIndex:
    """The index of this process."""
    found: BankIndex = current_app.extensions.setdefault("bank_index", BankIndex())
    return found
