"""One package that came: what it would bring, what is chosen of it, the act and what came of it."""

from __future__ import annotations

import json

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.bank.exchange import keys, laws, merge, places, preview, receive, signing
from examapp.bank.exchange.compare import COMMON
from examapp.bank.exchange.models import ExchangePackage, Fate, PackageState
from examapp.bank.models import Topic
from examapp.bank.routes import bp, page_number
from examapp.bank.scope import READS, concealed_from, positions_of
from examapp.bank.topics import topics_for
from examapp.core.db import db
from examapp.core.errors import Forbidden
from examapp.core.paging import paginate
from examapp.core.permissions import Permission, requires
from examapp.core.text import whole_number
from examapp.core.words import _, gettext


def _get(ref: str, *, lock: bool = False) -> ExchangePackage:
    """A package shows whole questions: who opens it reads the bank they are for."""
    kept = receive.get_package(ref, person=current_user, lock=lock)
    if not current_user.may(READS[kept.bank]):
        raise Forbidden(_("Tài khoản này chưa được giao đọc ngân hàng mà gói dành cho."))
    return kept


def _shown() -> Fate | None:
    wanted = request.values.get("show", "")
    return Fate(wanted) if wanted in set(Fate) else None


def _back(ref: str) -> ResponseReturnValue:
    show, page = _shown(), request.form.get("page", "")
    number = page if page.isdecimal() else None
    return redirect(url_for("bank.exchange_package", ref=ref, show=show.value if show else None, page=number), 303)


@bp.get("/exchange/packages/<string:ref>")
@requires(Permission.BANK_MANAGE)
def exchange_package(ref: str) -> ResponseReturnValue:
    kept = _get(ref)
    if kept.job is not None and kept.job.ended_at is None:
        return redirect(url_for("core.job", ref=kept.job.ref))
    if kept.state in {PackageState.WAITING, PackageState.DISCARDED, PackageState.MERGING}:
        return _waiting_page(kept)
    show, tally = _shown(), receive.tally(kept)
    page = paginate(preview.items_query(kept, show), number=page_number(), size=preview.ITEMS_A_PAGE)
    looks = preview.looks(list(page.items), concealed_from(current_user))
    needs_images = any(look.content and look.content.media for look in looks)
    preview.note_reading(kept, looks)
    is_open = kept.state is PackageState.READ
    return render_template(
        "bank/exchange_package.html",
        kept=kept,
        is_open=is_open,
        counts=receive.counts_of(kept),
        told=json.loads(kept.made),
        tally=tally,
        taken=sum(taken for _total, taken in tally.values()),
        total=sum(total for total, _taken in tally.values()),
        fates={fate: (gettext(label), kind) for fate, (label, kind) in preview.FATES.items()},
        show=show,
        page=page,
        looks=looks,
        images=preview.images(looks, receive.open_kept(kept)) if needs_images else {},
        fingerprint=signing.grouped(kept.fingerprint),
        **(_offered(kept) if is_open else {}),
    )


def _waiting_page(kept: ExchangePackage) -> str:
    return render_template(
        "bank/exchange_waiting.html",
        kept=kept,
        counts=receive.counts_of(kept),
        is_trusted=keys.trusted(kept.fingerprint) is not None,
        fingerprint=signing.grouped(kept.fingerprint),
    )


def _offered(kept: ExchangePackage) -> dict[str, object]:
    """What is unknown here, and what it may be."""
    positions = positions_of(current_user, Permission.BANK_MANAGE)
    topics: list[Topic] = topics_for(None)
    return {
        "unknown_positions": places.unknown_positions(kept),
        "unknown_topics": places.unknown_topics(kept),
        "documents": laws.document_lines(kept),
        "positions": [(COMMON, _("Dùng chung cho mọi vị trí")), *((one.code, one.name) for one in positions)],
        "topics": [(topic.code, topic.name) for topic in topics],
    }


@bp.post("/exchange/packages/<string:ref>/compare")
@requires(Permission.BANK_MANAGE)
def compare_package(ref: str) -> ResponseReturnValue:
    """Once its signer has been added, or to hold it against the bank as it is now."""
    job = receive.start_comparing(_get(ref, lock=True), None, person=current_user)
    if job is not None:
        return redirect(url_for("core.job", ref=job.ref), 303)
    return _back(ref)


@bp.post("/exchange/packages/<string:ref>/choose")
@requires(Permission.BANK_MANAGE)
def choose_of_package(ref: str) -> ResponseReturnValue:
    """What to take: of the questions of the page, or of all that stand the same."""
    kept, every, fate = _get(ref, lock=True), request.form.get("every"), _shown()
    if every in {"take", "leave"} and fate is not None:
        receive.choose_all(kept, fate, is_taken=every == "take")
    else:
        said = {
            number: value
            for name, value in request.form.items()
            if (number := whole_number(name.removeprefix("take-")))
        }
        receive.choose(kept, {number: value == "theirs" for number, value in said.items()})
    flash(_("Đã lưu lựa chọn."), "success")
    return _back(ref)


@bp.post("/exchange/packages/<string:ref>/map")
@requires(Permission.BANK_MANAGE)
def map_package(ref: str) -> ResponseReturnValue:
    """What positions and topics of the package are here."""
    said = request.form
    positions = dict(zip(said.getlist("position_code"), said.getlist("position"), strict=False))
    topics = dict(zip(said.getlist("topic_code"), said.getlist("topic"), strict=False))
    receive.map_codes(_get(ref, lock=True), positions=positions, topics=topics, person=current_user)
    flash(_("Đã lưu lựa chọn."), "success")
    return _back(ref)


@bp.post("/exchange/packages/<string:ref>/merge")
@requires(Permission.BANK_MANAGE)
def merge_package(ref: str) -> ResponseReturnValue:
    job = merge.merge_later(_get(ref, lock=True), person=current_user)
    db.session.flush()
    return redirect(url_for("core.job", ref=job.ref), 303)


@bp.post("/exchange/packages/<string:ref>/discard")
@requires(Permission.BANK_MANAGE)
def discard_package(ref: str) -> ResponseReturnValue:
    receive.discard(_get(ref, lock=True))
    flash(_("Đã bỏ gói; không có gì vào ngân hàng."), "success")
    return redirect(url_for("bank.exchange"), 303)
