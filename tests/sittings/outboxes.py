"""Outboxes as a device makes them: what ``assets/exam/seal.js`` and ``outbox.js`` do, in Python."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from flask import Flask

from examapp.sittings.sealed import lease_secret, to_text

Log = dict[str, Any]


def seal(secret: bytes, ref: str, plain: bytes, *, writer: str = "writer-0001", lease: int = 1) -> Log:
    nonce = os.urandom(12)
    data = ChaCha20Poly1305(secret).encrypt(nonce, plain, f"{ref}.{lease}.{writer}".encode())
    return {"v": 1, "writer": writer, "lease": lease, "nonce": to_text(nonce), "data": to_text(data)}


def sealed_log(app: Flask, ref: str, events: Sequence[Any], *, writer: str = "writer-0001", lease: int = 1) -> Log:
    """A log of [seq, slot, response, answered, sent] as it lies in the browser's storage."""
    with app.app_context():
        secret = lease_secret(ref, lease)
    plain = json.dumps({"epoch": "epoch-of-tests", "events": list(events)}, ensure_ascii=False, separators=(",", ":"))
    return seal(secret, ref, plain.encode(), writer=writer, lease=lease)


def emergency_file(ref: str, logs: Sequence[Log], *, code: str = "", **changed: Any) -> bytes:
    content = {"format": "thuocdo-outbox", "version": 1, "ref": ref, "code": code, "logs": list(logs)} | changed
    return json.dumps(content).encode()
