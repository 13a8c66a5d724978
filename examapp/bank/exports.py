"""Questions with their keys as a file; who took which is in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from examapp.audit.services import record
from examapp.bank import listing
from examapp.bank.content import load_questions
from examapp.bank.models import Question, QuestionState
from examapp.core import clock, text
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Invalid
from examapp.core.jobs import Work
from examapp.core.words import _, in_language
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.formats import FORMATS, write
from question_bank.messages import Problem

AT_ONCE = 1000
"""Questions up to which a file is written while the person waits; more become a job."""
JOB = "bank.export"


@dataclass(frozen=True, slots=True)
class Exported:
    """A written file, how many questions it holds, and what it could not carry."""

    data: bytes
    name: str
    media_type: str
    count: int
    problems: Sequence[Problem]


def chosen(*, position: str, topic: str, state: str, positions: set[int] | None, on: date, demo: bool) -> Select[Any]:
    """Version ids of the questions to export, by code; retired ones only when asked for."""
    filters = listing.Filters(position=position, topic=topic, state=state)
    query = listing.find_questions(filters, positions=positions, on=on, demo=demo)
    if not state:
        query = query.where(Question.state != QuestionState.RETIRED)
    return query.options().with_only_columns(Question.current_id).order_by(None).order_by(Question.code)


def version_ids(query: Select[Any]) -> list[int]:
    found = list(db.session.scalars(query))
    if not found:
        raise Invalid(_("Không có câu hỏi nào khớp lựa chọn này."), field="position")
    return found


def contents(ids: Sequence[int]) -> list[domain.Question]:
    """What these versions say, in the given order."""
    found = load_questions(ids)
    return [found[one] for one in ids]


def write_file(questions: Sequence[domain.Question], format: str) -> Exported:
    """The questions as the format writes them; slow, and without the database."""
    writing = write(questions, format)
    chosen_format = FORMATS[format]
    day = text.format_date(clock.today()).replace("/", "")
    name = f"cau-hoi-{day}{_extension(chosen_format.extension)}"
    return Exported(writing.data, name, chosen_format.media_type, len(questions), writing.problems)


def _extension(extension: str) -> str:
    return extension if extension.startswith(".") else f".{extension}"


def note_export(exported: Exported, *, format: str, **choice: str) -> None:
    """Every file of keys that leaves the bank is in the log."""
    record("question.exported", "bank", format, session=None, count=exported.count, **choice)


def export_job(work: Work) -> None:
    """The job behind a large export."""
    given = work.parameters
    questions = contents(given["version_ids"])
    db.session.rollback()
    exported = write_file(questions, given["format"])
    with unit_of_work() as session:
        record("question.exported", "bank", given["format"], session=session, count=exported.count, job=work.id)
    problems = [in_language(problem.message) for problem in exported.problems[:5]]
    message = " ".join([_("Đã ghi %(n)s câu hỏi kèm đáp án.", n=exported.count), *problems])
    work.finish(message=message, file=(exported.data, exported.name, exported.media_type))


def all_ids(*, position: str, on: date) -> list[int]:
    """For the command: every living question, of a position when one is named."""
    return list(db.session.scalars(chosen(position=position, topic="", state="", positions=None, on=on, demo=True)))


def known_position(code: str) -> bool:
    return code == listing.COMMON or db.session.scalar(select(Position.id).where(Position.code == code)) is not None
