"""Logs of answers as a device keeps them: sealed with a secret that only the server and the exam's own page know.

Whoever opens the same browser later can send a log on, and neither read nor change it. ``docs/saving.md`` has the
format; ``examapp/assets/exam/seal.js`` seals.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from flask import current_app
from sqlalchemy import select

from examapp.core.db import db
from examapp.sittings.models import Sitting, SittingLease
from examapp.sittings.save import WRITER, Key, RefusedError, read_event
from examapp.sittings.standing import Event

VERSION = 1
NONCE_BYTES = 12
TAG_BYTES = 16
MAX_LEASE = 99_999


@dataclass(frozen=True, slots=True)
class Opened:
    """A log that was sealed for this sitting and nobody has changed."""

    writer: str
    lease: int
    events: dict[int, Key]
    unsent: frozenset[int]
    """Numbers of those that the device had no acknowledgement for."""
    refused: tuple[tuple[int, str], ...] = ()
    """(number or 0, why) of what breaks the rules of saving; the rest of the log does not suffer for it."""

    def waiting(self) -> Iterator[Event]:
        """What the device had not sent, for the short code."""
        for seq in self.unsent & self.events.keys():
            slot, response, answered = self.events[seq]
            yield Event(self.writer, seq, self.lease, slot, tuple(json.loads(response)), answered, 0)


def lease_secret(ref: str, lease: int) -> bytes:
    """What seals the logs of one lease of one sitting."""
    installation = hashlib.sha256(b"sitting outbox:" + current_app.config["SETTINGS"].secret_key.encode()).digest()
    return hmac.digest(installation, f"outbox:{ref}:{lease}".encode(), "sha256")


def secrets_of(sitting: Sitting) -> dict[str, str]:
    """By lease, for the device that holds the sitting: of the present lease, and of earlier ones it held itself."""
    own = [sitting.lease]
    if sitting.lease > 1:
        rows = select(SittingLease.number, SittingLease.device).where(SittingLease.sitting_id == sitting.id)
        devices = {number: device for number, device in db.session.execute(rows)}
        own = sorted(number for number, device in devices.items() if device == devices[sitting.lease])
    return {str(number): to_text(lease_secret(sitting.ref, number)) for number in own}


def open_log(ref: str, log: Any) -> Opened:
    """The log, or :class:`RefusedError`: ``log`` it is none, ``seal`` it was not sealed so for this sitting, ``events``
    it was, by a page that did not know how to write one."""
    writer, lease, nonce, data = _parts(log)
    bound = f"{ref}.{lease}.{writer}".encode()
    try:
        plain = ChaCha20Poly1305(lease_secret(ref, lease)).decrypt(nonce, data, bound)
    except InvalidTag:
        raise RefusedError(403, "seal") from None
    try:
        events = json.loads(plain)["events"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RefusedError(400, "events") from None
    if not isinstance(events, list):
        raise RefusedError(400, "events")
    return _sorted(writer, lease, events)


def _parts(log: Any) -> tuple[str, int, bytes, bytes]:
    if not isinstance(log, dict):
        raise RefusedError(400, "log")
    writer, lease = log.get("writer"), log.get("lease")
    if not isinstance(writer, str) or not WRITER.fullmatch(writer):
        raise RefusedError(400, "log")
    if type(lease) is not int or not 1 <= lease <= MAX_LEASE:
        raise RefusedError(400, "log")
    nonce, data = from_text(log.get("nonce")), from_text(log.get("data"))
    if nonce is None or data is None or len(nonce) != NONCE_BYTES or len(data) < TAG_BYTES:
        raise RefusedError(400, "log")
    return writer, lease, nonce, data


def _sorted(writer: str, lease: int, listed: list[Any]) -> Opened:
    """The events by the rules of saving, each with its mark; what breaks them stands apart."""
    events: dict[int, Key] = {}
    unsent: set[int] = set()
    refused: list[tuple[int, str]] = []
    for event in listed:
        try:
            seq, key = read_event(event[:4] if isinstance(event, list) and len(event) == 5 else None)
            if events.setdefault(seq, key) != key:
                raise RefusedError(400, "seq")
        except RefusedError as refusal:
            first = event[0] if isinstance(event, list) and event else 0
            refused.append((first if type(first) is int else 0, refusal.reason))
        else:
            if event[4] != 1:
                unsent.add(seq)
    return Opened(writer, lease, events, frozenset(unsent), tuple(refused))


def to_text(data: bytes) -> str:
    """Base64 for addresses and JSON, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_text(text: Any) -> bytes | None:
    """The bytes, if this is the one way to write them."""
    if not isinstance(text, str) or not text.isascii():
        return None
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    return data if to_text(data) == text else None
