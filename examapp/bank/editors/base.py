"""What the editor of every kind can do: the fields of the kind, and the way between them and a question."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from examapp.core.forms import HouseForm
from question_bank import question as domain
from question_bank.kinds import get_kind
from question_bank.kinds.base import Order


class Written(NamedTuple):
    """What a kind keeps beside the stem."""

    options: tuple[domain.Option, ...] = ()
    details: dict[str, Any] = {}


class PartForm(HouseForm):
    """A row or a part of a larger form: the token stands in the whole."""

    class Meta(HouseForm.Meta):
        csrf = False


class BodyForm(PartForm):
    """The fields of one kind. Its page part is ``bank/editors/<kind>.html``."""

    kind: ClassVar[str]

    @classmethod
    def values(cls, question: domain.Question) -> dict[str, Any]:
        """What the fields hold for a question of this kind."""
        raise NotImplementedError

    @classmethod
    def same(cls, one: domain.Question, other: domain.Question) -> bool:
        """Whether two questions of this kind fill the fields alike, however that is written down."""
        return cls.values(one) == cls.values(other)

    def written(self) -> Written:
        """What is typed; whether it makes a sound question is said by the kind's own check."""
        raise NotImplementedError

    def fill(self, stem: str) -> None:
        """Enough empty rows to begin with; ``stem`` may say how many."""

    @classmethod
    def lines(cls, question: domain.Question) -> list[str]:
        """Everything the question says beside its stem, line by line in words, key included."""
        raise NotImplementedError

    @classmethod
    def key(cls, question: domain.Question) -> list[str]:
        """What decides the marks, in words; the same for questions that are marked alike."""
        raise NotImplementedError

    @classmethod
    def order(cls, question: domain.Question) -> Order:
        """An order to show the question in where nobody sits it: mixed, and the same each time."""
        return get_kind(cls.kind).shuffle(question, random.Random(len(question.stem)))  # noqa: S311 - a picture, no draw


def grow(rows: Any, fewest: int) -> None:
    """Empty rows where there are none yet."""
    if not len(rows):
        for _number in range(fewest):
            rows.append_entry()


def forms_of(rows: Any) -> Sequence[Any]:
    """The forms of a list of rows."""
    return [entry.form for entry in rows.entries]
