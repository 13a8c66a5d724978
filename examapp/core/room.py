"""What the house asks of every room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import click
from flask import Blueprint

from examapp.core.permissions import Permission

if TYPE_CHECKING:
    from examapp.core.jobs import Work


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the navigation, shown to whoever may open it."""

    label: str
    endpoint: str
    permissions: tuple[Permission, ...]
    group: str
    """Label of the group it stands in."""
    count: Callable[[], int | None] | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for this person, shown on the home page."""

    label: str
    url: str
    detail: str = ""
    count: int | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class HeldRound:
    """A round with sealed papers, as rooms up the road may know it."""

    id: int
    name: str
    place: str
    day: date | None
    """The first day of its shifts."""
    is_over: bool
    """Nobody is going to sit its papers any more."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room's declaration. The house iterates over these and imports no room's insides."""

    blueprint: Blueprint
    cli: Sequence[click.Command] = ()
    jobs: Mapping[str, Callable[[Work], None]] = field(default_factory=dict)
    """Kind of job → what does it."""
    periodic: Sequence[Callable[[], Any]] = ()
    """Done by the runner every minute, each in a transaction of its own."""
    navigation: Sequence[Link] = ()
    tasks: Callable[[], Sequence[Task]] | None = None
    """What waits for the person who is signed in."""
    seats: Callable[[int, Permission], bool] | None = None
    """Whether an account (by id) has a permission by a place it holds in this room, besides its grants."""
    conceals: Callable[[int], frozenset[int]] | None = None
    """Ids of the questions that an official (by id) may not open for now: they wait on the own paper."""
    awaits: Callable[[int], bool] | None = None
    """Whether a question (by id) stands on a paper that is sealed and not over yet."""
    rounds: Callable[[], Sequence[HeldRound]] | None = None
    """Every round that has had papers, the latest first."""
    sat: Callable[[Sequence[int], Sequence[int]], Mapping[tuple[int, int], int]] | None = None
    """How many candidates had these question versions before them in these rounds, by version and round (ids)."""
    unfinished: Callable[[int], Sequence[str]] | None = None
    """Sentences on what is still to be decided in a round (by id) and cannot be once it is closed."""
    shipped: Callable[[], int] | None = None
    """Stores what ships with the room (catalogues, samples) and is not there yet; says how many."""
    readiness: Callable[[], str | None] | None = None
    """A sentence saying why the room cannot work now, or nothing."""
