"""The paper as a plain form: which answers the candidate has changed since the page was made."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from examapp.bank.answer_fields import Sent, read_answer
from examapp.sittings.notes import note_text
from examapp.sittings.save import RefusedError, stored_response
from examapp.sittings.standing import Response, left, note_on
from examapp.sittings.way import Way
from question_bank.kinds import get_kind
from question_bank.paper import Layout, Slot

_NEXT = re.compile(r"next-([0-9]{1,3})")


@dataclass(slots=True)
class Changes:
    """New answers and other acts by slot, in the order in which they are to be stored, and the slots whose fields say
    nothing that can be taken."""

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
    changes.answers |= _changed_notes(layout, sent, shown)
    return changes


def note_name(slot: int) -> str:
    return f"n{slot}"


def _changed_notes(layout: Layout, sent: Sent, shown: dict[int, Response]) -> dict[int, Response]:
    """Notes on questions, as far as the form has them: fields of a closed question are not sent."""
    found: dict[int, Response] = {}
    for slot in layout.slots:
        field_sent = sent.get(note_name(slot.number))
        if field_sent is None:
            continue
        text = note_text(field_sent)
        response = [text] if text else []
        if response != shown.get(note_on(slot.number), []) and _is_whole(response):
            found[note_on(slot.number)] = response
    return found


def leaving(sent: Sent, way: Way) -> dict[int, Response]:
    """The act of going on where there is no way back, as the button of the page says it."""
    asked = _NEXT.fullmatch(sent.get("then", [""])[0])
    return {left(int(asked[1])): []} if asked and way.may_leave(int(asked[1])) else {}


def _is_taken(slot: Slot, response: Response) -> bool:
    return _is_whole(response) and get_kind(slot.kind).accepts(response, slot.order)


def _is_whole(response: Response) -> bool:
    try:
        stored_response(response)
    except RefusedError:
        return False
    return True


def _read_slot(slot: Slot, sent: Sent) -> Response | None:
    return read_answer(slot.kind, field_name(slot.number), slot.order, sent)


def _shown(text: str) -> dict[int, Response]:
    """What the page said it showed; nothing when that cannot be read."""
    try:
        return {int(slot): list(response) for slot, response in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}
