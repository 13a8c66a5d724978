"""The sample bank that ships: Vietnamese questions by topic, kept as GIFT files beside this module."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from question_bank.formats import read
from question_bank.question import Question

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the sample bank; ``position`` is empty where the topic is common to all positions."""

    code: str
    name: str
    strand: str
    position: str


@cache
def load() -> tuple[Question, ...]:
    """Every sample question, file by file; ``ValueError`` when a file has any problem."""
    questions: list[Question] = []
    for path in sorted(_FOLDER.glob("*.gift")):
        reading = read(path, format="gift")
        if reading.problems:
            problem = reading.problems[0]
            raise ValueError(f"{path.name}: {problem.place}: {problem.message}")
        questions += reading.questions
    return tuple(questions)


@cache
def topics() -> tuple[Topic, ...]:
    """The topics of the sample bank in the order of their table."""
    with (_FOLDER / "topics.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(Topic(**row) for row in csv.DictReader(stream))
