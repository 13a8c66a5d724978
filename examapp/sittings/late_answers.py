"""What is known of answers that came too late to count by themselves, except the answers: the council decides blind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.core.db import db
from examapp.sittings.codes import Arrivals, Key, deliveries_of
from examapp.sittings.events import events_of_all, facts_of
from examapp.sittings.models import DeliveryWay, EventDecision, Sitting, UnsentCode
from examapp.sittings.settle import counting_records
from examapp.sittings.standing import (
    COUNTING,
    SUBMISSION,
    Event,
    Facts,
    Placed,
    Response,
    Standing,
    closed_answers,
    standing,
    standings,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The latest decision about an event."""

    accepted: bool
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LateEvent:
    """One late answer as the council sees it: not what was answered."""

    placed: Placed
    standing: Standing
    waits: bool
    """For a decision; other late answers are decided, or came after the submission."""
    after_submission: bool
    after_deadline: bool
    """Said to have been given when the time was over."""
    can_count: bool
    """Not where a newer device has answered the question, or it had been left behind for good."""
    makes_difference: bool
    """Whether another answer would count with it than without it."""
    way: DeliveryWay | None
    """``None``: from the exam page, over the network."""
    code: str
    """The noted code it came under."""
    verdict: Verdict | None

    @property
    def slot(self) -> int:
        return self.placed.event.slot

    @property
    def key(self) -> str:
        return f"{self.placed.event.writer}:{self.placed.event.seq}"

    @property
    def can_be_decided(self) -> bool:
        return self.can_count or self.verdict is not None

    @property
    def claimed(self) -> datetime:
        """When it was answered, as the device says and the bounds allow."""
        return clock.from_ms(self.placed.claim_ms)

    @property
    def not_before(self) -> datetime:
        return clock.from_ms(self.placed.floor_ms)

    @property
    def contact(self) -> datetime | None:
        """The earlier contact that gives the bound."""
        return clock.from_ms(self.placed.contact_ms) if self.placed.contact_ms is not None else None

    @property
    def not_after(self) -> datetime:
        return clock.from_ms(self.placed.ceiling_ms)

    @property
    def arrived(self) -> datetime:
        return clock.from_ms(self.placed.event.received_ms)


@dataclass(frozen=True, slots=True)
class LateSitting:
    """A person's late answers, in the order in which they are said to have been given."""

    sitting: Sitting
    events: list[LateEvent]

    @property
    def waiting(self) -> list[LateEvent]:
        return [event for event in self.events if event.waits]

    @property
    def arrived(self) -> datetime:
        """When the last of them came."""
        return clock.from_ms(max(event.placed.event.received_ms for event in self.events))


def read_key(key: str) -> Key:
    """What :attr:`LateEvent.key` writes; a key that nothing has for anything else."""
    writer, _colon, seq = key.rpartition(":")
    return writer, int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 9 else 0


def late_of(sitting: Sitting) -> LateSitting:
    """Everything of one sitting that came too late to count by itself."""
    return late_of_all([sitting])[0]


def late_of_all(sittings: Sequence[Sitting]) -> list[LateSitting]:
    """The same of several, in few queries."""
    ids = [sitting.id for sitting in sittings]
    events, deliveries = events_of_all(ids), deliveries_of(ids)
    codes, verdicts, records = _codes(ids), _verdicts(ids), counting_records(sittings)
    found = []
    for sitting in sittings:
        came = Arrivals(sitting.ref, events[sitting.id], deliveries[sitting.id])
        judged = verdicts.get(sitting.id, {})
        known = _Known(
            events=events[sitting.id],
            facts=facts_of(sitting),
            seen=_seen(records.get(sitting.id, {})),
            decided=judged.keys(),
        )
        told = _Told(
            ways={delivery.received_ms: delivery.way for delivery in deliveries[sitting.id]},
            codes={key: code for code, keys in came.matching(codes.get(sitting.id, ())).items() for key in keys},
            verdicts=judged,
        )
        found.append(LateSitting(sitting, known.late(told)))
    return found


def count_waiting_of_all(sittings: Sequence[Sitting]) -> dict[int, int]:
    """How many late answers wait for a decision, by sitting: of their standings alone."""
    ids = [sitting.id for sitting in sittings]
    events, decided, records = events_of_all(ids), _decided_keys(ids), counting_records(sittings)
    counts: dict[int, int] = {}
    for sitting in sittings:
        known = _Known(
            events=events[sitting.id],
            facts=facts_of(sitting),
            seen=_seen(records.get(sitting.id, {})),
            decided=decided.get(sitting.id, frozenset()),
        )
        counts[sitting.id] = sum(known.waits(placed, stands) for placed, stands in known.late_standings())
    return counts


def _decided_keys(sitting_ids: Collection[int]) -> dict[int, set[Key]]:
    found: dict[int, set[Key]] = {}
    rows = select(EventDecision.sitting_id, EventDecision.writer, EventDecision.seq)
    for sitting_id, writer, seq in db.session.execute(rows.where(EventDecision.sitting_id.in_(sitting_ids))):
        found.setdefault(sitting_id, set()).add((writer, seq))
    return found


def _seen(settled: Mapping[str, Sequence[Sequence[object]]]) -> frozenset[Key] | None:
    """The acts that a record was made from; ``None`` where it does not say."""
    if "seen" not in settled:
        return None
    return frozenset((str(writer), int(str(seq))) for writer, seq in settled["seen"])


def _codes(sitting_ids: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    rows = select(UnsentCode.sitting_id, UnsentCode.code).where(UnsentCode.sitting_id.in_(sitting_ids))
    for sitting_id, code in db.session.execute(rows.where(UnsentCode.wrong_ms.is_(None))):
        found.setdefault(sitting_id, set()).add(code)
    return found


def _verdicts(sitting_ids: Collection[int]) -> dict[int, dict[Key, Verdict]]:
    found: dict[int, dict[Key, Verdict]] = {}
    rows = (
        select(EventDecision, Account.display_name)
        .join(Account, Account.id == EventDecision.by_id)
        .where(EventDecision.sitting_id.in_(sitting_ids))
        .order_by(EventDecision.id)
    )
    for row, name in db.session.execute(rows):
        verdict = Verdict(row.accepted, row.reason, name, row.at)
        found.setdefault(row.sitting_id, {})[row.writer, row.seq] = verdict
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """What is said beside the answers of one sitting."""

    ways: Mapping[int, DeliveryWay]
    codes: Mapping[Key, str]
    verdicts: Mapping[Key, Verdict]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one sitting, gathered."""

    events: Sequence[Event]
    facts: Facts
    seen: frozenset[Key] | None
    decided: Collection[Key]
    """About which the council has said something."""

    def late_standings(self) -> list[tuple[Placed, Standing]]:
        return self._late_among(standings(self.events, self.facts))

    def _late_among(self, found: Sequence[tuple[Placed, Standing]]) -> list[tuple[Placed, Standing]]:
        return [(placed, stands) for placed, stands in found if self._is_late(placed, stands)]

    def late(self, told: _Told) -> list[LateEvent]:
        found = standings(self.events, self.facts)
        late = self._late_among(found)
        if not late:
            return []
        effects = _effects(found, self.facts)
        events = [self._late_event(placed, stands, effects[key_of(placed)], told) for placed, stands in late]
        return sorted(events, key=lambda event: (event.placed.claim_ms, event.slot, event.key))

    def waits(self, placed: Placed, stands: Standing) -> bool:
        return stands is not Standing.EVIDENCE and key_of(placed) not in self.decided

    def _is_late(self, placed: Placed, stands: Standing) -> bool:
        return placed.event.slot > SUBMISSION and (
            key_of(placed) in self.decided
            or stands is Standing.NEEDS_DECISION
            or self._is_after_submission(placed)
            or self._was_missed(placed, stands)
        )

    def _is_after_submission(self, placed: Placed) -> bool:
        submitted = self.facts.submitted_ms
        return submitted is not None and placed.event.received_ms > submitted

    def _was_missed(self, placed: Placed, stands: Standing) -> bool:
        """It came in time and was still on its way into the database when the sitting was settled."""
        return self.seen is not None and stands in COUNTING and key_of(placed) not in self.seen

    def _late_event(self, placed: Placed, stands: Standing, effect: _Effect, told: _Told) -> LateEvent:
        key = key_of(placed)
        return LateEvent(
            placed=placed,
            standing=stands,
            waits=self.waits(placed, stands),
            after_submission=self._is_after_submission(placed),
            after_deadline=placed.claim_ms > self.facts.deadline_ms,
            can_count=effect.can_count,
            makes_difference=effect.makes_difference,
            way=told.ways.get(placed.event.received_ms),
            code=told.codes.get(key, ""),
            verdict=told.verdicts.get(key),
        )


@dataclass(frozen=True, slots=True)
class _Effect:
    """Of accepting one answer, all others being as they are."""

    can_count: bool
    makes_difference: bool


def _effects(found: Sequence[tuple[Placed, Standing]], facts: Facts) -> dict[Key, _Effect]:
    """For every answer, in one pass over each question: a decision about an answer moves neither claims nor what had
    been left behind, and touches nothing but its own question."""
    closed = closed_answers([placed for placed, _stands in found], facts)
    slots: dict[int, list[tuple[Placed, Standing]]] = {}
    for placed, stands in found:
        if placed.event.slot > SUBMISSION:
            slots.setdefault(placed.event.slot, []).append((placed, stands))
    effects: dict[Key, _Effect] = {}
    for answers in slots.values():
        before = _next_best([placed for placed, _stands in answers], facts, closed)
        newest = 0  # lease of what counts further on, of which the last is the answer
        for (placed, stands), other in zip(reversed(answers), reversed(before), strict=True):
            key, lease = key_of(placed), placed.event.lease
            can_count = key not in closed and newest <= lease
            differs = can_count and not newest and other != list(placed.event.response)
            effects[key] = _Effect(can_count, differs)
            if stands in COUNTING:
                newest = max(newest, lease)
    return effects


def _next_best(answers: Sequence[Placed], facts: Facts, closed: Collection[Key]) -> list[Response | None]:
    """What would count instead of each answer to a question if neither it nor any after it did."""
    found: list[Response | None] = []
    last: Response | None = None
    for placed in answers:
        found.append(last)
        if standing(placed, facts, newer_touched=False, closed=key_of(placed) in closed) in COUNTING:
            last = list(placed.event.response)
    return found


def key_of(placed: Placed) -> Key:
    return placed.event.writer, placed.event.seq
