"""What every kind of question can do, and what the kinds share."""

from __future__ import annotations

import random
import unicodedata
from fractions import Fraction
from typing import Any, Protocol

from question_bank.messages import Message
from question_bank.question import Question

Response = list[Any]
"""What the candidate answered, as JSON: a list of numbers, texts and such lists; its shape is of the kind.

Numbers speak of what is displayed on the candidate's paper and count from 1; 0 is "none of these" for one
part of an answer. An empty list is no answer.
"""

Order = tuple[Any, ...]
"""What is displayed where: nested tuples of whole numbers (and names of kinds), counting from 0."""

FEWEST_OPTIONS = 2
MOST_OPTIONS = 10


class Kind(Protocol):
    name: str
    label: str
    """Vietnamese, translatable."""
    marked_by_people: bool
    """Whether :meth:`mark` cannot know what an answer earns."""

    def check(self, question: Question) -> list[Message]:
        """What makes the question unfair or impossible to mark; empty when it may be approved."""

    def advice(self, question: Question) -> list[Message]:
        """What a writer or reviewer should look at again; it keeps no question from being stored or approved."""

    def shuffle(self, question: Question, rng: random.Random) -> Order:
        """An order of what may change places; what is pinned keeps its place. Never depends on what is right."""

    def show(self, question: Question, order: Order) -> dict[str, Any]:
        """What the candidate receives beside the stem, as JSON. The same whatever is right."""

    def accepts(self, response: Any, order: Order) -> bool:
        """Whether ``response`` has the shape this kind takes; any JSON may be asked about."""

    def is_answered(self, response: Response) -> bool:
        """Whether anything has been answered; a part of the question is enough."""

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        """The share of the points earned, 0 to 1, exact; an answer of the wrong shape earns 0."""

    def solution(self, question: Question, order: Order) -> Response:
        """A response that earns everything; empty where there is none to be written down."""

    def describe(self, question: Question, order: Order, response: Response) -> list[str]:
        """The answer in words as displayed, one line for each part; empty when nothing was answered."""

    def feedback(self, question: Question, order: Order, response: Response) -> list[str]:
        """What the examiner has to say to who answered so."""

    def texts(self, question: Question) -> list[str]:
        """All texts beside the stem, for search, likeness and the look for damaged letters."""


class Common:
    """What is the same for nearly all kinds."""

    marked_by_people = False

    def advice(self, question: Question) -> list[Message]:
        return []

    def is_answered(self, response: Response) -> bool:
        return says_something(response)

    def feedback(self, question: Question, order: Order, response: Response) -> list[str]:
        return []


def says_something(response: Any) -> bool:
    """Whether anything in a response is other than empty, blank or 0."""
    parts = [response]
    while parts:
        part = parts.pop()
        if isinstance(part, list):
            parts.extend(part)
        elif part.strip() if isinstance(part, str) else part:
            return True
    return False


def letter(index: int) -> str:
    """The letter an option carries on paper: A for 0; past Z, its number."""
    return chr(ord("A") + index) if index < 26 else str(index + 1)


def comparable(text: str) -> str:
    """The form in which two texts are the same to a reader: composed, without case, blanks collapsed."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
