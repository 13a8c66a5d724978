"""Questions as papers sealed them: what was once read under a digest never changes, so a process keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from sqlalchemy import select

from examapp.bank.content import as_question
from examapp.bank.models import QuestionVersion
from examapp.core.db import db
from question_bank.paper import Slot
from question_bank.question import Question

MOST = 4_000
"""Questions a process keeps: some 20 MB at the most, and more than a round draws from."""

_kept: dict[str, Question] = {}
_lock = Lock()


def sealed_questions(slots: Iterable[Slot]) -> dict[int, Question]:
    """The questions of these slots, by version id. One whose content is no longer what was sealed is never kept."""
    wanted = {slot.question_id: slot.digest for slot in slots}
    found = {version_id: _kept[sealed] for version_id, sealed in wanted.items() if sealed in _kept}
    missing = sorted(wanted.keys() - found.keys())
    for start in range(0, len(missing), 500):
        columns = select(QuestionVersion.id, QuestionVersion.digest, QuestionVersion.content)
        rows = db.session.execute(columns.where(QuestionVersion.id.in_(missing[start : start + 500])))
        for version_id, digest, content in rows:
            found[version_id] = as_question(content)
            if digest == wanted[version_id]:
                _keep(digest, found[version_id])
    return found


def _keep(digest: str, question: Question) -> None:
    """The oldest go when there are too many."""
    with _lock:
        while len(_kept) >= MOST:
            del _kept[next(iter(_kept))]
        _kept[digest] = question
