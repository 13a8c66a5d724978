"""Outboxes that come otherwise than from the exam page: from a device left behind, as a file, by QR.

The same rules as for a save hold. What arrives is stored, whatever the sitting's state; what it is worth, the
standings say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.words import _
from examapp.sittings.events import require_room
from examapp.sittings.models import (
    AnswerConflict,
    AnswerEvent,
    Delivery,
    DeliveryWay,
    Sitting,
    SittingState,
    UnsentCode,
)
from examapp.sittings.save import MAX_EVENTS, Batch, RefusedError, save
from examapp.sittings.sealed import Opened, open_log
from examapp.sittings.settle import short_code
from examapp.sittings.store import SessionStore
from examapp.sittings.token import BEYOND_DEADLINE_S, Token
from examapp.sittings.unsent import unsent_bytes

MAX_LOGS = 50
"""Page loads of one sitting on one device."""
MAX_FILE = 1024 * 1024
FORMAT = "thuocdo-outbox"
VERSION = 1


@dataclass(frozen=True, slots=True)
class LogError(Exception):
    """A log of a delivery that cannot be taken; the others wait for a delivery without it."""

    writer: str
    refusal: RefusedError


def open_logs(ref: str, logs: Any) -> list[Opened]:
    """All of them or none: :class:`RefusedError`, or :class:`LogError` where it is about one log."""
    if not isinstance(logs, list) or not 1 <= len(logs) <= MAX_LOGS:
        raise RefusedError(400, "logs")
    opened: dict[str, Opened] = {}
    for log in logs:
        try:
            one = open_log(ref, log)
        except RefusedError as refusal:
            writer = log.get("writer") if isinstance(log, dict) else None
            raise LogError(writer if isinstance(writer, str) else "", refusal) from None
        if opened.setdefault(one.writer, one) is not one:
            raise LogError(one.writer, RefusedError(400, "log"))
    return list(opened.values())


def is_expired(sitting: Sitting, now: datetime) -> bool:
    """As for the sitting's token: a device delivers by itself until a day after the deadline."""
    return clock.to_ms(now) > sitting.deadline_ms + BEYOND_DEADLINE_S * 1000


def code_of(ref: str, logs: Sequence[Opened]) -> str:
    """The short code of what the device had not sent; empty when there was nothing."""
    waiting = [event for log in logs for event in log.waiting()]
    return short_code(unsent_bytes(ref, waiting)) if waiting else ""


def take(
    sitting: Sitting, logs: Sequence[Opened], *, way: DeliveryWay, now: datetime, by: Account | None = None
) -> Delivery:
    """Store what is new of these logs, each under its own lease, and write down that they came.

    The same once more stores nothing and gives the delivery there is; a device that only repeats what had been
    acknowledged leaves no row."""
    # one after the other, without standing in the way of saves
    db.session.execute(select(Sitting.id).where(Sitting.id == sitting.id).with_for_update(key_share=True))
    require_room(sitting)
    fresh = [(log, seq) for log in logs for seq in _store(sitting, log, clock.to_ms(now))]
    stored, code = len(fresh), code_of(sitting.ref, logs)
    # a code stands for what was unsent; with it came nothing that says it had been sent and never was
    is_whole = all(seq in log.unsent for log, seq in fresh)
    known = db.session.scalar(
        select(Delivery)
        .where(Delivery.sitting_id == sitting.id, Delivery.way == way, Delivery.code == code)
        .order_by(Delivery.id)
        .limit(1)
    )
    if known is not None and not stored:
        return known
    delivery = Delivery(
        sitting_id=sitting.id,
        way=way,
        events=sum(len(log.events) for log in logs),
        stored=stored,
        code=code,
        matched=bool(code) and is_whole and code in _noted(sitting),
        by_id=by.id if by else None,
        received_ms=clock.to_ms(now),
    )
    if stored or code or way is not DeliveryWay.LEFTOVER:
        db.session.add(delivery)
        db.session.flush()
    return delivery


def _store(sitting: Sitting, log: Opened, now_ms: int) -> list[int]:
    """Which of the log's events were new. What came before is not stored again, evidence of conflicts neither."""
    columns = (AnswerEvent.seq, AnswerEvent.slot, AnswerEvent.response, AnswerEvent.answered_ms)
    own = select(*columns).where(AnswerEvent.sitting_id == sitting.id, AnswerEvent.writer == log.writer)
    before = {seq: (slot, response, answered) for seq, slot, response, answered in db.session.execute(own)}
    conflicts = select(AnswerConflict.seq, AnswerConflict.event).where(
        AnswerConflict.sitting_id == sitting.id, AnswerConflict.writer == log.writer
    )
    kept = {(seq, event) for seq, event in db.session.execute(conflicts)}
    fresh = [
        (seq, key)
        for seq, key in sorted(log.events.items())
        if before.get(seq) != key and (seq, json.dumps([log.lease, *key])) not in kept
    ]
    token = Token(sitting.id, log.lease, 0, "")
    for first in range(0, len(fresh), MAX_EVENTS):
        save(SessionStore(), token, Batch(log.writer, dict(fresh[first : first + MAX_EVENTS])), now_ms)
    return [seq for seq, _key in fresh if seq not in before]


def _noted(sitting: Sitting) -> set[str]:
    noted = select(UnsentCode.code).where(UnsentCode.sitting_id == sitting.id, UnsentCode.wrong_ms.is_(None))
    return set(db.session.scalars(noted))


def told(sitting: Sitting, logs: Sequence[Opened], now: datetime) -> dict[str, Any]:
    """The reply to a device: every number that is safe here, under its writer."""
    running = sitting.state is SittingState.STARTED
    left = sitting.deadline_ms - clock.to_ms(now) if running else 0
    answer: dict[str, Any] = {
        "ack": {log.writer: sorted(log.events) for log in logs},
        "left_ms": max(0, left),
        "submitted": sitting.state in {SittingState.SUBMITTED, SittingState.SETTLED},
    }
    if refused := {log.writer: log.refused for log in logs if log.refused}:
        answer["refused"] = refused
    return answer


def read_file(data: bytes, *, ref: str = "") -> tuple[str, str, list[Opened]]:
    """(reference, code as the page showed it, logs) of an emergency file; ``ref`` where it must be that sitting's.

    The code is the file's own word: what is sealed is each log, so :func:`code_of` says what really is in it."""
    if len(data) > MAX_FILE:
        raise Invalid(_("Tệp lớn hơn 1 MB nên không phải tệp bài làm khẩn cấp."), field="file", advice=_right_file())
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise Invalid(
            _("Tệp này không đọc được: không phải tệp bài làm khẩn cấp, hoặc đã hỏng khi chép."),
            field="file",
            advice=_right_file(),
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT or content.get("version") != VERSION:
        raise Invalid(_("Tệp này không phải tệp bài làm khẩn cấp của hệ thống."), field="file", advice=_right_file())
    found, code = content.get("ref"), content.get("code")
    if not isinstance(found, str) or not isinstance(code, str) or not found.isascii() or (ref and found != ref):
        raise Invalid(
            _("Tệp này là của một lượt làm bài khác."),
            field="file",
            advice=_("Hãy chọn đúng người dự thi, hoặc lấy đúng tệp của người này."),
        )
    try:
        return found, code, open_logs(found, content.get("logs"))
    except (RefusedError, LogError):
        raise Invalid(
            _("Nội dung tệp không khớp dấu niêm phong: tệp đã bị sửa, hoặc không do hệ thống này tạo ra."),
            field="file",
            advice=_("Chưa nhận gì từ tệp này. Hãy lấy lại tệp từ chính máy đã làm bài và giữ nguyên máy đó."),
        ) from None


def _right_file() -> str:
    return _("Hãy chọn tệp có tên bắt đầu bằng “thuocdo-”, do trang bài thi tạo ra khi mất mạng.")
