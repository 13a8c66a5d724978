"""How a candidate may move through the paper: where questions are left behind, and which are open now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from examapp.rounds.models import Movement
from examapp.sittings.standing import Event, Facts, left_slot
from question_bank.paper import Layout


@dataclass(frozen=True, slots=True)
class Way:
    """``steps`` are the last slots of what is open together: the paper, a section, or one question."""

    movement: Movement
    steps: tuple[int, ...]
    behind: int = 0
    """The last slot left behind; 0 when none was."""

    @property
    def is_free(self) -> bool:
        return self.movement is Movement.FREE

    @property
    def end(self) -> int:
        """The last slot that is open now."""
        return next((step for step in self.steps if step > self.behind), self.steps[-1] if self.steps else 0)

    def is_open(self, slot: int) -> bool:
        return self.behind < slot <= self.end

    @property
    def leaves(self) -> int | None:
        """The slot that going on leaves behind; ``None`` where nothing comes after what is open."""
        return self.end if self.steps and self.end < self.steps[-1] else None

    def may_leave(self, slot: int) -> bool:
        """Whether a page may leave the questions up to ``slot`` behind; a page sent twice does it once."""
        return slot in self.steps[:-1] and slot > self.behind


def section_ends(layout: Layout) -> tuple[int, ...]:
    """The last slot of each section."""
    slots = layout.slots
    following = [*(slot.section for slot in slots[1:]), None]
    return tuple(slot.number for slot, after in zip(slots, following, strict=False) if slot.section != after)


def way_through(layout: Layout, movement: Movement, events: Iterable[Event] = (), facts: Facts | None = None) -> Way:
    """The way of a round, as far as a candidate has gone."""
    numbers = tuple(slot.number for slot in layout.slots)
    if movement is Movement.FREE:
        return Way(movement, numbers[-1:])
    steps = numbers if movement is Movement.ONE_WAY else section_ends(layout)
    return Way(movement, steps, _behind(events, facts) if facts is not None else 0)


def _behind(events: Iterable[Event], facts: Facts) -> int:
    """What the device that holds the sitting has left behind, or had arrived when it took the sitting over."""
    taken = facts.taken_ms[-1] if facts.taken_ms else None
    lease = len(facts.taken_ms) + 1
    known = (event for event in events if event.lease == lease or (taken is not None and event.received_ms <= taken))
    return max((left_slot(event.slot) or 0 for event in known), default=0)
