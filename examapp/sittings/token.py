"""The authority of a save: a signed token for one sitting, one lease, one device.

It travels in a header, so it outlives the session's cookie: saving never asks anybody to sign in again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

HEADER = "X-Sitting-Token"
ENVIRON = "HTTP_X_SITTING_TOKEN"
BEYOND_DEADLINE_S = 24 * 3600
"""A token is good until so long after the deadline: an answer kept on a device may come the next morning."""

_SHAPE = re.compile(r"([0-9]{1,15})\.([0-9]{1,5})\.([0-9]{1,12})\.([0-9A-Za-z_-]{1,26})\.([0-9A-Za-z_-]{43})")


@dataclass(frozen=True, slots=True)
class Token:
    sitting_id: int
    lease: int
    expires_s: int
    device: str


class Signer:
    """Signs and reads tokens with a key derived from the installation's secret."""

    __slots__ = ("_key",)

    def __init__(self, secret_key: str) -> None:
        self._key = hashlib.sha256(b"sitting token:" + secret_key.encode()).digest()

    def sign(self, *, sitting_id: int, lease: int, device: str, deadline_ms: int) -> str:
        expires_s = deadline_ms // 1000 + BEYOND_DEADLINE_S
        body = f"{sitting_id}.{lease}.{expires_s}.{device}"
        return f"{body}.{self._mac(body)}"

    def read(self, text: str) -> Token | None:
        """The token, whether or not it has expired; ``None`` when it is not ours."""
        match = _SHAPE.fullmatch(text)
        if match is None:
            return None
        body = text[: match.start(5) - 1]
        if not hmac.compare_digest(self._mac(body), match[5]):
            return None
        return Token(int(match[1]), int(match[2]), int(match[3]), match[4])

    def _mac(self, body: str) -> str:
        mac = hmac.digest(self._key, body.encode(), "sha256")
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
