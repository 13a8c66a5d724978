"""A round on its way: the day of its first steps, and people on its list."""

from __future__ import annotations

import pytest

from tests.builders import Builder
from tests.rounds.builders import World, world


@pytest.fixture
def here(build: Builder) -> World:
    return world(build)


@pytest.fixture
def enrolled(here: World) -> World:
    for name in ("Nguyễn Thị Một", "Trần Văn Hai", "Lê Văn Ba"):
        here.person(name, here.justice)
    exam_round = here.round(shifts=2)
    here.enrol(exam_round)
    return here


@pytest.fixture
def before_the_exam(time_machine: object) -> None:
    time_machine.move_to("2026-03-02 08:00 +0700", tick=False)  # type: ignore[attr-defined]
