"""Who was heard from in the waiting room, and when last, for those who watch the round.

A waiting page asks again and again. Each process keeps what it hears and writes it down now and then, all of it in one
short transaction that nobody depends on: neither the start nor the saving of answers knows of it. Only the last moment
is kept, no history.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from threading import Lock

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from examapp.core import clock
from examapp.core.db import apart, db
from examapp.rounds.models import Candidate
from examapp.sittings.models import WaitingContact

log = logging.getLogger(__name__)

WRITTEN_EVERY_MS = 15_000
IN_ROOM = timedelta(seconds=150)
"""Heard from within this time, somebody is in the waiting room: a page that is far from the start asks every minute,
so two questions may get lost."""


class Ear:
    """What one process has heard and not written down yet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._latest: dict[int, int] = {}
        self._written_ms = 0

    def hear(self, candidate_id: int, now_ms: int) -> Mapping[int, int]:
        """What is to be written down now: everything, or nothing yet."""
        with self._lock:
            self._latest[candidate_id] = now_ms
            if abs(now_ms - self._written_ms) < WRITTEN_EVERY_MS:
                return {}
            due, self._latest, self._written_ms = self._latest, {}, now_ms
            return due


def hear(candidate: Candidate, *, now: datetime) -> None:
    """The candidate's waiting room is open; call it in a GET. What a busy database does not take, or of a candidate who
    was removed meanwhile, is dropped: the pages ask again soon."""
    ear: Ear = current_app.extensions.setdefault("waiting_ear", Ear())
    if not (due := ear.hear(candidate.id, clock.to_ms(now))):
        return
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(WaitingContact)
    newest = insert.on_conflict_do_update(
        index_elements=["candidate_id"], set_={"heard_ms": insert.excluded.heard_ms}
    )  # in the order of the ids, so that two processes never wait for each other
    try:
        with apart() as session:
            session.connection().execute(newest, [{"candidate_id": one, "heard_ms": due[one]} for one in sorted(due)])
    except DBAPIError:
        log.warning("%d contacts of waiting rooms were not written down", len(due), exc_info=True)


def heard_of(candidate_ids: Collection[int]) -> dict[int, datetime]:
    """When the waiting room of each was last heard from; whoever never opened it is left out."""
    rows = select(WaitingContact.candidate_id, WaitingContact.heard_ms)
    found = db.session.execute(rows.where(WaitingContact.candidate_id.in_(candidate_ids)))
    return {candidate_id: clock.from_ms(ms) for candidate_id, ms in found}
