"""What goes wrong in a round, for people to look at: late answers, a noted code, stops, notes on questions.

In the rehearsal, through the room's own services, at moments of the last hours; the official round stays untouched.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.bank.services import load_questions
from examapp.core import clock
from examapp.core.db import db, new_reference
from examapp.demonstration.answers import make_up
from examapp.rounds.models import Candidate, CandidateState, ExamRound, Paper
from examapp.sittings.codes import note_code
from examapp.sittings.deliveries import code_of, take
from examapp.sittings.models import DeliveryWay, Sitting
from examapp.sittings.save import Batch, Key, save, stored_response
from examapp.sittings.sealed import Opened
from examapp.sittings.services import start_sitting
from examapp.sittings.settle import MARGIN_MS, settle
from examapp.sittings.standing import note_on
from examapp.sittings.stops import Report, record_stop
from examapp.sittings.store import SessionStore
from examapp.sittings.token import Token
from question_bank.paper import Layout

WRITER = "mau-may-du-thi"
BEFORE_ZERO = 7
"""Answers that arrived in time; the others of the paper came later."""
MINUTE = 60_000


def build_incidents(row: ExamRound, invigilator: Account, rng: random.Random) -> None:
    now = clock.now()
    late, given, waiting = _people(row)
    _late(late, invigilator, rng, now)
    _with_time_back(given, invigilator, rng, now)
    _for_the_chair(waiting, invigilator, rng, now)


def _people(row: ExamRound) -> list[Candidate]:
    """The last three of the list, who have one post."""
    enrolled = select(Candidate).join(Paper, Paper.candidate_id == Candidate.id)
    found = enrolled.where(
        Candidate.round_id == row.id, Candidate.state == CandidateState.ENROLLED, Paper.minutes == row.minutes
    )
    return list(db.session.scalars(found.order_by(Candidate.number.desc()).limit(3)))


def _late(candidate: Candidate, invigilator: Account, rng: random.Random, now: datetime) -> None:
    """Without network at zero: the page shows its code, the invigilator notes it, the file comes two hours later."""
    began = now - timedelta(hours=4)
    sitting = start_sitting(candidate, now=began, device=new_reference())
    acts = _acts(sitting, rng, until=sitting.deadline_ms - MINUTE)
    in_time = {seq: key for seq, key in acts.items() if seq <= BEFORE_ZERO}
    unsent = {seq + 1: key for seq, key in acts.items() if seq > BEFORE_ZERO}
    note = _note(7, "Câu này có hai phương án giống nhau, đề nghị xem lại. (Ghi chú mẫu.)", in_time)
    in_time[BEFORE_ZERO + 1] = note
    _send(sitting, in_time, _last_of(in_time) + 400)
    log = Opened(WRITER, 1, unsent, frozenset(unsent))
    note_code(sitting, code_of(sitting.ref, [log]), by=invigilator, now=clock.from_ms(sitting.deadline_ms + 2 * MINUTE))
    settle(sitting, now=clock.from_ms(sitting.late_ms + MARGIN_MS + 1000))
    take(sitting, [log], way=DeliveryWay.FILE, by=invigilator, now=now - timedelta(minutes=50))


def _with_time_back(candidate: Candidate, invigilator: Account, rng: random.Random, now: datetime) -> None:
    """A short power cut: its length was given back."""
    sitting = start_sitting(candidate, now=now - timedelta(minutes=12), device=new_reference())
    acts = _acts(sitting, rng, until=clock.to_ms(now) - 8 * MINUTE, answered=4)
    acts[max(acts) + 1] = _note(2, "Chữ trong câu hơi nhỏ trên điện thoại. (Ghi chú mẫu.)", acts)
    _send(sitting, acts, _last_of(acts) + 400)
    began, ended = now - timedelta(minutes=8), now - timedelta(minutes=3)
    reason = "Mất điện tại tổ dân phố (mẫu)"
    record_stop(sitting, Report(began, ended, False, reason), by=invigilator, now=now - timedelta(minutes=2))


def _for_the_chair(candidate: Candidate, invigilator: Account, rng: random.Random, now: datetime) -> None:
    """A stop with the device taken away: the chair decides whether the person sits again."""
    sitting = start_sitting(candidate, now=now - timedelta(minutes=13), device=new_reference())
    acts = _acts(sitting, rng, until=clock.to_ms(now) - 10 * MINUTE, answered=3)
    _send(sitting, acts, _last_of(acts) + 400)
    began, ended = now - timedelta(minutes=10), now - timedelta(minutes=4)
    reason = "Máy hỏng, phải mang đi sửa, không có máy thay (mẫu)"
    record_stop(sitting, Report(began, ended, True, reason), by=invigilator, now=now - timedelta(minutes=3))


def _acts(sitting: Sitting, rng: random.Random, *, until: int, answered: int | None = None) -> dict[int, Key]:
    """An answer to each of the first questions, evenly from the start until then; to all unless told how many."""
    slots = Layout.from_json(json.loads(sitting.paper.layout)).slots[:answered]
    questions = load_questions({slot.question_id for slot in slots})
    pause = (until - sitting.started_ms) // (len(slots) + 1)
    return {
        seq: (
            slot.number,
            stored_response(make_up(questions[slot.question_id], slot.order, rng.random() < 0.7, rng)),
            sitting.started_ms + seq * pause,
        )
        for seq, slot in enumerate(slots, start=1)
    }


def _note(slot: int, text: str, after: Mapping[int, Key]) -> Key:
    return note_on(slot), stored_response([text]), _last_of(after)


def _last_of(acts: Mapping[int, Key]) -> int:
    """When the latest of them was done."""
    return max(answered for _slot, _response, answered in acts.values())


def _send(sitting: Sitting, acts: Mapping[int, Key], at_ms: int) -> None:
    save(SessionStore(), Token(sitting.id, sitting.lease, 0, ""), Batch(WRITER, dict(acts)), at_ms)
