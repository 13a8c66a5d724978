"""Settlement: what counted is written down once, as canonical bytes with their digest, and never again.

It happens at submission, or when the late window has closed. Anyone may ask for it: it is a conditional update.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, update

from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Invalid
from examapp.core.words import _
from examapp.rounds.models import Candidate
from examapp.sittings.events import events_of, facts_of
from examapp.sittings.models import Addendum, Sitting, SittingState, Stop, StopOutcome
from examapp.sittings.standing import (
    COUNTING,
    SUBMISSION,
    Event,
    Facts,
    Response,
    answers_in,
    responses,
    standings,
    tally,
)
from question_bank.kinds import get_kind
from question_bank.paper import Layout
from question_bank.question import canonical_json, digest

MARGIN_MS = 30_000
"""After the late window a message that arrived inside it may still be on its way into the database."""
CHUNK = 20
"""Sittings settled in one transaction: the write lock is never held for long."""
PAUSE_S = 0.05
"""Between two of them. On SQLite those who wait for the lock stand in no line but look again every few tens of
milliseconds: without a pause they would hardly ever find it free."""

_CODE_LENGTH = 10
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_STANDARD_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def short_code(data: bytes) -> str:
    """Ten characters to be read aloud: of the digest, in groups of five, without letters that look like figures."""
    text = base64.b32encode(hashlib.sha256(data).digest()).decode()[:_CODE_LENGTH]
    text = text.translate(str.maketrans(_STANDARD_ALPHABET, _CODE_ALPHABET))
    return f"{text[:5]}-{text[5:]}"


def read_code(typed: str) -> str:
    """A code as somebody heard or copied it: small letters, blanks and dashes do not matter, nor O for 0 or I for 1."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    letters = letters.translate(str.maketrans("OIL", "011"))
    if len(letters) != _CODE_LENGTH or not set(letters) <= set(_CODE_ALPHABET):
        raise Invalid(_("Mã gồm 10 chữ và số, ví dụ 7K2QX-M94TB. Hãy đọc lại mã trên màn hình."), field="code")
    return f"{letters[:5]}-{letters[5:]}"


def record_of(sitting: Sitting, paper_digest: str) -> bytes:
    """The canonical bytes of what counts: the answers, the events they came from, and all that had been seen then."""
    return record_from(sitting, paper_digest, events_of(sitting), facts_of(sitting))


def record_from(sitting: Sitting, paper_digest: str, events: Collection[Event], facts: Facts) -> bytes:
    found = standings(events, facts)
    counted = [
        [p.event.writer, p.event.seq, p.event.lease, p.event.slot, list(p.event.response), p.claim_ms]
        for p, verdict in found
        if verdict in COUNTING and p.event.slot > SUBMISSION
    ]
    answers = answers_in(found)
    record = {
        "sitting": sitting.ref,
        "paper": paper_digest,
        "started_ms": sitting.started_ms,
        "submitted_ms": sitting.submitted_ms,
        "responses": [[slot, response] for slot, response in answers.items()],
        "answered": len(answers_taken(Layout.from_json(json.loads(sitting.paper.layout)), answers)),
        "events": digest(canonical_json(counted)),
        "standing": {verdict.value: count for verdict, count in tally(found).items()},
        "seen": sorted([event.writer, event.seq] for event in events),
    }
    if facts.decisions:
        record["decisions"] = sorted([*key, accepted] for key, accepted in facts.decisions.items())
    return canonical_json(record)


def answers_taken(layout: Layout, answers: Mapping[int, Response]) -> dict[int, Response]:
    """The answers that are such, by slot: of the shape that the kind takes, and saying something. Whatever else was
    sent answers no question."""
    found = {}
    for slot in layout.slots:
        kind, response = get_kind(slot.kind), answers.get(slot.number, [])
        if kind.accepts(response, slot.order) and kind.is_answered(response):
            found[slot.number] = response
    return found


def read_record(sitting: Sitting) -> dict[str, Any]:
    """The settled record; empty before settlement. Decisions of the council stand beside it, in addenda."""
    data: dict[str, Any] = json.loads(sitting.record) if sitting.record else {}
    return data


def counting_records(sittings: Iterable[Sitting]) -> dict[int, dict[str, Any]]:
    """What counts of each settled sitting, by its id: the newest addendum, or what was settled."""
    records = {sitting.id: sitting.record for sitting in sittings if sitting.record is not None}
    addenda = select(Addendum.sitting_id, Addendum.record).where(Addendum.sitting_id.in_(records))
    for sitting_id, record in db.session.execute(addenda.order_by(Addendum.number)):
        records[sitting_id] = record
    return {sitting_id: json.loads(record) for sitting_id, record in records.items()}


def responses_of_all(sittings: Collection[Sitting]) -> dict[int, dict[int, Response]]:
    """The last counting answer of each slot, by sitting: as settled or decided since, or as it stands now."""
    records = counting_records(sittings)
    return {
        sitting.id: dict(records[sitting.id]["responses"])
        if sitting.id in records
        else responses(events_of(sitting), facts_of(sitting))
        for sitting in sittings
    }


def responses_of(sitting: Sitting) -> dict[int, Response]:
    """The same of one sitting."""
    return responses_of_all([sitting])[sitting.id]


UNSETTLED = (SittingState.STARTED, SittingState.SUBMITTED)

HELD = exists().where(Stop.sitting_id == Sitting.id, Stop.outcome == StopOutcome.WAITING).correlate(Sitting)
"""A stop of the sitting waits for the council: time that runs out meanwhile must not decide in its place."""


def is_held(sitting: Sitting) -> bool:
    """Whether settlement waits for the council."""
    return db.session.scalar(select(Sitting.id).where(Sitting.id == sitting.id, HELD)) is not None


def is_due(sitting: Sitting, now: datetime) -> bool:
    """Whether settlement may happen: submitted, or nothing given in time can still arrive."""
    return sitting.submitted_ms is not None or clock.to_ms(now) > sitting.late_ms + MARGIN_MS


def settle(sitting: Sitting, *, now: datetime) -> bool:
    """Write down what counted; ``False`` when it had been done before."""
    if sitting.state in {SittingState.SETTLED, SittingState.STOPPED}:
        return False
    if not is_due(sitting, now):
        raise Conflict(
            _("Lượt làm bài này chưa nộp và chưa hết thời gian nhận bài, nên chưa chốt được."),
            advice=_("Hãy đợi hết giờ cộng thời gian nhận bài đến muộn, rồi chốt lại."),
        )
    record = record_of(sitting, sitting.paper.digest)
    return change(
        sitting,
        Sitting.state.in_(UNSETTLED),
        state=SittingState.SETTLED,
        settled_at=now,
        record=record,
        digest=digest(record),
        receipt=short_code(record),
    )


def change(sitting: Sitting, *still: ColumnElement[bool], **values: Any) -> bool:
    """Change a sitting if it is still so in the database; either way ``sitting`` is afterwards what stands there."""
    changed = update(Sitting).where(Sitting.id == sitting.id, *still).values(**values).returning(Sitting)
    options = {"synchronize_session": False, "populate_existing": True}
    if db.session.scalar(changed, execution_options=options) is not None:
        return True
    db.session.refresh(sitting)
    return False


def settle_due(now: datetime, *, round_id: int | None = None, limit: int | None = None) -> int:
    """Settle every sitting that is due and not held; returns how many were."""
    limit_ms = clock.to_ms(now) - MARGIN_MS
    due = (
        select(Sitting)
        .where(
            Sitting.state.in_(UNSETTLED),
            ~HELD,
            or_(Sitting.submitted_ms.is_not(None), Sitting.late_ms < limit_ms),
        )
        .order_by(Sitting.id)
        .limit(limit)
    )
    if round_id is not None:
        due = due.join(Candidate, Candidate.id == Sitting.candidate_id).where(Candidate.round_id == round_id)
    return sum(settle(sitting, now=now) for sitting in db.session.scalars(due).all())


def settle_in_chunks(*, round_id: int | None = None) -> int:
    """As :func:`settle_due`, in transactions of its own that are over soon: between them answers are stored."""
    total = 0
    while True:
        with unit_of_work():
            done = settle_due(clock.now(), round_id=round_id, limit=CHUNK)
        if not done:
            return total
        total += done
        time.sleep(PAUSE_S)
