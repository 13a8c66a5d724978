"""One act on many questions: held against every one first, then done where it can be, by a job when they are many.

What a preview has shown is what is done: it carries a mark of the questions and their versions, and if one of them
has changed since, the preview is shown again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account
from examapp.audit.services import acting, record
from examapp.bank.bulk_acts import KINDS, Act, make_act
from examapp.bank.bulk_rows import Row, rows_of
from examapp.bank.models import BankKind, Citation, Question, QuestionState, QuestionVersion
from examapp.bank.reviews import missing_for_review
from examapp.bank.scope import READS, concealed_from, covers, reach_over
from examapp.core.db import db, unit_of_work
from examapp.core.errors import HouseError
from examapp.core.jobs import Work, start_job
from examapp.core.models import Job
from examapp.core.words import _, ngettext

MOST = 20_000
"""Questions of one bulk change."""
AT_ONCE = 200
"""Up to which the person waits; more become a job."""
CHUNK = 50
"""Questions in one transaction of the job."""
JOB = "bank.change_many"
TOLD = 100
"""Refused questions that are named one by one."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would do to each of the chosen questions."""

    act: Act
    changes: list[Row]
    same: list[Row]
    refused: list[tuple[Row, str]]

    @property
    def mark(self) -> str:
        """Of what would be changed: equal as long as neither the choice nor a question has changed."""
        told = ";".join(f"{row.id}:{row.version_id}:{row.state}:{row.is_held}" for row in self.changes)
        return hashlib.sha256(f"{self.act.done}|{told}".encode()).hexdigest()[:32]

    @property
    def reopened(self) -> int:
        """Questions that must be reviewed anew, because what they say changes."""
        if not self.act.writes_version:
            return 0
        return sum(row.state in {QuestionState.APPROVED, QuestionState.IN_REVIEW} for row in self.changes)


def reach(name: str, person: Account, bank: BankKind) -> set[int] | None:
    """The positions in which this person may do the act."""
    return reach_over(person, KINDS[name].permissions.get(bank, ()))


def look(act: Act, rows: Sequence[Row], person: Account, *, reach: set[int] | None) -> Preview:
    """Hold the act against every row; changes nothing. ``reach``: the positions in which the person may do it."""
    closed = concealed_from(person)
    changes: list[Row] = []
    same: list[Row] = []
    refused: list[tuple[Row, str]] = []
    for row in rows:
        why = _beyond(row, closed, reach) or act.refuse(row)
        if why:
            refused.append((row, why))
        else:
            (same if act.is_so(row) else changes).append(row)
    if act.needs_content:
        faults = _faults([row.id for row in changes])
        refused += [(row, faults[row.id]) for row in changes if row.id in faults]
        changes = [row for row in changes if row.id not in faults]
    return Preview(act, changes, same, sorted(refused, key=lambda pair: pair[0].id))


def _beyond(row: Row, closed: frozenset[int], reach: set[int] | None) -> str | None:
    if row.id in closed:
        return _("Câu nằm trong đề của chính tài khoản này.")
    if not covers(reach, wanted=set(row.positions), is_common=row.is_common):
        return _("Câu không thuộc phạm vi được giao để sửa.")
    return None


def _faults(ids: Sequence[int]) -> dict[int, str]:
    """What keeps drafts from being submitted, by question."""
    found = {}
    for start in range(0, len(ids), CHUNK):
        for question in _questions(ids[start : start + CHUNK]):
            if missing := missing_for_review(question):
                found[question.id] = " ".join(missing)
    return found


def _questions(ids: Sequence[int]) -> list[Question]:
    query = (
        select(Question)
        .where(Question.id.in_(ids))
        .order_by(Question.id)
        .options(
            joinedload(Question.current).joinedload(QuestionVersion.topic),
            joinedload(Question.current).selectinload(QuestionVersion.citations).joinedload(Citation.document),
            selectinload(Question.positions),
        )
    )
    return list(db.session.scalars(query))


@dataclass(slots=True)
class Outcome:
    """What came of a bulk change."""

    changed: int = 0
    refused: list[tuple[str, str]] | None = None

    def told(self) -> str:
        """In words, the refused ones by name as far as a page can hold them."""
        refused = self.refused or []
        lines = [ngettext("Đã thay đổi %(n)s câu.", "Đã thay đổi %(n)s câu.", self.changed)]
        if refused:
            left = _("%(n)s câu không thay đổi được:", n=len(refused))
            lines += [left, *(f"{code}: {why}" for code, why in refused[:TOLD])]
        if len(refused) > TOLD:
            lines.append(_("Và %(n)s câu khác.", n=len(refused) - TOLD))
        return "\n".join(lines)


def change(preview: Preview, person: Account, *, bank: BankKind) -> Outcome:
    """Do it, in the caller's transaction, where the preview says it can be done."""
    outcome = Outcome(refused=[(row.code, why) for row, why in preview.refused])
    for question in _in_pieces([row.id for row in preview.changes]):
        _one(preview.act, question, person, outcome)
    _note(preview.act, outcome, bank)
    return outcome


def _in_pieces(ids: Sequence[int]) -> Iterator[Question]:
    for start in range(0, len(ids), CHUNK):
        yield from _questions(ids[start : start + CHUNK])


def _one(act: Act, question: Question, person: Account, outcome: Outcome) -> None:
    """A question that refuses after all leaves the others as they are."""
    code = question.code
    try:
        with db.session.begin_nested():
            act.do(question, person)
    except HouseError as error:
        outcome.refused = [*(outcome.refused or []), (code, error.message)]
    else:
        outcome.changed += 1


def _note(act: Act, outcome: Outcome, bank: BankKind) -> None:
    record(
        "question.bulk_changed",
        "bank",
        bank.value,
        what=act.done,
        changed=outcome.changed,
        refused=len(outcome.refused or []),
    )


def change_later(preview: Preview, person: Account, *, name: str, value: str, bank: BankKind) -> Job:
    """The job that does it, for more questions than a person waits for."""
    ids = [row.id for row in preview.changes]
    title = _("Sửa hàng loạt %(n)s câu: %(what)s", n=len(ids), what=preview.act.done)[:200]
    return start_job(JOB, title=title, owner_id=person.id, act=name, value=value, bank=bank.value, ids=ids)


def change_job(work: Work) -> None:
    """The job: some questions in each transaction. Taken up again, it leaves those alone that are done."""
    given = work.parameters
    name, value, bank, ids = given["act"], given["value"], BankKind(given["bank"]), given["ids"]
    outcome = Outcome(refused=[])
    with acting(work.owner_id):
        for start in range(0, len(ids), CHUNK):
            work.progress(start, len(ids))
            with unit_of_work() as session:
                person = session.get_one(Account, work.owner_id)
                _some(ids[start : start + CHUNK], name, value, bank, person, outcome)
        with unit_of_work() as session:
            person = session.get_one(Account, work.owner_id)
            _note(make_act(name, value, person, bank), outcome, bank)
    work.progress(len(ids), len(ids))
    work.finish(message=outcome.told(), url=f"/bank/?bank={bank.value}")


def _some(ids: Sequence[int], name: str, value: str, bank: BankKind, person: Account, outcome: Outcome) -> None:
    act = make_act(name, value, person, bank)
    rows = rows_of(ids, bank=bank, positions=person.positions(READS[bank]))
    found = look(act, rows, person, reach=reach(name, person, bank))
    outcome.refused = [*(outcome.refused or []), *((row.code, why) for row, why in found.refused)]
    outcome.changed += len(found.same)  # done before a runner was lost
    for question in _questions([row.id for row in found.changes]):
        _one(act, question, person, outcome)
