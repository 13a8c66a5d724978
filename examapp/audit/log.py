"""Reading the log: who did what to what, when."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, inspect, or_, select
from sqlalchemy.orm import joinedload

from examapp.audit.labels import ACTIONS, DETAILS, TARGETS, VALUES
from examapp.audit.models import AuditEvent
from examapp.core import clock, text
from examapp.core.errors import Forbidden
from examapp.core.permissions import Permission
from examapp.core.words import _, gettext


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the log is narrowed to; empty means all."""

    action: str = ""
    target: str = ""
    target_id: str = ""
    actor: str = ""
    since: date | None = None
    until: date | None = None


def check_reader(person: Any) -> None:
    """The log belongs to no unit, so it is read by those whose permission reaches all of them."""
    if person.units(Permission.AUDIT_READ) is not None:
        raise Forbidden(
            _("Nhật ký chung chỉ dành cho người có vai trò trên toàn hệ thống."),
            advice=_("Hãy đề nghị quản trị hệ thống giao vai trò không giới hạn đơn vị."),
        )


def events(person: Any, wanted: Wanted) -> Select[AuditEvent]:
    """Newest first."""
    check_reader(person)
    query = (
        select(AuditEvent).options(joinedload(AuditEvent.actor)).order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    )
    if wanted.action:
        query = query.where(AuditEvent.action == wanted.action)
    if wanted.target:
        query = query.where(AuditEvent.target == wanted.target)
    if wanted.target_id:
        query = query.where(AuditEvent.target_id == wanted.target_id)
    if wanted.actor:
        query = query.where(AuditEvent.actor_id.in_(_accounts_named(wanted.actor)))
    if wanted.since:
        query = query.where(AuditEvent.at >= _start_of(wanted.since))
    if wanted.until:
        query = query.where(AuditEvent.at < _start_of(wanted.until + timedelta(days=1)))
    return query


def _accounts_named(typed: str) -> Select[int]:
    account: Any = inspect(AuditEvent).relationships["actor"].mapper.class_
    folded = text.fold(typed)
    return select(account.id).where(or_(account.login == folded, account.name_fold.contains(folded, autoescape=True)))


def _start_of(day: date) -> datetime:
    return clock.from_local(datetime.combine(day, time.min))


def action_in_words(action: str) -> str:
    return gettext(ACTIONS[action]) if action in ACTIONS else action


def target_in_words(event: AuditEvent) -> str:
    kind = gettext(TARGETS[event.target]) if event.target in TARGETS else event.target
    return f"{kind} {event.target_id}".strip()


def details_in_words(event: AuditEvent) -> list[tuple[str, str]]:
    """The details as lines of a table: what, and its value as people here write it."""
    details: dict[str, Any] = json.loads(event.details)
    return [
        (gettext(DETAILS[name]) if name in DETAILS else name, _value(name, value)) for name, value in details.items()
    ]


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*[+Z]")


def _value(name: str, value: Any) -> str:
    match value:
        case None | "" | []:
            return "–"
        case bool():
            return _("có") if value else _("không")
        case list():
            return ", ".join(_value(name, item) for item in value)
        case str():
            return _text(name, value)
        case _:
            return str(value)


def _text(name: str, value: str) -> str:
    if (name, value) in VALUES:
        return gettext(VALUES[name, value])
    if _DAY.match(value):
        return text.format_date(date.fromisoformat(value))
    return text.format_moment(datetime.fromisoformat(value)) if _MOMENT.match(value) else value
