"""The paper as a plain form: which answers the candidate has changed since the page was made."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from examapp.bank.answer_fields import Sent, read_answer
from examapp.sittings.save import RefusedError, stored_response
from examapp.sittings.standing import Response
from question_bank.kinds import get_kind
from question_bank.paper import Layout, Slot


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
    return read_answer(slot.kind, field_name(slot.number), slot.order, sent)


def _shown(text: str) -> dict[int, Response]:
    """What the page said it showed; nothing when that cannot be read."""
    try:
        return {int(slot): list(response) for slot, response in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}
