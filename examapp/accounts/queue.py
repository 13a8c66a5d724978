"""The short page for whoever finds no place where passwords are hashed: it holds a sealed ticket and sends itself
again after a few seconds. Nothing is typed twice, no database is asked, and no try is counted."""

from __future__ import annotations

import math
from collections.abc import Sequence

from flask import Response, current_app, g, render_template, request
from werkzeug.datastructures import MultiDict

from examapp.accounts import passwords
from examapp.accounts.devices import device
from examapp.accounts.hashing import CrowdedError
from examapp.accounts.tickets import Sealer, Ticket, TicketError, Used
from examapp.core import clock
from examapp.core.errors import Invalid
from examapp.core.words import _

FIELD = "ticket"
LONGEST_WAIT_S = 60
LONGEST_FIELD = 400
"""Longer than any form allows, so a longer one is refused all the same."""

_used = Used()


def sent_fields(names: Sequence[str]) -> MultiDict[str, str]:
    """What the form said, now or before it had to wait; :class:`Invalid` when a ticket is not good any more."""
    ticket, now = _ticket(), clock.now().timestamp()
    if ticket is None:
        g.waiting_since = now
        return MultiDict((name, request.form[name][:LONGEST_FIELD]) for name in names if name in request.form)
    # sent twice, by a double click or to jump the line, it is taken and waits as if it came now
    g.waiting_since = ticket.since if _used.is_first(ticket, now=now) else now
    return MultiDict(ticket.fields)


def _ticket() -> Ticket | None:
    text = request.form.get(FIELD)
    if text is None:
        return None
    try:
        return _sealer().read(text, place=request.path, device=device(), now=clock.now().timestamp())
    except TicketError:
        raise Invalid(
            _("Lượt chờ này không còn dùng được nữa."), advice=_("Hãy nhập lại; lần này thường không phải chờ lâu.")
        ) from None


def refuse_when_full() -> None:
    """Before anything is looked up: :class:`CrowdedError` when there would be no place."""
    passwords.desk().refuse_when_full(g.waiting_since)


def queue_page(fields: MultiDict[str, str], crowded: CrowdedError) -> Response:
    """Not an error: the form is taken, and will be done in a moment."""
    ticket = Ticket(fields.to_dict(), g.waiting_since)
    sealed = _sealer().seal(ticket, place=request.path, device=device(), now=clock.now().timestamp())
    again_s = max(1, min(math.ceil(crowded.again_s), LONGEST_WAIT_S))
    body = render_template("accounts/queue.html", ticket=sealed, again_s=again_s, address=request.full_path.rstrip("?"))
    return Response(body, status=202, headers={"Retry-After": str(again_s)})


def _sealer() -> Sealer:
    return Sealer(current_app.config["SECRET_KEY"])
