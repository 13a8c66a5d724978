"""What an answer is worth: pure functions of the stored events and of the sitting's dated facts.

Nothing here reads a clock or a database. Whatever order events arrive in, and however often, the outcome is the same.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SUBMISSION = 0
"""The slot of the event that submits. Acts that answer no question have the slots from here down."""

LEFT_FROM = 1000


def note_on(slot: int) -> int:
    """The slot of an event that says something about a question: "Báo câu hỏi có vấn đề"."""
    return -slot


def left(slot: int) -> int:
    """The slot of an event by which a candidate leaves the questions up to ``slot`` behind, where a round has no way
    back."""
    return -LEFT_FROM - slot


def noted_slot(slot: int) -> int | None:
    """The question that an event with this slot says something about; ``None`` for other events."""
    return -slot if -LEFT_FROM < slot < SUBMISSION else None


def left_slot(slot: int) -> int | None:
    """The last question that an event with this slot leaves behind; ``None`` for other events."""
    return -LEFT_FROM - slot if slot < -LEFT_FROM else None


TRANSIT_MS = 20_000
"""How long a message may be under way: a client gives a request up after so long. A contact that arrived at a moment
may have left the device that much earlier, so it bounds later claims only from there."""

Response = list[Any]
"""Numbers, texts and lists of them, as the kind of the question takes it."""


class Standing(StrEnum):
    COUNTS = "counts"
    FLAGGED = "flagged"
    """Counts, and is pointed out: it arrived late or from a device that no longer held the sitting."""
    NEEDS_DECISION = "needs_decision"
    """Does not count unless the council says so."""
    EVIDENCE = "evidence"
    """Kept, never counted."""


COUNTING = frozenset({Standing.COUNTS, Standing.FLAGGED})


@dataclass(frozen=True, slots=True)
class Event:
    """An answer as it was stored. The key is (writer, seq)."""

    writer: str
    seq: int
    lease: int
    slot: int
    response: tuple[Any, ...]
    answered_ms: int
    received_ms: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Of the sitting: when it began, ends, closes for late messages, was submitted, and changed devices."""

    started_ms: int
    deadline_ms: int
    late_ms: int
    submitted_ms: int | None = None
    taken_ms: tuple[int, ...] = ()
    """When each lease after the first was taken: ``taken_ms[0]`` is lease 2."""
    decisions: Mapping[tuple[str, int], bool] = field(default_factory=dict)
    """What the council decided about events, by (writer, seq): accepted or not."""

    def held_until(self, lease: int) -> int | None:
        """When a newer lease took over from ``lease``; ``None`` for the one that holds the sitting."""
        return self.taken_ms[lease - 1] if 0 < lease <= len(self.taken_ms) else None


@dataclass(frozen=True, slots=True)
class Placed:
    """An event with its bounded claim: when, as far as the server can vouch for it, it was answered."""

    event: Event
    claim_ms: int
    floor_ms: int = 0
    """Not before: what the claim would be at the least."""
    contact_ms: int | None = None
    """The earlier contact of the same page that gives ``floor_ms``; ``None``: the start, or the act before."""
    ceiling_ms: int = 0
    """Not after: by then this act or a later one of the same page had reached the server."""

    @property
    def order(self) -> tuple[int, int, str, int]:
        return self.event.lease, self.claim_ms, self.event.writer, self.event.seq


def standing(placed: Placed, facts: Facts, *, newer_touched: bool, closed: bool = False) -> Standing:
    """Where one event stands. ``newer_touched``: a newer lease has answered the same slot; ``closed``: the candidate
    had left the question behind before, where there is no way back."""
    event = placed.event
    if newer_touched or closed:
        return Standing.EVIDENCE
    decided = facts.decisions.get((event.writer, event.seq))
    if decided is not None:
        return Standing.FLAGGED if decided else Standing.EVIDENCE
    if facts.submitted_ms is not None and event.received_ms > facts.submitted_ms:
        return Standing.EVIDENCE
    if event.received_ms > facts.late_ms or placed.claim_ms > facts.deadline_ms:
        return Standing.NEEDS_DECISION
    held_until = facts.held_until(event.lease)
    from_current_lease = held_until is None or event.received_ms <= held_until
    in_time = event.received_ms <= facts.deadline_ms
    return Standing.COUNTS if in_time and from_current_lease else Standing.FLAGGED


def standings(events: Iterable[Event], facts: Facts) -> list[tuple[Placed, Standing]]:
    """Every event with its standing, in the order that decides: lease, bounded claim, writer, seq."""
    ordered = place(events, facts)
    closed = closed_answers(ordered, facts)
    found: list[tuple[Placed, Standing]] = []
    newest: dict[int, int] = {}
    for placed in reversed(ordered):  # newer leases come first here, so what they touched is known
        event = placed.event
        touched = newest.get(event.slot, 0) > event.lease
        verdict = standing(placed, facts, newer_touched=touched, closed=(event.writer, event.seq) in closed)
        if verdict in COUNTING:
            newest[event.slot] = max(newest.get(event.slot, 0), event.lease)
        found.append((placed, verdict))
    return found[::-1]


def closed_answers(ordered: Sequence[Placed], facts: Facts) -> set[tuple[str, int]]:
    """Answers to questions left behind before. A newer device knows only what had arrived when it took the sitting."""
    closed: set[tuple[str, int]] = set()
    left_behind: list[Event] = []
    arrived = _Arrived(ordered)
    lease, known = 0, 0
    for event in (placed.event for placed in ordered):
        if event.lease != lease:
            lease = event.lease
            known = _known_to(lease, left_behind, facts)
        slot = left_slot(event.slot)
        if slot is not None:
            left_behind.append(event)
            known = max(known, slot)
        elif SUBMISSION < event.slot <= max(known, arrived.before(event)):
            closed.add((event.writer, event.seq))
    return closed


class _Arrived:
    """What had been left behind when an answer arrived, as other pages of the same lease had told: whatever the answer
    claims, it came after. A page's own order stands in its numbers; its later messages may arrive first."""

    def __init__(self, ordered: Iterable[Placed]) -> None:
        steps: dict[int, list[tuple[int, int, str]]] = {}
        for event in (placed.event for placed in ordered):
            if (slot := left_slot(event.slot)) is not None:
                steps.setdefault(event.lease, []).append((event.received_ms, slot, event.writer))
        self._moments = {lease: sorted(found) for lease, found in steps.items()}
        self._best = {lease: _two_best(found) for lease, found in self._moments.items()}

    def before(self, event: Event) -> int:
        """The last question left behind that another writer had told of before this event arrived; 0 for none."""
        moments = self._moments.get(event.lease, [])
        index = bisect_left(moments, (event.received_ms,)) - 1
        if index < 0:
            return 0
        return next((slot for slot, writer in self._best[event.lease][index] if writer != event.writer), 0)


def _two_best(moments: Sequence[tuple[int, int, str]]) -> list[list[tuple[int, str]]]:
    """After each moment the furthest step, and the furthest of another writer."""
    found: list[list[tuple[int, str]]] = []
    best: dict[str, int] = {}
    for _ms, slot, writer in moments:
        best[writer] = max(best.get(writer, 0), slot)
        top = sorted(((far, who) for who, far in best.items()), reverse=True)[:2]
        best = {who: far for far, who in top}
        found.append(top)
    return found


def _known_to(lease: int, left_behind: Iterable[Event], facts: Facts) -> int:
    """The last question left behind on older devices, as far as it had arrived when ``lease`` was taken."""
    taken = facts.held_until(lease - 1)  # unknown where a restored database has fewer leases than the devices
    arrived = (event for event in left_behind if taken is None or event.received_ms <= taken)
    return max((left_slot(event.slot) or 0 for event in arrived), default=0)


def responses(events: Iterable[Event], facts: Facts) -> dict[int, Response]:
    """The last event of each slot that counts. An answer taken back stays, as an empty response."""
    return answers_in(standings(events, facts))


def answers_in(found: Iterable[tuple[Placed, Standing]]) -> dict[int, Response]:
    """The same, where it is known how every event stands."""
    last: dict[int, Response] = {}
    for placed, verdict in found:
        if verdict in COUNTING and placed.event.slot > SUBMISSION:
            last[placed.event.slot] = list(placed.event.response)
    return dict(sorted(last.items()))


def tally(found: Sequence[tuple[Placed, Standing]]) -> dict[Standing, int]:
    """How many answers stand where; other acts are none."""
    counts = dict.fromkeys(Standing, 0)
    for placed, verdict in found:
        if placed.event.slot > SUBMISSION:
            counts[verdict] += 1
    return counts


def place(events: Iterable[Event], facts: Facts) -> list[Placed]:
    """Bound every claim and put the events into their order."""
    by_writer: dict[str, dict[int, Event]] = {}
    for event in events:
        by_writer.setdefault(event.writer, {})[event.seq] = event
    placed = [p for own in by_writer.values() for p in _bounded(own, facts)]
    return sorted(placed, key=lambda p: p.order)


def _bounded(own: Mapping[int, Event], facts: Facts) -> list[Placed]:
    """The claims of one writer: never before the start or an earlier contact, never after a later contact, and
    never earlier than the claim before (``seq`` counts the acts on the device)."""
    chain = [own[seq] for seq in sorted(own)]
    placed: list[Placed] = []
    contacts: list[int] = []  # of the acts before, as a heap: those still ahead of the present one
    floor = facts.started_ms
    contact: int | None = None
    for event, known_by in zip(chain, _contacts_after(chain), strict=True):
        while contacts and contacts[0] < known_by:
            earlier = heapq.heappop(contacts)
            if earlier - TRANSIT_MS > floor:
                floor, contact = earlier - TRANSIT_MS, earlier
        claim = min(known_by, max(floor, event.answered_ms))
        placed.append(Placed(event, claim, min(floor, claim), contact, known_by))
        if claim > floor:
            floor, contact = claim, None
        floor = claim
        heapq.heappush(contacts, event.received_ms)
    return placed


def _contacts_after(chain: Sequence[Event]) -> list[int]:
    """For each event the first moment at which it, or a later act of the same writer, had reached the server."""
    bounds: list[int] = []
    earliest: int | None = None
    for event in reversed(chain):
        earliest = event.received_ms if earliest is None else min(earliest, event.received_ms)
        bounds.append(earliest)
    return bounds[::-1]
