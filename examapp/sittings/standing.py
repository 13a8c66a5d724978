"""What an answer is worth: pure functions of the stored events and of the sitting's dated facts.

Nothing here reads a clock or a database. Whatever order events arrive in, and however often, the outcome is the same.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SUBMISSION = 0
"""The slot of the event that submits."""

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

    def held_until(self, lease: int) -> int | None:
        """When a newer lease took over from ``lease``; ``None`` for the one that holds the sitting."""
        return self.taken_ms[lease - 1] if lease <= len(self.taken_ms) else None


@dataclass(frozen=True, slots=True)
class Placed:
    """An event with its bounded claim: when, as far as the server can vouch for it, it was answered."""

    event: Event
    claim_ms: int

    @property
    def order(self) -> tuple[int, int, str, int]:
        return self.event.lease, self.claim_ms, self.event.writer, self.event.seq


def standing(placed: Placed, facts: Facts, *, newer_touched: bool) -> Standing:
    """Where one event stands; ``newer_touched`` tells whether a newer lease has answered the same slot."""
    event = placed.event
    after_submission = facts.submitted_ms is not None and event.received_ms > facts.submitted_ms
    if after_submission or newer_touched:
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
    found: list[tuple[Placed, Standing]] = []
    newest: dict[int, int] = {}
    for placed in reversed(ordered):  # newer leases come first here, so what they touched is known
        event = placed.event
        verdict = standing(placed, facts, newer_touched=newest.get(event.slot, 0) > event.lease)
        if verdict in (Standing.COUNTS, Standing.FLAGGED):
            newest[event.slot] = max(newest.get(event.slot, 0), event.lease)
        found.append((placed, verdict))
    return found[::-1]


def responses(events: Iterable[Event], facts: Facts) -> dict[int, Response]:
    """The last event of each slot that counts. An answer taken back stays, as an empty response."""
    last: dict[int, Response] = {}
    for placed, verdict in standings(events, facts):
        if verdict in (Standing.COUNTS, Standing.FLAGGED) and placed.event.slot != SUBMISSION:
            last[placed.event.slot] = list(placed.event.response)
    return dict(sorted(last.items()))


def tally(found: Sequence[tuple[Placed, Standing]]) -> dict[Standing, int]:
    """How many answers stand where (the submission is no answer)."""
    counts = dict.fromkeys(Standing, 0)
    for placed, verdict in found:
        if placed.event.slot != SUBMISSION:
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
    for event, known_by in zip(chain, _contacts_after(chain), strict=True):
        while contacts and contacts[0] < known_by:
            floor = max(floor, heapq.heappop(contacts) - TRANSIT_MS)
        floor = min(known_by, max(floor, event.answered_ms))
        placed.append(Placed(event, floor))
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
