"""The short codes that invigilators note when time is over, and whether what arrived later is what they stand for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased, joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Conflict, NotFound
from examapp.core.words import _
from examapp.rounds.candidates import require_not_own
from examapp.rounds.models import Candidate
from examapp.sittings.events import events_of_all
from examapp.sittings.models import Delivery, Sitting, SittingState, UnsentCode
from examapp.sittings.settle import read_code, short_code
from examapp.sittings.standing import SUBMISSION, Event
from examapp.sittings.unsent import unsent_bytes

Key = tuple[str, int]
"""writer, seq"""

MOST_LETTERS = 2
"""As many letters are wrong in a code that was misread or mistyped; two in a row that changed places are two."""

MOST_MESSAGES = 16
"""Of the last so many messages any that follow on each other may together be what a device had not sent."""


def note_code(sitting: Sitting, typed: str, *, by: Account, now: datetime) -> UnsentCode:
    """Write down what a device showed; the same code once more is the same note, and no longer a wrong one."""
    require_not_own(sitting.candidate, person=by)
    if sitting.state is SittingState.STOPPED:
        raise Conflict(_("Lượt làm bài này đã dừng và không được tính, nên không ghi mã."))
    code = read_code(typed)
    same = select(UnsentCode).where(UnsentCode.sitting_id == sitting.id, UnsentCode.code == code)
    if found := db.session.scalar(same.limit(1)):
        if found.wrong_ms is not None:
            found.wrong_by_id = found.wrong_ms = None
            record("sitting.code_noted", "sitting", sitting.ref, code=code)
            db.session.flush()
        return found
    noted = UnsentCode(sitting_id=sitting.id, code=code, by_id=by.id, noted_ms=clock.to_ms(now))
    db.session.add(noted)
    db.session.flush()
    record("sitting.code_noted", "sitting", sitting.ref, code=code)
    return noted


def strike_code(sitting: Sitting, noted_id: int, *, by: Account, now: datetime) -> UnsentCode:
    """Say that a code was written down wrongly; it is kept, and nothing is awaited for it any more."""
    require_not_own(sitting.candidate, person=by)
    noted = db.session.get(UnsentCode, noted_id)
    if noted is None or noted.sitting_id != sitting.id:
        raise NotFound()
    if any(one.id == noted_id and one.has_arrived for one in codes_of(sitting)):
        raise Conflict(_("Bài của mã %(code)s đã về máy chủ và khớp mã, nên mã này không ghi nhầm.", code=noted.code))
    if noted.wrong_ms is None:
        noted.wrong_by_id, noted.wrong_ms = by.id, clock.to_ms(now)
        record("sitting.code_struck", "sitting", sitting.ref, code=noted.code)
        db.session.flush()
    return noted


@dataclass(frozen=True, slots=True)
class Noted:
    """A noted code, and what has come since."""

    id: int
    sitting: Sitting
    code: str
    at: datetime
    by: str
    has_arrived: bool
    """What arrived is exactly what the code stands for."""
    has_other: bool
    """Something arrived after the code was noted, and it is something else."""
    has_earlier: bool
    """Something had arrived after the time was over when the code was noted, and it is something else: the code was
    read wrongly, or what it stands for is still on the device."""
    alike: str
    """The code of something that arrived, from which it differs by a letter or two."""
    wrong_by: str
    """Who said that it was written down wrongly."""
    wrong_at: datetime | None

    @property
    def is_wrong(self) -> bool:
        return self.wrong_at is not None

    @property
    def is_missing(self) -> bool:
        return not self.is_wrong and not self.has_arrived and not self.has_other


def codes_of_round(round_id: int) -> list[Noted]:
    """Every noted code of a round's sittings that may count, in the order of noting."""
    return _noted(_told().where(Candidate.round_id == round_id, Sitting.is_counting))


def codes_of(sitting: Sitting) -> list[Noted]:
    """What was noted of one sitting."""
    return _noted(_told().where(UnsentCode.sitting_id == sitting.id))


def _told() -> Select[UnsentCode, Sitting, str, str]:
    """Noted codes in their order, with whose they are, who noted each and who struck it out."""
    striker = aliased(Account)
    return (
        select(UnsentCode, Sitting, Account.display_name, striker.display_name)
        .join(Sitting, Sitting.id == UnsentCode.sitting_id)
        .join(Candidate, Candidate.id == Sitting.candidate_id)
        .join(Account, Account.id == UnsentCode.by_id)
        .outerjoin(striker, striker.id == UnsentCode.wrong_by_id)
        .options(joinedload(Sitting.candidate))
        .order_by(UnsentCode.id)
    )


def _noted(told: Select[UnsentCode, Sitting, str, str]) -> list[Noted]:
    rows = db.session.execute(told).all()
    if not rows:
        return []
    ids = {sitting.id for _code, sitting, *_names in rows}
    events, deliveries = events_of_all(ids), deliveries_of(ids)
    found = []
    for noted, sitting, name, striker in rows:
        came = Arrivals(sitting.ref, events[sitting.id], deliveries[sitting.id])
        matches = noted.wrong_ms is None and noted.code in came.matching([noted.code])
        found.append(
            Noted(
                id=noted.id,
                sitting=sitting,
                code=noted.code,
                at=clock.from_ms(noted.noted_ms),
                by=name,
                has_arrived=matches,
                has_other=not matches and came.is_later_than(noted.noted_ms),
                has_earlier=not matches and came.is_later_than(sitting.deadline_ms, until_ms=noted.noted_ms),
                alike="" if matches else came.alike(noted.code),
                wrong_by=striker or "",
                wrong_at=None if noted.wrong_ms is None else clock.from_ms(noted.wrong_ms),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Borne:
    """A sitting of which something unsent had a code: as somebody noted it, as it was delivered, or both."""

    sitting: Sitting
    noted: Noted | None
    delivery: Delivery | None

    @property
    def arrived_at(self) -> datetime | None:
        return clock.from_ms(self.delivery.received_ms) if self.delivery is not None else None

    @property
    def has_arrived(self) -> bool:
        return self.delivery is not None or (self.noted is not None and self.noted.has_arrived)


def borne(typed: str, rounds: Sequence[int]) -> list[Borne]:
    """Whose of these rounds a code of unsent work is."""
    code = read_code(typed)
    noted = select(UnsentCode.sitting_id).where(UnsentCode.code == code)
    delivered = select(Delivery.sitting_id).where(Delivery.code == code)
    found = (
        select(Sitting)
        .join(Sitting.candidate)
        .where(Candidate.round_id.in_(rounds), or_(Sitting.id.in_(noted), Sitting.id.in_(delivered)))
        .options(joinedload(Sitting.candidate).joinedload(Candidate.round))
        .order_by(Sitting.id)
    )
    sittings = list(db.session.scalars(found))
    deliveries = deliveries_of([sitting.id for sitting in sittings])
    return [
        Borne(
            sitting,
            noted=next((one for one in codes_of(sitting) if one.code == code), None),
            delivery=next((one for one in deliveries[sitting.id] if one.code == code), None),
        )
        for sitting in sittings
    ]


def deliveries_of(sitting_ids: Collection[int]) -> dict[int, list[Delivery]]:
    """What came otherwise than from the exam page, by sitting."""
    found: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in db.session.scalars(
        select(Delivery).where(Delivery.sitting_id.in_(sitting_ids)).order_by(Delivery.id)
    ):
        found[delivery.sitting_id].append(delivery)
    return found


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What has come of one sitting, as far as codes are concerned."""

    ref: str
    events: Sequence[Event]
    deliveries: Sequence[Delivery] = ()

    def matching(self, codes: Collection[str]) -> dict[str, frozenset[Key]]:
        """The noted codes that something which arrived bears, with the acts it consists of."""
        found: dict[str, frozenset[Key]] = {}
        for delivery in self.deliveries:
            if delivery.code in codes and delivery.matched:
                found[delivery.code] = frozenset(self._came_at(delivery.received_ms))
        if missing := set(codes) - set(found):
            for code, events in self._in_messages():
                if code in missing:
                    found[code] = frozenset((one.writer, one.seq) for one in events)
        return found

    def _came_at(self, ms: int) -> Iterable[Key]:
        return ((event.writer, event.seq) for event in self.events if event.received_ms == ms)

    def alike(self, code: str) -> str:
        """The code of something that arrived which this one was meant to be, it seems; empty where there is none."""
        borne = [delivery.code for delivery in self.deliveries if delivery.code]
        borne += [one for one, _events in self._in_messages()]
        return next((one for one in borne if one != code and _are_alike(one, code)), "")

    def _in_messages(self) -> Iterator[tuple[str, list[Event]]]:
        """A device may have sent in several messages what it had not sent when its code was read out."""
        acts = sorted((one for one in self.events if one.slot != SUBMISSION), key=lambda one: one.received_ms)
        messages = [list(group) for _ms, group in groupby(acts, key=lambda one: one.received_ms)][-MOST_MESSAGES:]
        for first in range(len(messages)):
            together: list[Event] = []
            for message in messages[first:]:
                together += message
                yield short_code(unsent_bytes(self.ref, together)), together

    def is_later_than(self, ms: int, *, until_ms: int | None = None) -> bool:
        """Whether anything came after that moment, up to another where one is given."""
        came = [event.received_ms for event in self.events if event.slot != SUBMISSION]
        came += [delivery.received_ms for delivery in self.deliveries]
        return any(ms < one and (until_ms is None or one <= until_ms) for one in came)


def _are_alike(one: str, other: str) -> bool:
    return sum(a != b for a, b in zip(one, other, strict=True)) <= MOST_LETTERS
