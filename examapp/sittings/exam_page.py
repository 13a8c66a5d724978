"""The candidate's page: the whole paper without its keys, and what the script is told beside it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, render_template, url_for
from flask_wtf.csrf import generate_csrf

from examapp.core.assets import asset
from examapp.core.db import epoch
from examapp.core.words import _
from examapp.rounds.models import Candidate, Paper, Setting
from examapp.sittings import pages
from examapp.sittings.models import Sitting
from examapp.sittings.save import PATH
from examapp.sittings.sealed import secrets_of
from examapp.sittings.standing import note_on
from examapp.sittings.way import section_ends
from examapp.sittings.words import client_words


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says of the form that was just sent, without JavaScript."""

    saved_at: str = ""
    refused: list[int] = field(default_factory=list)


def render(sitting: Sitting, *, token: str, shown: Shown) -> str:
    """The page of a running sitting, as HTML."""
    now_ms = int(time.time() * 1000)
    gone = pages.gone_so_far(sitting)
    items = pages.paper_items(sitting.paper, sitting.candidate, gone)
    over = now_ms > sitting.deadline_ms
    return _page(
        items,
        sitting.candidate,
        sitting=sitting,
        token=token,
        way=gone.way,
        shown="{}" if over else _answers_shown(items),
        data=client_data(sitting, now_ms, gone),
        over=over,
        ends_at=pages.clock_text(sitting.deadline_ms),
        saved_at=shown.saved_at,
        refused=shown.refused,
    )


def render_blank(paper: Paper, candidate: Candidate) -> str:
    """The page before there is a sitting, for the copy fetched in the waiting room: the same whenever it is made."""
    gone = pages.nothing_yet(paper, candidate)
    items = pages.paper_items(paper, candidate, gone)
    of_sitting: dict[str, Any] = {
        "token": "",
        "data": None,
        "over": False,
        "ends_at": "",
        "saved_at": "",
        "refused": [],
    }
    return _page(items, candidate, sitting=None, way=gone.way, shown="{}", **of_sitting)


def _page(items: Sequence[pages.Item], candidate: Candidate, **of_sitting: Any) -> str:
    return render_template(
        "sittings/exam.html",
        round=candidate.round,
        items=items,
        answered=sum(item.asked.answered for item in items),
        points_differ=len({item.asked.points for item in items}) > 1,
        whom_to_call=whom_to_call(candidate),
        **of_sitting,
    )


def _answers_shown(items: Sequence[pages.Item]) -> str:
    """What the form shows and can change, so that it can be told what has been changed in it: answers by slot, and
    notes by the slots of their events."""
    answers = {item.slot: item.asked.response for item in items if item.asked.response and not item.behind}
    answers |= {note_on(item.slot): [item.note] for item in items if item.note and not item.behind}
    return json.dumps(answers, ensure_ascii=False, separators=(",", ":"))


def whom_to_call(candidate: Candidate) -> str:
    """The contacts of shift, round and site that are known, the nearest first."""
    shift = candidate.shift
    told = (shift.contact if shift else "", candidate.round.contact, current_app.config["SETTINGS"].known_phone)
    known: list[str] = []
    for contact in told:
        if contact and not any(contact in one for one in known):
            known.append(contact)
    return "; ".join(known)


def client_data(sitting: Sitting, now_ms: int, gone: pages.Gone | None = None) -> dict[str, Any]:
    """What the exam page's script is told; times are the server's."""
    gone = gone or pages.gone_so_far(sitting)
    exam_round = sitting.candidate.round
    return {
        "ref": sitting.ref,
        "save": PATH,
        "submit": url_for("sittings.submit", ref=sitting.ref),
        "receipt": url_for("sittings.receipt", ref=sitting.ref),
        "qr": asset("qr.js"),
        "now": now_ms,
        "left": max(0, sitting.deadline_ms - now_ms),
        "whole": sitting.deadline_ms - sitting.started_ms,
        "lease": sitting.lease,
        "older": gone.older,
        "epoch": epoch(),
        "secrets": secrets_of(sitting),
        "signOut": sign_out_data(),
        "movement": exam_round.movement,
        "behind": gone.way.behind,
        "sections": section_ends(pages.layout_of(sitting.paper)),
        "notes": gone.notes,
        "shared": exam_round.setting is not Setting.OWN_DEVICE,
        "integrity": bool(exam_round.integrity_basis),
        "round": exam_round.name,
        "contact": whom_to_call(sitting.candidate),
        "words": client_words(whom_to_call(sitting.candidate)),
    }


def sign_out_data() -> dict[str, str]:
    """What "Người tiếp theo" needs to sign out, also from a page that was kept."""
    return {
        "url": url_for("accounts.sign_out"),
        "token": generate_csrf(),
        "waiting": _(
            "Chưa có mạng nên chưa đăng xuất được. Bài đã niêm phong trên máy này, người khác không đọc được. "
            "Hãy để nguyên trang này; khi có mạng, máy tự đăng xuất và gửi bài."
        ),
    }
