"""Pages of the questions whose law ends, and of what is done with them."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.bank import amendments, law, law_acts, law_watch, listing
from examapp.bank.filtering import Filters
from examapp.bank.law_calendar import calendar
from examapp.bank.law_forms import CompareForm, KeepForm, RenewForm, RetireForm
from examapp.bank.law_watch import Watch
from examapp.bank.models import LegalAmendment, Question
from examapp.bank.routes import bp, is_demo, let_go, page_number
from examapp.core import clock, text
from examapp.core.errors import Invalid
from examapp.core.forms import HouseForm
from examapp.core.paging import paginate
from examapp.core.permissions import Permission, requires
from examapp.core.words import N_, _, gettext

bp.add_app_template_filter(law.in_words, "citation")
bp.add_app_template_filter(law_acts.basis_in_words, "basis")
bp.add_app_template_filter(amendments.effective, "effective")


@bp.app_template_filter("open_amendments")
def _open_amendments(question: Question) -> list[LegalAmendment]:
    return amendments.waiting_for([question.current], clock.today()).get(question.current.id, [])


@bp.app_template_filter("law_lapses")
def _law_lapses(question: Question) -> list[law_watch.Lapse]:
    return law_watch.lapses(question, clock.today())


ACTS: dict[str, str] = {
    "renew": N_("Đổi căn cứ sang văn bản thay thế"),
    "keep": N_("Giữ theo điều khoản chuyển tiếp"),
    "compare": N_("Xác nhận đã đối chiếu văn bản sửa đổi"),
    "stop": N_("Thôi giữ theo điều khoản chuyển tiếp"),
    "retire": N_("Ngừng dùng câu hỏi"),
}
FORMS: dict[str, Callable[[], HouseForm]] = {
    "renew": RenewForm,
    "keep": KeepForm,
    "compare": CompareForm,
    "stop": CompareForm,
    "retire": RetireForm,
}
OFFERED: dict[Watch, tuple[str, ...]] = {
    Watch.SOON: ("renew", "keep", "retire"),
    Watch.HELD: ("renew", "keep", "retire"),
    Watch.AMENDED: ("compare", "retire"),
    Watch.KEPT: ("stop", "retire"),
}


@bp.get("/law/watch")
@requires(Permission.BANK_READ)
def law_watch_list() -> str:
    today, watch = clock.today(), _asked_watch()
    may_edit = current_user.may(Permission.BANK_EDIT)
    mine = may_edit and request.args.get("whose", "") != "all"
    document = text.whole_number(request.args.get("law", ""))
    query = law_watch.find(current_user, watch, on=today, mine=mine, document_id=document)
    page = paginate(query, number=page_number(), size=law_watch.MOST_AT_ONCE)
    listing.note_listing(Filters(), page=f"law {watch.value} {page.number}", codes=[one.code for one in page.items])
    return render_template(
        "bank/law_watch.html",
        page=page,
        watch=watch,
        watches=[(one.value, gettext(label)) for one, label in law_watch.LABELS.items()],
        mine=mine,
        may_edit=may_edit,
        acts=[(name, gettext(ACTS[name])) for name in OFFERED[watch]],
        notice_days=law.notice().days,
        chips=[{"label": _("Theo văn bản pháp luật"), "drop": "law"}] if document is not None else [],
        **_what(list(page.items)),
    )


def _asked_watch() -> Watch:
    raw = request.args.get("show", "")
    return Watch(raw) if raw in set(Watch) else Watch.SOON


def _what(found: list[Question]) -> dict[str, object]:
    """What the pages say of each question: citations that end, amendments to compare, provisions in use."""
    today = clock.today()
    return {
        "lapses": {question.id: law_watch.lapses(question, today) for question in found},
        "amendments": amendments.waiting_for((question.current for question in found), today),
    }


@bp.get("/law/watch/act")
@requires(Permission.BANK_EDIT)
def law_act() -> ResponseReturnValue:
    """The preview: the chosen questions, what would happen, what has to be entered."""
    act = request.args.get("act", "")
    if act not in ACTS:
        return redirect(url_for("bank.law_watch_list"))
    try:
        found = law_watch.chosen(request.args.getlist("pick"), person=current_user)
    except Invalid as error:
        flash(" ".join(part for part in (error.message, error.advice) if part), "error")
        return redirect(url_for("bank.law_watch_list", show=request.args.get("show") or None))
    form = FORMS[act]()
    if isinstance(form, RenewForm):
        _propose(form, found)
    return _act_page(act, form, found)


def _propose(form: RenewForm, found: list[Question]) -> None:
    """A row for each citation that ends, with the successor filled in; its article is for the person to look up."""
    for question in found:
        for lapse in law_watch.lapses(question, clock.today()):
            form.rows.append_entry({"citation": lapse.citation.id, "document": law_acts.successor_symbol(lapse)})


def _act_page(act: str, form: HouseForm, found: list[Question]) -> str:
    rows = {}
    if isinstance(form, RenewForm):
        rows = {text.whole_number(str(entry.form.citation.data)): entry.form for entry in form.rows.entries}
    return render_template(
        "bank/law_act.html", act=act, title=gettext(ACTS[act]), form=form, questions=found, rows=rows, **_what(found)
    )


@bp.post("/law/watch/act")
@requires(Permission.BANK_EDIT)
def do_law_act() -> ResponseReturnValue:
    act = request.args.get("act", "")
    if act not in ACTS:
        return redirect(url_for("bank.law_watch_list"))
    found = law_watch.chosen(request.args.getlist("pick"), person=current_user)
    form = FORMS[act]()
    if not form.validate_on_submit():
        return _act_page(act, form, found), 422
    try:
        message = _do(form, act, found)
    except Invalid as error:
        let_go()  # what was done before the refusal goes, also from the page
        form.blame(error)
        return _act_page(act, form, law_watch.chosen(request.args.getlist("pick"), person=current_user)), 422
    flash(message, "success")
    return redirect(url_for("bank.law_watch_list", show=request.args.get("show") or None))


def _do(form: HouseForm, act: str, found: list[Question]) -> str:
    today = clock.today()
    match form:
        case RenewForm():
            return _renew(form, found)
        case KeepForm():
            kept = law_acts.keep(found, form.basis(), person=current_user, on=today)
            return _("Đã ghi %(n)s câu còn áp dụng theo điều khoản chuyển tiếp.", n=kept)
        case RetireForm():
            return _("Đã ngừng dùng %(n)s câu.", n=law_acts.retire(found, reason=form.reason.data))
        case _ if act == "stop":
            return _("Đã thôi giữ %(n)s câu theo điều khoản chuyển tiếp.", n=sum(map(_stop, found)))
    compared = amendments.note_compared(found, person=current_user, on=today)
    return _("Đã ghi nhận đối chiếu: %(n)s lượt.", n=compared)


def _stop(question: Question) -> int:
    return min(1, law_acts.stop_keeping(question))


def _renew(form: RenewForm, found: list[Question]) -> str:
    places = form.places()
    if not places:
        raise Invalid(_("Chưa ghi điều, khoản mới cho câu nào."))
    outcome = law_acts.renew(found, places, editor=current_user, on=clock.today())
    parts = [_("Đã đổi căn cứ và gửi thẩm định lại %(n)s câu.", n=len(outcome.sent))]
    if outcome.drafts:
        parts.append(_("%(n)s câu đã đổi căn cứ, còn ở bản nháp: %(codes)s.",
                       n=len(outcome.drafts), codes=", ".join(outcome.drafts)))  # fmt: skip
    if outcome.left:
        parts.append(_("%(n)s câu chưa ghi điều mới nên giữ nguyên.", n=len(outcome.left)))
    return " ".join(parts)


@bp.get("/law/calendar")
@requires(Permission.LAW_READ)
def law_calendar() -> str:
    found = calendar(current_user, on=clock.today(), demo=is_demo())
    return render_template("bank/law_calendar.html", calendar=found)
