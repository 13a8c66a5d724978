"""Việc của tôi in the bank, and the questions flagged by their figures."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_login import current_user

from examapp.bank import item_flags, law_watch, listing, review_sets, reviews, writing
from examapp.bank.filtering import Filters
from examapp.bank.law_watch import Watch
from examapp.bank.routes import bp, page_number
from examapp.core import clock
from examapp.core.paging import paginate
from examapp.core.permissions import Permission, requires
from examapp.core.words import gettext

SHOWN = 10
"""Flagged questions on the page of one's work; the others are a list of their own."""
WATCHED = (Watch.HELD, Watch.SOON, Watch.AMENDED)


@bp.get("/work")
@requires(Permission.BANK_EDIT, Permission.BANK_REVIEW)
def my_work() -> str:
    today = clock.today()
    writes, judges = current_user.may(Permission.BANK_EDIT), current_user.may(Permission.BANK_REVIEW)
    flags = paginate(item_flags.flagged(current_user, mine=True), number=1, size=SHOWN) if writes else None
    if flags:
        listing.note_listing(Filters(), page="work", codes=[question.code for question in flags.items])
    return render_template(
        "bank/work.html",
        writes=writes,
        judges=judges,
        today=today,
        tasks=writing.tasks_of(current_user) if writes else [],
        returned=reviews.returned_to(current_user) if writes else 0,
        law=_law() if writes else [],
        flags=item_flags.flags_of(flags.items) if flags else [],
        flagged=flags.total if flags else 0,
        sets=review_sets.open_sets_of(current_user) if judges else [],
        waiting=reviews.waiting_count(current_user) if judges else 0,
    )


def _law() -> list[tuple[str, int, str]]:
    """The lists of questions by what happens to their law: label, how many are the person's own, address."""
    today = clock.today()
    counted = [(watch, law_watch.count(current_user, watch, today)) for watch in WATCHED]
    return [
        (gettext(law_watch.LABELS[watch]), count, url_for("bank.law_watch_list", show=watch.value))
        for watch, count in counted
        if count
    ]


@bp.get("/flagged")
@requires(Permission.BANK_EDIT, Permission.BANK_MANAGE)
def flagged_list() -> str:
    mine = not current_user.may(Permission.BANK_MANAGE) or request.args.get("whose") == "mine"
    page = paginate(item_flags.flagged(current_user, mine=mine), number=page_number())
    listing.note_listing(Filters(), page=f"flagged {page.number}", codes=[one.code for one in page.items])
    return render_template("bank/work_flagged.html", page=page, flags=item_flags.flags_of(page.items), rules=item_flags)
