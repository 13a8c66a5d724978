"""Which browser this is: a random cookie of the room, so that a sitting is open on one device at a time."""

from __future__ import annotations

import hashlib
import hmac
import re

from flask import current_app, request
from werkzeug.wrappers import Response

from examapp.core.db import new_reference

COOKIE = "sitting_device"
_SHAPE = re.compile(r"[0-9a-z]{26}")


def device() -> str:
    """The browser's own name, or a new one that :func:`remember` has to hand out."""
    held = request.cookies.get(COOKIE, "")
    return held if _SHAPE.fullmatch(held) else new_reference()


def remember(response: Response, name: str) -> Response:
    if request.cookies.get(COOKIE) != name:
        secure = current_app.config["SETTINGS"].secure_cookies
        response.set_cookie(
            COOKIE, name, max_age=400 * 86400, path="/sittings", httponly=True, samesite="Lax", secure=secure
        )
    return response


OWNER = "X-Sitting-Owner"
"""Header of an exam page that the browser may keep: whose it is, so that it is given back to nobody else."""


def owner(account_id: int) -> str:
    """A name for the account that tells nothing about it."""
    key = current_app.config["SETTINGS"].secret_key.encode()
    return hmac.digest(key, f"page owner:{account_id}".encode(), hashlib.sha256).hex()[:16]
