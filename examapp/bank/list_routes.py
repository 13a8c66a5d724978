"""The list of questions with its filters, and the searches a person keeps."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.bank import bulk_acts, law, listing, saved_filters
from examapp.bank.exposures import awaited_rounds, papers_of
from examapp.bank.filter_words import Words, needs_more
from examapp.bank.filtering import Filters
from examapp.bank.labels import bank_choices
from examapp.bank.models import BankKind
from examapp.bank.routes import bp, is_demo, page_number, state_tag
from examapp.bank.scope import READS, concealed_from, positions_of
from examapp.bank.topics import topics_for
from examapp.core import clock
from examapp.core.errors import NotFound
from examapp.core.permissions import Permission, requires
from examapp.core.words import _, gettext


def readable_banks() -> list[BankKind]:
    return [bank for bank, permission in READS.items() if current_user.may(permission)]


def asked_bank(wanted: str) -> BankKind:
    """The bank in the address, or the first one this person reads; one that is not theirs is not there."""
    banks = readable_banks()
    if not wanted:
        return banks[0]
    if wanted not in set(banks):
        raise NotFound()
    return BankKind(wanted)


@bp.get("/")
@requires(*READS.values())
def question_list() -> str:
    bank, filters, today = asked_bank(request.args.get("bank", "")), Filters.of(request.args), clock.today()
    reach = current_user.positions(READS[bank])
    page = listing.list_page(
        filters,
        bank=bank,
        positions=reach,
        on=today,
        demo=is_demo(),
        sort=request.args.get("sort", ""),
        number=page_number(),
    )
    words = Words.simple(positions_of(current_user, READS[bank]), topics_for(reach))
    with_more = bool(request.args.get("more")) or needs_more(filters)
    words = words.with_more(bank) if with_more else words
    hidden = concealed_from(current_user)
    if bank is BankKind.EXAM:
        codes = [question.code for question in page.items if question.id not in hidden]
        listing.note_listing(filters, page=f"list {page.number}", codes=codes)
    return render_template(
        "bank/questions.html",
        page=page,
        bank=bank,
        banks=bank_choices(readable_banks()),
        is_capped=bool(filters.q) and page.total == listing.MOST_MATCHES,
        papers=papers_of(list(page.items), but=awaited_rounds()),
        tags={question.id: state_tag(question) for question in page.items},
        hidden=hidden,
        endings=law.endings(reach, on=today) if bank is BankKind.EXAM and not filters.given else [],
        words=words.choices,
        with_more=with_more,
        chips=words.chips(filters),
        given=filters.given,
        saved=saved_filters.filters_of(current_user),
        here=saved_filters.query_of(request.args),
        acts=_acts(bank),
    )


def _acts(bank: BankKind) -> list[tuple[str, str]]:
    """What may be done with many questions; the last two have pages of their own."""
    acts = [(name, gettext(label)) for name, label in bulk_acts.acts_for(current_user, bank)]
    keeps = current_user.may(Permission.BANK_MANAGE) or current_user.may(Permission.BANK_REVIEW)
    if bank is BankKind.EXAM and keeps:
        acts.append(("new_set", _("Lập gói thẩm định")))
    takes_away = Permission.BANK_EXPORT if bank is BankKind.EXAM else Permission.PRACTICE_BANK_EDIT
    if current_user.may(takes_away):
        acts.append(("export", _("Xuất tệp")))
    return acts


@bp.post("/filters")
@requires(*READS.values())
def save_filter() -> ResponseReturnValue:
    """Keep the search of the list that the form stands on."""
    kept = saved_filters.save_filter(current_user, name=request.form.get("name", ""), args=request.form)
    flash(_("Đã lưu bộ lọc “%(name)s”.", name=kept.name), "success")
    return redirect(f"{url_for('bank.question_list')}?{kept.query}", 303)


@bp.post("/filters/<int:filter_id>/delete")
@requires(*READS.values())
def delete_filter(filter_id: int) -> ResponseReturnValue:
    saved_filters.delete_filter(current_user, filter_id)
    flash(_("Đã xóa bộ lọc."), "success")
    return redirect(url_for("bank.question_list"), 303)
