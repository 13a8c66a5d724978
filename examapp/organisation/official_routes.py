"""Pages of officials and their posts."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Conflict, HouseError, Invalid
from examapp.core.paging import page_number, paginate
from examapp.core.permissions import Permission, requires
from examapp.core.text import format_date, nfc
from examapp.core.words import _
from examapp.organisation import labels, reading
from examapp.organisation.forms import EndForm, NewOfficialForm, OfficialForm, PostForm, TermsForm, day_of, labelled
from examapp.organisation.models import Official, Position, Post, StaffCategory
from examapp.organisation.officials import create_official, edit_official, find_official
from examapp.organisation.posts import (
    Terms,
    add_post,
    correct_post,
    describe,
    end_post,
    find_post,
    history_of,
    posts_of,
    transfer,
)
from examapp.organisation.routes import bp, editable, form_page, may_edit, readable
from examapp.organisation.units import find_unit


@bp.get("/officials")
@requires(Permission.ORGANISATION_READ)
def officials() -> str:
    on, reach = clock.today(), readable()
    filters = _filters()
    page = paginate(reading.officials_query(filters, reach, on=on), number=page_number())
    return render_template(
        "organisation/officials.html",
        page=page,
        posts=reading.current_posts([official.id for official in page.items], on=on),
        filters=filters,
        chips=_chips(filters),
        categories=labelled(labels.STAFF_CATEGORIES),
        positions=[(position.code, position.name) for position in reading.positions_on(on)],
        suggestions=reading.suggestions(reach, on=on),
        may_edit=may_edit(),
    )


def _filters() -> reading.OfficialFilters:
    """Filters of the address; what cannot be read, or may not be seen, filters nothing."""
    category, unit, position = (request.args.get(name, "").strip() for name in ("category", "unit", "position"))
    try:
        found = find_unit(unit, readable()) if unit else None
    except HouseError:
        found = None
    return reading.OfficialFilters(
        query=nfc(request.args.get("q", "")).strip(),
        unit=found,
        position=db.session.scalar(select(Position).where(Position.code == position)) if position else None,
        category=StaffCategory(category) if category in set(StaffCategory) else None,
        sort=request.args.get("sort", "name"),
    )


def _chips(filters: reading.OfficialFilters) -> list[dict[str, str]]:
    chips = []
    if filters.query:
        chips.append({"label": f"“{filters.query}”", "drop": "q"})
    if filters.unit is not None:
        chips.append({"label": _("Đơn vị: %(name)s", name=filters.unit.name), "drop": "unit"})
    if filters.position is not None:
        chips.append({"label": _("Vị trí: %(name)s", name=filters.position.name), "drop": "position"})
    if filters.category is not None:
        chips.append({"label": _(labels.STAFF_CATEGORIES[filters.category]), "drop": "category"})
    return chips


@bp.get("/officials/<string:staff_code>")
@requires(Permission.ORGANISATION_READ)
def official(staff_code: str) -> str:
    row = find_official(staff_code, readable())
    on = clock.today()
    posts = history_of(row.id)
    return render_template(
        "organisation/official.html",
        official=row,
        posts=posts,
        on=on,
        current=posts_of(row.id, on=on),
        editable={post.id for post in posts if may_edit(post.unit_id)},
        may_edit=_may_edit(row),
    )


def _may_edit(row: Official) -> bool:
    """Who edits a person needs a post of that person within reach, today or earlier."""
    if not may_edit():
        return False
    reach = editable()
    return reach is None or any(post.unit_id in reach for post in row.posts)


@bp.route("/officials/new", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def new_official() -> ResponseReturnValue:
    form = NewOfficialForm(unit=request.args.get("unit", ""))
    form.offer(reading.positions_on(clock.today()))
    if form.validate_on_submit():
        try:
            unit = find_unit(form.unit.data, editable(), field="unit")
            row = create_official(staff_code=form.staff_code.data, **form.values())
            add_post(row, position=db.session.get_one(Position, form.position.data), unit=unit, terms=form.terms())
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã thêm %(name)s.", name=row.full_name))
            return redirect(url_for("organisation.official", staff_code=row.staff_code), 303)
    back = url_for("organisation.officials")
    return form_page(form, title=_("Thêm người"), submit=_("Thêm người"), back=back, template="new_official")


@bp.route("/officials/<string:staff_code>/edit", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def edit(staff_code: str) -> ResponseReturnValue:
    row = find_official(staff_code, editable())
    form = OfficialForm(obj=row)
    if form.validate_on_submit():
        try:
            edit_official(row, **form.values())
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã lưu."))
            return redirect(url_for("organisation.official", staff_code=row.staff_code), 303)
    return form_page(
        form, title=_("Sửa thông tin: %(name)s", name=row.full_name), submit=_("Lưu"), back=_back(row), suggest=False
    )


@bp.route("/officials/<string:staff_code>/posts/new", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def new_post(staff_code: str) -> ResponseReturnValue:
    row = find_official(staff_code, editable())
    form = PostForm(is_primary=0 if posts_of(row.id, on=clock.today()) else 1)
    form.offer(reading.every_position())
    if form.validate_on_submit():
        try:
            unit = find_unit(form.unit.data, editable(), field="unit")
            add_post(row, position=db.session.get_one(Position, form.position.data), unit=unit, terms=form.terms())
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã thêm vị trí."))
            return redirect(_back(row), 303)
    title = _("Thêm vị trí: %(name)s", name=row.full_name)
    return form_page(form, title=title, submit=_("Thêm vị trí"), back=_back(row), template="post")


@bp.route("/posts/<int:post_id>/edit", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def edit_post(post_id: int) -> ResponseReturnValue:
    post = find_post(post_id, editable())
    heading, back = describe(post), _back(post.official)
    form = TermsForm(obj=post, is_primary=int(post.is_primary))
    if form.validate_on_submit():
        try:
            correct_post(post, terms=form.terms())
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã sửa vị trí."))
            return redirect(back, 303)
    return form_page(form, title=_("Sửa vị trí"), submit=_("Lưu"), back=back, intro=heading, suggest=False)


@bp.route("/posts/<int:post_id>/end", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def end(post_id: int) -> ResponseReturnValue:
    post = find_post(post_id, editable())
    heading, back = describe(post), _back(post.official)
    others = [other for other in history_of(post.official_id) if _goes_on(other, post)]
    form = EndForm()
    form.offer(others)
    if form.validate_on_submit():
        chosen = next((other for other in others if other.id == form.next_primary.data), None)
        try:
            end_post(post, last_day=day_of(form.last_day), next_primary=chosen, decision=form.decision.data or "")
        except (Invalid, Conflict) as error:
            form.blame(error if isinstance(error, Invalid) else Invalid(error.message, field="last_day"))
        else:
            flash(_("Vị trí kết thúc sau ngày %(day)s.", day=format_date(day_of(form.last_day))))
            return redirect(back, 303)
    return form_page(
        form, title=_("Kết thúc vị trí"), submit=_("Kết thúc vị trí"), back=back, intro=heading, suggest=False
    )


def _goes_on(other: Post, post: Post) -> bool:
    return other.id != post.id and other.valid_to is None


@bp.route("/posts/<int:post_id>/transfer", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def move_official(post_id: int) -> ResponseReturnValue:
    post = find_post(post_id, editable())
    heading, back = describe(post), _back(post.official)
    form = PostForm(
        position=post.position_id,
        is_primary=int(post.is_primary),
        reason="transfer",
        managing_level=post.managing_level,
    )
    form.offer(reading.every_position())
    if form.validate_on_submit():
        try:
            _transfer(post, form, form.terms())
        except (Invalid, Conflict) as error:
            form.blame(error if isinstance(error, Invalid) else Invalid(error.message, field="valid_from"))
        else:
            flash(_("Đã chuyển vị trí."))
            return redirect(back, 303)
    title = _("Điều động, luân chuyển: %(name)s", name=post.official.full_name)
    intro = _("%(post)s kết thúc một ngày trước khi vị trí mới bắt đầu.", post=heading)
    return form_page(form, title=title, submit=_("Chuyển"), back=back, intro=intro, template="post")


def _transfer(post: Post, form: PostForm, terms: Terms) -> None:
    unit = find_unit(form.unit.data, editable(), field="unit")
    transfer(post, position=db.session.get_one(Position, form.position.data), unit=unit, terms=terms)


def _back(row: Official) -> str:
    return url_for("organisation.official", staff_code=row.staff_code)
