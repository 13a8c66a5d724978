"""Answers out of the fields of a plain form, as the templates of the kinds name them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from question_bank.kinds import get_kind
from question_bank.kinds.base import Order, Response

_NUMBER = re.compile(r"[0-9]{1,3}")

Sent = Mapping[str, Sequence[str]]
"""The fields of the form by name, each with all its values."""


def read_answer(kind: str, name: str, order: Order, sent: Sent) -> Response | None:
    """The response in these fields, empty when nothing is answered; nothing where they contradict each other."""
    response = READERS[kind](name, order, sent)
    return response if response is None or get_kind(kind).is_answered(response) else []


def _ticks(name: str, order: Order, sent: Sent) -> Response:
    return sorted({int(value) for value in sent.get(name, ()) if _NUMBER.fullmatch(value)})


def _number(name: str, sent: Sent) -> int:
    value = sent.get(name, ["0"])[0]
    return int(value) if _NUMBER.fullmatch(value) else 0


def _text(name: str, sent: Sent) -> str:
    """As typed; browsers send line ends of their own, and a blank field is an empty one."""
    value = sent.get(name, [""])[0].replace("\r\n", "\n")
    return value if value.strip() else ""


def _typed(name: str, order: Order, sent: Sent) -> Response:
    return [_text(name, sent)]


def _numbers(name: str, order: Order, sent: Sent) -> Response:
    return [_number(f"{name}.{part}", sent) for part in range(1, len(order) + 1)]


def _matches(name: str, order: Order, sent: Sent) -> Response:
    return _numbers(name, order[0], sent)


def _gaps(name: str, order: Order, sent: Sent) -> Response:
    """A gap with choices has an order of them; a typed one has none."""
    parts = enumerate(order, start=1)
    return [_number(f"{name}.{part}", sent) if gap else _text(f"{name}.{part}", sent) for part, gap in parts]


def _places(name: str, order: Order, sent: Sent) -> Response | None:
    """Items by the places they were given; two at one place, or some at none, are no order."""
    places = _numbers(name, order, sent)
    if not any(places):
        return []
    if sorted(places) != list(range(1, len(order) + 1)):
        return None
    return [places.index(place) + 1 for place in range(1, len(order) + 1)]


def _together(name: str, order: Order, sent: Sent) -> Response | None:
    found = [read_answer(kind, f"{name}.{part}", inner, sent) for part, (kind, inner) in enumerate(order, start=1)]
    return None if any(response is None for response in found) else found


READERS: dict[str, Callable[[str, Any, Sent], Response | None]] = {
    "single_choice": _ticks,
    "multiple_response": _ticks,
    "true_false": _ticks,
    "true_false_cluster": _numbers,
    "matching": _matches,
    "ordering": _places,
    "numeric": _typed,
    "short_text": _typed,
    "gap_text": _gaps,
    "case": _together,
    "essay": _typed,
}
"""How the fields of a kind are read; the names are those of its template."""
