"""Which browser is trying: a long-lived signed cookie of its own, because a whole hall shares one address."""

from __future__ import annotations

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from examapp.core.db import new_reference

COOKIE = "device"
_YEARS = 2 * 365 * 86400


def device() -> str:
    """The browser's identity; a browser that has none yet gets one with the answer."""
    if "device" not in g:
        g.device = _read() or _give()
    return str(g.device)


def _read() -> str | None:
    try:
        value = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return None
    return value if isinstance(value, str) and len(value) <= 64 else None


def _give() -> str:
    g.new_device = new_reference()
    return str(g.new_device)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="device")


def send_new(response: Response) -> Response:
    """After a request: give the cookie that :func:`device` has made."""
    if new := g.pop("new_device", None):
        response.set_cookie(
            COOKIE,
            _serializer().dumps(new),
            max_age=_YEARS,
            path="/account",
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SETTINGS"].secure_cookies,
        )
    return response


def browser_name(agent: str) -> str:
    """Browser and system in two words, for the list of own sessions."""
    browser = _first_named(agent, _BROWSERS)
    system = _first_named(agent, _SYSTEMS)
    return ", ".join(word for word in (browser, system) if word)


def _first_named(agent: str, marks: dict[str, str]) -> str:
    return next((name for mark, name in marks.items() if mark in agent), "")


_BROWSERS = {"Edg": "Edge", "coc_coc": "Cốc Cốc", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}
"""In the order in which they are looked for: most browsers name several."""
