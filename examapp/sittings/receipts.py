"""Whether what a receipt stands for is still what the database holds.

A receipt is a short code of the record of what counted; the record names the stored events it was made from. Checking
makes it again from these events, and compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import joinedload

from examapp.core import clock
from examapp.core.db import db
from examapp.core.words import _
from examapp.rounds.models import Candidate, ExamRound
from examapp.sittings.codes import Key
from examapp.sittings.events import decisions_of, events_of, facts_of
from examapp.sittings.late import addenda_of
from examapp.sittings.models import Addendum, Sitting
from examapp.sittings.settle import read_code, record_from, short_code
from examapp.sittings.standing import Event
from question_bank.question import digest

COMPARED = ("sitting", "paper", "started_ms", "submitted_ms", "responses", "events", "standing")
"""Parts of a record that follow from the stored rows alone."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A record as it lies in the database, with what is to be true of it."""

    name: str
    record: bytes
    digest: str
    receipt: str


def verify(sitting: Sitting) -> list[str]:
    """What is wrong with a settled sitting, in sentences; nothing where all is as it was."""
    if sitting.record is None:
        return [_("Lượt làm bài này chưa chốt nên chưa có gì để kiểm tra.")]
    addenda = addenda_of(sitting)
    stored = [_Stored(_("biên nhận"), sitting.record, sitting.digest, sitting.receipt)]
    stored += [_Stored(_("phụ lục số %(n)s", n=a.number), a.record, a.digest, a.receipt) for a in addenda]
    problems = list(_paper(sitting))
    events = events_of(sitting)
    for one in stored:
        problems += _record(sitting, one, events)
    return problems + list(_decisions(sitting, addenda))


def _paper(sitting: Sitting) -> Iterator[str]:
    layout = sitting.paper.layout
    if digest(layout if isinstance(layout, bytes) else layout.encode()) != sitting.paper.digest:
        yield _("Đề thi không còn khớp dấu niêm phong.")


def _record(sitting: Sitting, stored: _Stored, events: Sequence[Event]) -> Iterator[str]:
    """One record: its digest, its code, and the same made again from the events it was made from."""
    if digest(stored.record) != stored.digest:
        yield _("Bản chốt của %(what)s không khớp dấu nội dung đã ghi.", what=stored.name)
    if short_code(stored.record) != stored.receipt:
        yield _("Mã của %(what)s không khớp bản chốt.", what=stored.name)
    try:
        said: dict[str, Any] = json.loads(stored.record)
        then, missing = _events_then(sitting, said, events)
        decided = {(writer, seq): accepted for writer, seq, accepted in said.get("decisions", [])}
    except (ValueError, TypeError, KeyError, AttributeError):
        yield _("Bản chốt của %(what)s không đọc được.", what=stored.name)
        return
    if missing:
        yield _("Thiếu %(n)s lượt trả lời mà %(what)s đã tính đến.", n=missing, what=stored.name)
    if not _comes_out_again(sitting, said, then, decided):
        yield _(
            "Tính lại từ các lượt trả lời đang lưu cho kết quả khác với %(what)s: có lượt trả lời hoặc mốc giờ đã "
            "bị thay đổi.",
            what=stored.name,
        )


def _comes_out_again(
    sitting: Sitting, said: Mapping[str, Any], events: Sequence[Event], decided: Mapping[Key, bool]
) -> bool:
    facts = replace(facts_of(sitting), decisions=decided)
    try:
        again = json.loads(record_from(sitting, sitting.paper.digest, events, facts))
    except (ValueError, TypeError, KeyError):  # of a paper that is none any more
        return False
    return all(again[part] == said.get(part) for part in COMPARED)


def _events_then(sitting: Sitting, said: Mapping[str, Any], events: Sequence[Event]) -> tuple[list[Event], int]:
    """The events a record was made from, and how many of them are gone. Older records do not name them: then what had
    arrived when it was made."""
    if "seen" not in said:
        settled_ms = clock.to_ms(sitting.settled_at) if sitting.settled_at else 0
        return [event for event in events if event.received_ms <= settled_ms], 0
    seen = {(writer, seq) for writer, seq in said["seen"]}
    then = [event for event in events if (event.writer, event.seq) in seen]
    return then, len(seen) - len(then)


def _decisions(sitting: Sitting, addenda: Sequence[Addendum]) -> Iterator[str]:
    """The newest addendum holds every decision there is."""
    try:
        newest = json.loads(addenda[-1].record) if addenda else {}
        said = {(writer, seq): accepted for writer, seq, accepted in newest.get("decisions", [])}
    except (ValueError, TypeError, AttributeError):
        return  # said of the record itself
    if said != decisions_of(sitting):
        yield _("Các quyết định của hội đồng đang lưu khác với phụ lục mới nhất.")


@dataclass(frozen=True, slots=True)
class Called:
    """A sitting that has a receipt code, and whether all of it still holds."""

    sitting: Sitting
    number: int
    """Of the addendum that has the code; 0: the receipt itself."""
    is_newest: bool
    problems: list[str]


def called(typed: str, rounds: Sequence[int]) -> list[Called]:
    """Whose of these rounds a receipt code is. Ten characters are as good as unique; should two ever be the same,
    both are told."""
    code = read_code(typed)
    in_addendum = exists().where(Addendum.sitting_id == Sitting.id, Addendum.receipt == code).correlate(Sitting)
    found = (
        select(Sitting)
        .join(Sitting.candidate)
        .where(Candidate.round_id.in_(rounds), or_(Sitting.receipt == code, in_addendum))
        .options(joinedload(Sitting.candidate).joinedload(Candidate.round), joinedload(Sitting.paper))
        .order_by(Sitting.id)
    )
    return [_called(sitting, code) for sitting in db.session.scalars(found)]


def _called(sitting: Sitting, code: str) -> Called:
    addenda = addenda_of(sitting)
    number = next((one.number for one in addenda if one.receipt == code), 0)
    return Called(sitting, number, number == len(addenda), verify(sitting))


def verify_rounds(code: str = "") -> Iterator[tuple[Sitting, list[str]]]:
    """Every settled sitting of a round, or of all, with what is wrong with it; a few at a time."""
    last = 0
    while True:
        some = (
            select(Sitting)
            .join(Sitting.candidate)
            .join(Candidate.round)
            .where(Sitting.id > last, Sitting.record.is_not(None))
            .options(joinedload(Sitting.candidate).joinedload(Candidate.round), joinedload(Sitting.paper))
            .order_by(Sitting.id)
            .limit(100)
        )
        rows = list(db.session.scalars(some.where(ExamRound.code == code) if code else some))
        for sitting in rows:
            yield sitting, verify(sitting)
        if not rows:
            return
        last = rows[-1].id
        db.session.expunge_all()
