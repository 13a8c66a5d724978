"""The paper as it is fetched in the waiting room: the whole exam page, compressed and encrypted.

The key is told by the reply that starts the sitting and by nothing before. The same page gives the same bytes, so that
a phone that has them need not fetch them again; the nonce comes from the content, so no two pages share one.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

from examapp.rounds.models import Candidate, CandidateState, Paper, RoundState
from examapp.sittings import exam_page

EARLIEST = timedelta(hours=2)
"""Before the shift: nobody holds the bytes for longer than the wait is."""
_NONCE = 12
_FETCHED = {RoundState.SEALED, RoundState.OPEN}


class Locked(NamedTuple):
    data: bytes
    """Nonce, then ciphertext and tag of AES-256-GCM over the gzipped page; the paper's digest is authenticated too."""
    etag: str


def may_fetch(candidate: Candidate, *, now: datetime) -> bool:
    shift = candidate.shift
    return (
        shift is not None
        and candidate.state is CandidateState.ENROLLED
        and candidate.round.state in _FETCHED
        and shift.starts_at - EARLIEST <= now < shift.ends_at
    )


def key_of(paper: Paper) -> bytes:
    """Of this paper alone: a resealed one has another."""
    secret = current_app.config["SETTINGS"].secret_key
    root = hashlib.sha256(b"paper key:" + secret.encode()).digest()
    return hmac.digest(root, f"paper:{paper.ref}:{paper.digest}".encode(), "sha256")


def key_text(paper: Paper) -> str:
    return base64.b64encode(key_of(paper)).decode()


def lock(paper: Paper, candidate: Candidate) -> Locked:
    page = exam_page.render_blank(paper, candidate)
    key = key_of(paper)
    packed = gzip.compress(page.encode(), compresslevel=9, mtime=0)
    nonce = hmac.digest(key, b"nonce:" + packed, "sha256")[:_NONCE]
    data = nonce + AESGCM(key).encrypt(nonce, packed, paper.digest.encode())
    return Locked(data, hashlib.sha256(data).hexdigest()[:32])
