"""Papers drawn from a pool by a matrix: exact, seeded, sparing what was used much or seen lately.

The sets of questions that can stand on one paper form a matroid (each can be given a row of its own).
Taking questions from the most to the least welcome, each time if a place can be made for it, therefore
finds a full paper whenever there is one, and among full papers the most welcome.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from question_bank.kinds import get_kind
from question_bank.matrix import Allocation, Cell, Item, Row, Signature, cells
from question_bank.messages import N_, Message
from question_bank.paper import Slot
from question_bank.question import Level, Question, question_digest

Seed = str | bytes | int


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the paper with rows of its own, filled from a pool of its own; pools may overlap."""

    name: str
    rows: tuple[Row, ...]
    pool: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    section: str
    item_id: int
    points: int


class CannotFill(Exception):
    """The pool lacks questions; ``cells`` are the rows that stay short, with what each needs and gets."""

    def __init__(self, short: Sequence[Cell]) -> None:
        self.cells = list(short)
        self.message = Message(
            N_("Không đủ câu hỏi để rút đề: thiếu {missing} câu ở {rows} dòng của ma trận."),
            missing=sum(cell.missing for cell in short),
            rows=len(short),
        )
        super().__init__(self.message)


def seeded(*parts: Seed) -> random.Random:
    """A generator that depends on all parts and nothing else, the same on every machine."""
    sha = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        sha.update(f"{type(part).__name__}:{len(data)}:".encode() + data)
    number = int.from_bytes(sha.digest(), "big")
    return random.Random(number)  # noqa: S311 - papers must be reproducible; who may read a seed may read the paper


def feasibility_of(sections: Sequence[Section], avoid: frozenset[int] = frozenset()) -> list[Cell]:
    """The cells of all rows of all sections, when no question may be asked twice in the paper."""
    rows, names = _all_rows(sections)
    return cells(rows, Counter(_signatures(sections, avoid).values()), names)


def draw(
    sections: Sequence[Section],
    *,
    seed: Seed,
    avoid: frozenset[int] = frozenset(),
    prefer_not: frozenset[int] = frozenset(),
) -> list[Drawn]:
    """One paper, section by section and row by row; see :meth:`Drawer.draw`."""
    return Drawer(sections, seed).draw("", avoid=avoid, prefer_not=prefer_not)


_Entry = tuple[int, int, float, int]
"""Uses in this round, exposure before it, a seeded number between equals, the item's id: least is most welcome."""

_Rank = tuple[bool, int, int, float, int]
"""Whether the candidate had better not get it, then as in :data:`_Entry`."""


class _Pick:
    """What one paper takes from the questions of one signature; their heap is whole again once closed."""

    def __init__(self, heap: list[_Entry], avoid: frozenset[int], prefer_not: frozenset[int]) -> None:
        self._heap = heap
        self._avoid = avoid
        self._prefer_not = prefer_not
        self._avoided: list[_Entry] = []
        self._postponed: deque[_Entry] = deque()
        self._taken: list[_Entry] = []

    def offer(self) -> _Rank | None:
        """How welcome the next question is; ``None`` when there is no other."""
        while self._heap:
            item_id = self._heap[0][3]
            if item_id in self._avoid:
                self._avoided.append(heapq.heappop(self._heap))
            elif item_id in self._prefer_not:
                self._postponed.append(heapq.heappop(self._heap))
            else:
                return (False, *self._heap[0])
        return (True, *self._postponed[0]) if self._postponed else None

    def take(self) -> None:
        """Take the question last offered."""
        self._taken.append(heapq.heappop(self._heap) if self._heap else self._postponed.popleft())

    def close(self, rng: random.Random, *, used: bool) -> list[int]:
        """Put all back, those taken as used once more, and say which they were."""
        for entry in [*self._avoided, *self._postponed]:
            heapq.heappush(self._heap, entry)
        for uses, exposure, between, item_id in self._taken:
            heapq.heappush(
                self._heap, (uses + 1, exposure, rng.random(), item_id) if used else (uses, exposure, between, item_id)
            )
        return [entry[3] for entry in self._taken]


class Drawer:
    """Draws the papers of one round, using equally eligible questions equally often.

    A question is the more welcome the less it was used in this round, then the less it was exposed
    before; the seed decides between equals. The same pools, seed and sequence of candidates give the
    same papers, in whatever order a pool is listed.
    """

    def __init__(self, sections: Sequence[Section], round_seed: Seed) -> None:
        self._sections = tuple(sections)
        self._seed = round_seed
        self._rows, self._names = _all_rows(self._sections)
        exposures = {item.id: item.exposure for section in self._sections for item in section.pool}
        rng = seeded(round_seed)
        self._heaps: dict[Signature, list[_Entry]] = {}
        for item_id, eligible in sorted(_signatures(self._sections).items()):
            self._heaps.setdefault(eligible, []).append((0, exposures[item_id], rng.random(), item_id))
        for heap in self._heaps.values():
            heapq.heapify(heap)

    @property
    def uses(self) -> dict[int, int]:
        """How many papers of this round each eligible question is on."""
        return {item_id: uses for heap in self._heaps.values() for uses, _, _, item_id in heap}

    def draw(
        self, key: Seed, *, avoid: frozenset[int] = frozenset(), prefer_not: frozenset[int] = frozenset()
    ) -> list[Drawn]:
        """The next paper, for the candidate called ``key``: exactly as many questions as each row asks for.

        Never a question of ``avoid``; one of ``prefer_not`` only where nothing else fits.
        Raises :class:`CannotFill`, and then no question counts as used.
        """
        allocation = Allocation([row.count for row in self._rows])
        picks = {eligible: _Pick(heap, avoid, prefer_not) for eligible, heap in self._heaps.items()}
        self._fill(allocation, picks)
        full = all(allocation.filled(index) == row.count for index, row in enumerate(self._rows))
        rng = seeded(self._seed, key)
        taken = {eligible: pick.close(rng, used=full) for eligible, pick in picks.items()}
        if not full:
            raise CannotFill([cell for cell in feasibility_of(self._sections, avoid) if not cell.is_feasible])
        return list(self._hand_out(allocation, taken))

    def _fill(self, allocation: Allocation, picks: Mapping[Signature, _Pick]) -> None:
        """Offer the most welcome question of all, over and over, until the rows are full or nothing fits."""
        offers = [(rank, eligible) for eligible, pick in picks.items() if (rank := pick.offer()) is not None]
        heapq.heapify(offers)
        wanted = sum(row.count for row in self._rows)
        while offers and wanted:
            _, eligible = heapq.heappop(offers)
            if not allocation.add(eligible):
                continue
            wanted -= 1
            picks[eligible].take()
            rank = picks[eligible].offer()
            if rank is not None:
                heapq.heappush(offers, (rank, eligible))

    def _hand_out(self, allocation: Allocation, taken: Mapping[Signature, list[int]]) -> Iterator[Drawn]:
        remaining = {eligible: iter(ids) for eligible, ids in taken.items()}
        for index, row in enumerate(self._rows):
            for eligible, count in allocation.held(index).items():
                for _ in range(count):
                    yield Drawn(self._names[index], next(remaining[eligible]), row.points)


def arrange(drawn: Iterable[Drawn], questions: Mapping[int, Question], rng: random.Random) -> tuple[Slot, ...]:
    """Put the drawn questions in a random order within their section, and their options by kind.

    Sections stay in the order in which they first appear.
    """
    by_section: dict[str, list[Drawn]] = {}
    for one in drawn:
        by_section.setdefault(one.section, []).append(one)
    for members in by_section.values():
        rng.shuffle(members)
    ordered = [one for members in by_section.values() for one in members]
    return tuple(_slot(number, one, questions[one.item_id], rng) for number, one in enumerate(ordered, start=1))


def _slot(number: int, drawn: Drawn, question: Question, rng: random.Random) -> Slot:
    return Slot(
        number=number,
        section=drawn.section,
        question_id=drawn.item_id,
        digest=question_digest(question),
        kind=question.kind,
        order=get_kind(question.kind).shuffle(question, rng),
        points=drawn.points,
    )


def _all_rows(sections: Iterable[Section]) -> tuple[list[Row], list[str]]:
    pairs = [(row, section.name) for section in sections for row in section.rows]
    return [row for row, _ in pairs], [name for _, name in pairs]


def _signatures(sections: Iterable[Section], avoid: frozenset[int] = frozenset()) -> dict[int, Signature]:
    """For each item that fits any row, the rows of the whole paper it fits."""
    fits: dict[int, Signature] = {}
    first = 0
    for section in sections:
        found: dict[tuple[str, Level], Signature] = {}
        for item in section.pool:
            group = (item.topic, item.level)
            if group not in found:
                eligible = (i for i, row in enumerate(section.rows, first) if row.takes(item.topic, item.level))
                found[group] = tuple(eligible)
            if found[group] and item.id not in avoid:
                fits[item.id] = tuple(sorted({*fits.get(item.id, ()), *found[group]}))
        first += len(section.rows)
    return fits
