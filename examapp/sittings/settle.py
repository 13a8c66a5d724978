"""Settlement: what counted is written down once, as canonical bytes with their digest, and never again.

It happens at submission, or when the late window has closed. Anyone may ask for it: it is a conditional update.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Conflict
from examapp.core.words import _
from examapp.rounds.models import Candidate
from examapp.sittings.events import events_of, facts_of
from examapp.sittings.models import Sitting, SittingState
from examapp.sittings.standing import SUBMISSION, Response, Standing, responses, standings, tally
from question_bank.kinds import get_kind
from question_bank.paper import Layout
from question_bank.question import canonical_json, digest

MARGIN_MS = 30_000
"""After the late window a message that arrived inside it may still be on its way into the database."""

_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_STANDARD_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def short_code(data: bytes) -> str:
    """Ten characters to be read aloud: of the digest, in groups of five, without letters that look like figures."""
    text = base64.b32encode(hashlib.sha256(data).digest()).decode()[:10]
    text = text.translate(str.maketrans(_STANDARD_ALPHABET, _CODE_ALPHABET))
    return f"{text[:5]}-{text[5:]}"


def record_of(sitting: Sitting, paper_digest: str) -> bytes:
    """The canonical bytes of what counts: the answers, and the events they came from."""
    events, facts = events_of(sitting), facts_of(sitting)
    found = standings(events, facts)
    counted = [
        [p.event.writer, p.event.seq, p.event.lease, p.event.slot, list(p.event.response), p.claim_ms]
        for p, verdict in found
        if verdict in (Standing.COUNTS, Standing.FLAGGED) and p.event.slot != SUBMISSION
    ]
    answers = responses(events, facts)
    return canonical_json(
        {
            "sitting": sitting.ref,
            "paper": paper_digest,
            "started_ms": sitting.started_ms,
            "submitted_ms": sitting.submitted_ms,
            "responses": [[slot, response] for slot, response in answers.items()],
            "answered": len(answers_taken(Layout.from_json(json.loads(sitting.paper.layout)), answers)),
            "events": digest(canonical_json(counted)),
            "standing": {verdict.value: count for verdict, count in tally(found).items()},
        }
    )


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
    """The settled record; empty before settlement."""
    data: dict[str, Any] = json.loads(sitting.record) if sitting.record else {}
    return data


def responses_of(sitting: Sitting) -> dict[int, Response]:
    """The last counting answer of each slot: as settled, or as it stands now."""
    if sitting.record is not None:
        return {slot: response for slot, response in read_record(sitting)["responses"]}
    return responses(events_of(sitting), facts_of(sitting))


def is_due(sitting: Sitting, now: datetime) -> bool:
    """Whether settlement may happen: submitted, or nothing given in time can still arrive."""
    return sitting.submitted_ms is not None or clock.to_ms(now) > sitting.late_ms + MARGIN_MS


def settle(sitting: Sitting, *, now: datetime) -> bool:
    """Write down what counted; ``False`` when it had been done before."""
    if sitting.state is SittingState.SETTLED:
        return False
    if not is_due(sitting, now):
        raise Conflict(
            _("Lượt làm bài này chưa nộp và chưa hết thời gian nhận bài, nên chưa chốt được."),
            advice=_("Hãy đợi hết giờ cộng thời gian nhận bài đến muộn, rồi chốt lại."),
        )
    record = record_of(sitting, sitting.paper.digest)
    done = db.session.execute(
        update(Sitting)
        .where(Sitting.id == sitting.id, Sitting.state != SittingState.SETTLED)
        .values(
            state=SittingState.SETTLED,
            settled_at=now,
            record=record,
            digest=digest(record),
            receipt=short_code(record),
        )
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(sitting)
    return bool(done.rowcount)  # type: ignore[attr-defined]


def settle_due(now: datetime, *, round_id: int | None = None, limit: int | None = None) -> int:
    """Settle every sitting that is due; returns how many were."""
    limit_ms = clock.to_ms(now) - MARGIN_MS
    due = (
        select(Sitting)
        .where(
            Sitting.state != SittingState.SETTLED,
            or_(Sitting.submitted_ms.is_not(None), Sitting.late_ms < limit_ms),
        )
        .order_by(Sitting.id)
        .limit(limit)
    )
    if round_id is not None:
        due = due.join(Candidate, Candidate.id == Sitting.candidate_id).where(Candidate.round_id == round_id)
    return sum(settle(sitting, now=now) for sitting in db.session.scalars(due).all())
