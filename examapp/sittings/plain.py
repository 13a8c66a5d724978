"""The paper as a plain form: which answers the candidate has changed since the page was made."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from examapp.sittings.standing import Response
from question_bank.kinds import get_kind
from question_bank.paper import Layout

_OPTION = re.compile(r"[0-9]{1,3}")


def field_name(slot: int) -> str:
    return f"s{slot}"


def changed_answers(layout: Layout, sent: Mapping[str, Sequence[str]]) -> dict[int, Response]:
    """Slots whose answer differs from what the page showed. An older tab sends its whole page again, and must not put
    back what another page has changed in the meantime."""
    shown = _shown(sent.get("shown", ["{}"])[0])
    changed: dict[int, Response] = {}
    for slot in layout.slots:
        chosen = sorted({int(value) for value in sent.get(field_name(slot.number), ()) if _OPTION.fullmatch(value)})
        if chosen != shown.get(slot.number, []) and get_kind(slot.kind).accepts(chosen, slot.order):
            changed[slot.number] = chosen
    return changed


def _shown(text: str) -> dict[int, Response]:
    """What the page said it showed; nothing when that cannot be read."""
    try:
        return {int(slot): sorted(int(n) for n in chosen) for slot, chosen in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}
