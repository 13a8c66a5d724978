"""The paper as a plain form: which answers the candidate has changed since the page was made."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from examapp.sittings.save import RefusedError, stored_response
from examapp.sittings.standing import Response
from question_bank.kinds import get_kind
from question_bank.kinds.base import Order
from question_bank.paper import Layout, Slot

_NUMBER = re.compile(r"[0-9]{1,3}")

Sent = Mapping[str, Sequence[str]]
"""The fields of the form by name, each with all its values."""


@dataclass(slots=True)
class Changes:
    """New answers by slot, and the slots whose fields say nothing that can be taken."""

    answers: dict[int, Response] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)


def field_name(slot: int) -> str:
    return f"s{slot}"


def changed_answers(layout: Layout, sent: Sent) -> Changes:
    """Slots whose answer differs from what the page showed. An older tab sends its whole page again, and must not put
    back what another page has changed in the meantime."""
    shown = _shown(sent.get("shown", ["{}"])[0])
    changes = Changes()
    for slot in layout.slots:
        response = _read_slot(slot, sent)
        if response == shown.get(slot.number, []):
            continue
        if response is not None and _is_taken(slot, response):
            changes.answers[slot.number] = response
        else:
            changes.refused.append(slot.number)
    return changes


def _is_taken(slot: Slot, response: Response) -> bool:
    try:
        stored_response(response)
    except RefusedError:
        return False
    return get_kind(slot.kind).accepts(response, slot.order)


def _read_slot(slot: Slot, sent: Sent) -> Response | None:
    return _read(slot.kind, field_name(slot.number), slot.order, sent)


def _read(kind: str, name: str, order: Order, sent: Sent) -> Response | None:
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
    found = [_read(kind, f"{name}.{part}", inner, sent) for part, (kind, inner) in enumerate(order, start=1)]
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


def _shown(text: str) -> dict[int, Response]:
    """What the page said it showed; nothing when that cannot be read."""
    try:
        return {int(slot): list(response) for slot, response in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}
