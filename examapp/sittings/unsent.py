"""What was still on a device when its time was over, as bytes: device and server take the same short code of them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from examapp.sittings.standing import Event


def unsent_bytes(ref: str, events: Iterable[Event]) -> bytes:
    """One line an event, by writer and number; ``examapp/assets/exam/code.js`` writes the same."""
    lines = [
        f"{event.writer}:{event.seq}:{event.slot}:{_compact(event.response)}"
        for event in sorted(events, key=lambda e: (e.writer, e.seq))
    ]
    return "\n".join([ref, *lines]).encode()


def _compact(response: object) -> str:
    """As the browser's ``JSON.stringify`` writes it."""
    return json.dumps(response, ensure_ascii=False, separators=(",", ":"))
