"""Pages of the review sets: list, make, walk, print, close, minutes."""

from __future__ import annotations

from dataclasses import fields

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import Select, select

from examapp.bank import labels, listing, review_sets, reviews, set_progress
from examapp.bank.asked import images_of
from examapp.bank.content import content_of
from examapp.bank.minutes import minutes_pdf
from examapp.bank.models import Question, ReviewSet, SetState
from examapp.bank.people import holders
from examapp.bank.review_forms import DecisionForm, ReviewForm, SetForm
from examapp.bank.review_routes import decide, review_form, shown
from examapp.bank.routes import bp, is_demo, page_number
from examapp.bank.scope import concealed, get_question, is_reached, open_to
from examapp.bank.set_progress import STANDINGS, Entry, Standing
from examapp.bank.topics import topics_for
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Forbidden, Invalid, NotFound
from examapp.core.files import PDF, download
from examapp.core.paging import paginate
from examapp.core.permissions import Permission, requires
from examapp.core.text import whole_number
from examapp.core.words import N_, _, gettext, ngettext
from examapp.organisation.models import Position

CONTROLS = {"q", "position", "topic", "level", "kind"}
"""Filters with a control of their own on the page of a new set; others come with the address from the list."""
OTHER = N_("Bộ lọc khác")
OTHER_FILTERS: dict[str, str] = {
    "state": N_("Theo trạng thái"),
    "law": N_("Theo văn bản pháp luật"),
    "usable": N_("Theo khả năng dùng hôm nay"),
    "returned": N_("Bị trả lại"),
}
KEEPERS = (Permission.BANK_REVIEW, Permission.BANK_MANAGE)


@bp.get("/sets")
@requires(*KEEPERS)
def review_set_list() -> str:
    page = paginate(review_sets.sets_for(current_user), number=page_number())
    return render_template(
        "bank/set_list.html", page=page, counts=set_progress.counts_of(page.items), today=clock.today()
    )


def _offered() -> Select[Question]:
    """The waiting questions that the filters in the address leave."""
    filters = listing.Filters.of(request.args)
    found = listing.find_questions(
        filters, positions=review_sets.reach(current_user), on=clock.today(), demo=is_demo(), sort="edited"
    ).where(open_to(current_user))
    picked = [number for raw in request.args.getlist("pick") if (number := whole_number(raw))]
    return review_sets.offered(found.where(Question.id.in_(picked)) if picked else found)


@bp.route("/sets/new", methods=["GET", "POST"])
@requires(*KEEPERS)
def review_set_new() -> ResponseReturnValue:
    form = SetForm()
    form.offer(holders(Permission.BANK_REVIEW))
    found = _offered()
    if form.validate_on_submit():
        try:
            made = review_sets.create_set(
                name=form.name.data,
                due_on=form.due_on.data,
                member_ids=map(int, form.members.data),
                version_ids=list(db.session.scalars(found.options().with_only_columns(Question.current_id))),
                creator=current_user,
            )
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã lập gói thẩm định."), "success")
            return redirect(url_for("bank.review_set", ref=made.ref), 303)
    reach = review_sets.reach(current_user)
    names = {field.name for field in fields(listing.Filters)} - CONTROLS
    kept = {name: value for name, value in request.args.items() if name in names and value}
    positions = db.session.scalars(select(Position).order_by(Position.name))
    page = render_template(
        "bank/set_new.html",
        form=form,
        page=paginate(found, number=1, size=20),
        position_choices=[(p.code, p.name) for p in positions if reach is None or p.id in reach],
        topic_choices=[(topic.code, topic.name) for topic in topics_for(reach)],
        kept=kept,
        chips=[{"label": gettext(OTHER_FILTERS.get(name, OTHER)), "drop": name} for name in kept],
        choices=labels,
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/sets/<string:ref>")
@requires(*KEEPERS)
def review_set(ref: str) -> str:
    found = review_sets.get_set(ref, person=current_user)
    form = DecisionForm()
    form.decision_number.data, form.decision_on.data = found.decision_number, found.decision_on
    return _page(found, form)


def _page(found: ReviewSet, form: DecisionForm) -> str:
    entries = set_progress.entries_of(found)
    is_open = found.state is SetState.OPEN
    return render_template(
        "bank/set.html",
        set=found,
        is_open=is_open,
        rows=[(entry, _is_readable(entry)) for entry in entries],
        progress=set_progress.progress_of(found, entries),
        standings=STANDINGS,
        first=review_sets.next_place(found, current_user) if current_user.may(Permission.BANK_REVIEW) else None,
        is_member=reviews.is_member(found, current_user),
        may_keep=review_sets.may_keep(found, current_user),
        mended=len(list(db.session.scalars(review_sets.mended(found)))) if is_open else 0,
        today=clock.today(),
        form=form,
    )


@bp.route("/sets/<string:ref>/edit", methods=["GET", "POST"])
@requires(*KEEPERS)
def review_set_edit(ref: str) -> ResponseReturnValue:
    found = review_sets.get_set_to_keep(ref, person=current_user)
    members = review_sets.members_of(found)
    form = SetForm(data={"name": found.name, "due_on": found.due_on, "members": [str(one.id) for one in members]})
    people = {person.id: person for person in [*holders(Permission.BANK_REVIEW), *members]}
    form.offer(people.values())
    if form.validate_on_submit():
        try:
            review_sets.change_set(
                found, name=form.name.data, due_on=form.due_on.data, member_ids=map(int, form.members.data)
            )
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã lưu gói thẩm định."), "success")
            return redirect(url_for("bank.review_set", ref=ref), 303)
    return render_template("bank/set_edit.html", set=found, form=form), 422 if form.is_submitted() else 200


@bp.get("/sets/<string:ref>/questions/<int:place>")
@requires(Permission.BANK_REVIEW)
def review_set_question(ref: str, place: int) -> str:
    found, entry = _entry(ref, place)
    if not _why_closed(entry):
        reviews.note_opening(entry.question, current_user)
    return _walk(found, entry, review_form())


@bp.post("/sets/<string:ref>/questions/<int:place>")
@requires(Permission.BANK_REVIEW)
def decide_set_question(ref: str, place: int) -> ResponseReturnValue:
    found, entry = _entry(ref, place)
    form = review_form()
    if not decide(entry.question, form):
        return _walk(found, entry, form), 422
    following = review_sets.next_place(found, current_user, after=place)
    if following is None:
        return redirect(url_for("bank.review_set", ref=ref), 303)
    return redirect(url_for("bank.review_set_question", ref=ref, place=following), 303)


def _entry(ref: str, place: int) -> tuple[ReviewSet, Entry]:
    """The set and its question at ``place``, for a member."""
    found = review_sets.get_set(ref, person=current_user)
    if not reviews.is_member(found, current_user):
        raise NotFound()
    entry = next((one for one in set_progress.entries_of(found) if one.place == place), None)
    if entry is None:
        raise NotFound()
    return found, entry


def _is_readable(entry: Entry) -> bool:
    manages = current_user.may(Permission.BANK_MANAGE)
    permission = Permission.BANK_MANAGE if manages else Permission.BANK_REVIEW
    return is_reached(entry.question, current_user, permission) and not concealed(entry.question.id, current_user)


def _why_closed(entry: Entry) -> str | None:
    """Why this member cannot decide here; the question is not shown then."""
    try:
        get_question(entry.question.code, person=current_user, permission=Permission.BANK_REVIEW)
    except NotFound:
        return _("Câu hỏi không thuộc phạm vi thẩm định được giao.")
    except Forbidden as error:
        return error.message
    if entry.standing is not Standing.WAITING:
        return _("Câu này không còn chờ thẩm định trong gói.")
    return reviews.why_not_reviewer(entry.question, current_user)


def _walk(found: ReviewSet, entry: Entry, form: ReviewForm) -> str:
    why = _why_closed(entry)
    places = [item.place for item in found.items]
    at = places.index(entry.place)
    return render_template(
        "bank/set_walk.html",
        set=found,
        entry=entry,
        why=why,
        standings=STANDINGS,
        total=len(places),
        before=places[at - 1] if at else None,
        after=places[at + 1] if at + 1 < len(places) else None,
        left=sum(one.left for one in review_sets.open_sets_of(current_user) if one.set.id == found.id),
        **({} if why else shown(entry.question, form)),
    )


@bp.get("/sets/<string:ref>/print")
@requires(*KEEPERS)
def review_set_print(ref: str) -> str:
    """All questions in reach on paper; who sits an exam with one of them gets the list without it."""
    found = review_sets.get_set(ref, person=current_user)
    with_key = request.args.get("key") == "yes"
    entries = [one for one in set_progress.entries_of(found) if _is_readable(one)]
    rows = [(entry, content_of(entry.version)) for entry in entries]
    codes = [entry.question.code for entry in entries]
    review_sets.note_taken(found, page="print", codes=codes, with_key=with_key)
    return render_template(
        "bank/set_print.html",
        set=found,
        rows=rows,
        images=images_of(content for _entry, content in rows),
        with_key=with_key,
        printed_at=clock.now(),
        standings=STANDINGS,
    )


@bp.post("/sets/<string:ref>/renew")
@requires(*KEEPERS)
def renew_review_set(ref: str) -> ResponseReturnValue:
    count = review_sets.renew_set(review_sets.get_set_to_keep(ref, person=current_user))
    said = ngettext("Đã nhận lại %(n)s câu đã sửa vào gói.", "Đã nhận lại %(n)s câu đã sửa vào gói.", count)
    flash(said, "success")
    return redirect(url_for("bank.review_set", ref=ref), 303)


@bp.route("/sets/<string:ref>/close", methods=["GET", "POST"])
@requires(*KEEPERS)
def close_review_set(ref: str) -> ResponseReturnValue:
    found = review_sets.get_set_to_keep(ref, person=current_user)
    entries = set_progress.entries_of(found)
    left = sum(entry.standing is Standing.WAITING for entry in entries)
    if request.method == "POST":
        review_sets.close_set(found, left=left)
        flash(_("Đã đóng gói thẩm định. Có thể tải biên bản."), "success")
        return redirect(url_for("bank.review_set", ref=ref), 303)
    return render_template("bank/set_close.html", set=found, left=left, total=len(entries))


@bp.post("/sets/<string:ref>/decision")
@requires(*KEEPERS)
def decide_review_set(ref: str) -> ResponseReturnValue:
    found, form = review_sets.get_set_to_keep(ref, person=current_user), DecisionForm()
    if not form.validate_on_submit() or form.decision_on.data is None:
        return _page(found, form), 422
    try:
        review_sets.enter_decision(found, number=form.decision_number.data, day=form.decision_on.data)
    except Invalid as error:
        form.blame(error)
        return _page(found, form), 422
    flash(_("Đã ghi số và ngày quyết định vào biên bản."), "success")
    return redirect(url_for("bank.review_set", ref=ref), 303)


@bp.get("/sets/<string:ref>/minutes")
@requires(*KEEPERS)
def review_set_minutes(ref: str) -> Response:
    found = review_sets.get_set(ref, person=current_user)
    entries = set_progress.entries_of(found)
    data = minutes_pdf(found, entries, set_progress.progress_of(found, entries), printed_by=current_user.display_name)
    codes = [entry.question.code for entry in entries]
    review_sets.note_taken(found, page="minutes", codes=codes, with_key=False)
    return download(data, name=f"bien-ban-tham-dinh-{found.id}.pdf", media_type=PDF)
