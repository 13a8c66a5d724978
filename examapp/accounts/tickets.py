"""A place in the queue: what a form said, sealed so that only this installation reads it, for one browser and not for
long. Nothing of it is kept on the server but that it was used, so a crowd costs no database."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

GOOD_FOR_S = 120
"""A ticket is good for two minutes; each answer brings a new one …"""
LONGEST_S = 900
"""… until this long after the form was sent."""
BLOCK = 256
"""Its length tells nothing of the password's."""
_NONCE = 12
LARGEST = 4_000
MOST_USED = 20_000
"""Some two megabytes; whoever wants one forgotten sooner has to use up so many others."""


@dataclass(frozen=True, slots=True)
class Ticket:
    fields: dict[str, str]
    """Of the form, by name."""
    since: float
    """When it was first sent."""
    mark: bytes = field(default=b"", compare=False)
    """Which of all tickets it is, however its text is written."""


class TicketError(Exception):
    """No ticket of ours, of another browser or page, or too old."""


class Used:
    """The tickets that came to this process, as long as they are good: each gives its place in line once."""

    def __init__(self, most: int = MOST_USED) -> None:
        self._most = most
        self._marks: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._marks)

    def is_first(self, ticket: Ticket, *, now: float) -> bool:
        """Whether it comes for the first time; it is known from now on."""
        with self._lock:
            while self._marks and next(iter(self._marks.values())) < now - GOOD_FOR_S:
                self._marks.popitem(last=False)
            if ticket.mark in self._marks:
                return False
            self._marks[ticket.mark] = now
            if len(self._marks) > self._most:
                self._marks.popitem(last=False)
            return True


class Sealer:
    """``place`` is the address the form is sent to, ``device`` the browser that holds the ticket."""

    def __init__(self, secret_key: str) -> None:
        self._cipher = ChaCha20Poly1305(hashlib.sha256(b"sign-in ticket:" + secret_key.encode()).digest())

    def seal(self, ticket: Ticket, *, place: str, device: str, now: float) -> str:
        said = json.dumps({"fields": ticket.fields, "since": ticket.since, "at": now}, ensure_ascii=False).encode()
        padded = said + b" " * (-len(said) % BLOCK)
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, padded, _bound_to(place, device))
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def read(self, text: str, *, place: str, device: str, now: float) -> Ticket:
        if len(text) > LARGEST:
            raise TicketError
        try:
            data = base64.b64decode(text, altchars=b"-_", validate=True)
            said = json.loads(self._cipher.decrypt(data[:_NONCE], data[_NONCE:], _bound_to(place, device)))
        except (ValueError, InvalidTag):
            raise TicketError from None
        if not 0 <= now - said["at"] <= GOOD_FOR_S or now - said["since"] > LONGEST_S:
            raise TicketError
        return Ticket(said["fields"], said["since"], data[:_NONCE])


def _bound_to(place: str, device: str) -> bytes:
    return f"{place} {device}".encode()
