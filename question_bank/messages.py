"""Texts for people: Vietnamese at the source, translatable later, and problems found in files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


def N_(text: str) -> str:  # noqa: N802 - the marker's usual name
    """Mark a template for extraction without translating it: the page translates when it shows the message."""
    return text


class Message(str):
    """A Vietnamese sentence that remembers its template, so that a page may show it in English.

    It is an ordinary string everywhere; ``translated`` fills the translated template with the same values.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> Self:
        self = super().__new__(cls, template.format(**values) if values else template)
        self.template = template
        self.values = values
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.template,), self.values

    def translated(self, translate: Callable[[str], str]) -> str:
        text = translate(self.template)
        values = {
            key: value.translated(translate) if isinstance(value, Message) else value
            for key, value in self.values.items()
        }
        return text.format(**values) if values else text


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one item of a file, and what to do about it.

    ``place`` names the row, cell, line or paragraph; ``item`` is the number of the question in the
    file, counted from 1, or ``None`` when the problem is of the whole file. An *error* keeps the
    item from being stored; a *warning* asks a person to look.
    """

    place: str
    item: int | None
    severity: Severity
    message: str

    def as_json(self) -> dict[str, Any]:
        return {
            "place": str(self.place),
            "item": self.item,
            "severity": self.severity.value,
            "message": str(self.message),
        }


def has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)
