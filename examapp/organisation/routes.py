"""Pages of units and positions."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.core import clock
from examapp.core.errors import HouseError, Invalid, NotFound
from examapp.core.paging import page_number, paginate
from examapp.core.permissions import Permission, requires
from examapp.core.text import format_date, parse_date
from examapp.core.words import _, ngettext
from examapp.organisation import labels, officials, reading
from examapp.organisation.catalogue import load_positions
from examapp.organisation.forms import (
    CloseForm,
    MergeForm,
    MoveForm,
    NewUnitForm,
    RenameForm,
    UnitForm,
    day_of,
    labelled,
)
from examapp.organisation.mergers import MergePlan, merge_units, plan_merge, rename_unit
from examapp.organisation.models import LinkKind, StaffCategory, Tree, Unit
from examapp.organisation.posts import describe, posts_on
from examapp.organisation.units import (
    Reach,
    children_on,
    close_unit,
    correct_unit,
    create_unit,
    find_unit,
    move_unit,
    unit_path,
)

bp = Blueprint("organisation", __name__, url_prefix="/organisation", template_folder="templates")


@bp.context_processor
def _words() -> dict[str, Any]:
    return {"labels": labels, "masked": officials.masked}


def readable() -> Reach:
    reach: Reach = current_user.units(Permission.ORGANISATION_READ)
    return reach


def editable() -> Reach:
    reach: Reach = current_user.units(Permission.ORGANISATION_EDIT)
    return reach


def may_edit(unit_id: int | None = None) -> bool:
    """Whether the person may change this unit (anything at all, without one)."""
    if not current_user.may(Permission.ORGANISATION_EDIT):
        return False
    reach = editable()
    return reach is None or unit_id is None or unit_id in reach


def day_asked() -> date:
    """The day of ``?on=``, today when there is none or it cannot be read."""
    try:
        return parse_date(request.args.get("on", ""))
    except ValueError:
        return clock.today()


@bp.get("/units")
@requires(Permission.ORGANISATION_READ)
def units() -> str:
    on = day_asked()
    tree = Tree.PARTY if request.args.get("tree") == Tree.PARTY else Tree.STATE
    roots = reading.unit_tree(readable(), on=on, tree=tree)
    return render_template(
        "organisation/units.html",
        roots=roots,
        on=on,
        tree=tree,
        today=clock.today(),
        trees=labelled(labels.TREES),
        people=len(set().union(*(_everyone(root) for root in roots))),
        number=sum(_size(root) for root in roots),
        may_edit=may_edit(),
    )


def _everyone(node: reading.Node) -> set[int]:
    return node.people.union(*(_everyone(child) for child in node.children))


def _size(node: reading.Node) -> int:
    return 1 + sum(_size(child) for child in node.children)


@bp.get("/units/<string:code>")
@requires(Permission.ORGANISATION_READ)
def unit(code: str) -> str:
    reach, on = readable(), day_asked()
    row = find_unit(code, reach)
    before, after = reading.links_of(row, reach)
    return render_template(
        "organisation/unit.html",
        unit=row,
        on=on,
        today=clock.today(),
        path=[above for above in unit_path(row.id, on)[:-1] if reach is None or above.id in reach],
        posts=posts_on(on, unit_ids=[row.id]),
        children=[child for child in children_on(row, on) if reach is None or child.id in reach],
        before=before,
        after=after,
        may_edit=may_edit(row.id),
    )


@bp.route("/units/new", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def new_unit() -> ResponseReturnValue:
    form = NewUnitForm(parent=request.args.get("parent", ""))
    if form.validate_on_submit():
        try:
            row = _create(form)
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã thêm đơn vị “%(name)s”.", name=row.name))
            return redirect(url_for("organisation.unit", code=row.code, on=_on(row.valid_from)), 303)
    back = url_for("organisation.units")
    return form_page(form, title=_("Thêm đơn vị mới"), submit=_("Thêm đơn vị mới"), back=back)


def _create(form: NewUnitForm) -> Unit:
    reach = editable()
    parent = find_unit(form.parent.data, reach, field="parent") if form.parent.data else None
    if parent is None and reach is not None:
        raise Invalid(_("Hãy chọn đơn vị cấp trên trong phạm vi được giao."), field="parent")
    return create_unit(
        code=form.code.data,
        name=form.name.data,
        kind=form.kind.data,
        valid_from=day_of(form.valid_from),
        parent=parent,
    )


def _on(day: date) -> str | None:
    """The day for the address, when today would not show it."""
    return format_date(day) if day > clock.today() else None


def form_page(
    form: Any, *, title: str, submit: str, back: str, intro: str = "", template: str = "form", suggest: bool = True
) -> ResponseReturnValue:
    """One form on a page of its own; 422 when it was sent and could not be taken."""
    body = render_template(
        f"organisation/{template}.html",
        form=form,
        title=title,
        submit=submit,
        back=back,
        intro=intro,
        suggestions=reading.suggestions(editable(), on=clock.today()) if suggest else [],
    )
    return body, 422 if form.is_submitted() else 200


def unit_to_edit(code: str) -> Unit:
    return find_unit(code, editable())


@bp.route("/units/<string:code>/edit", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def edit_unit(code: str) -> ResponseReturnValue:
    row = unit_to_edit(code)
    form = UnitForm(obj=row)
    back = url_for("organisation.unit", code=row.code)
    if form.validate_on_submit():
        try:
            correct_unit(row, name=form.name.data, kind=form.kind.data, valid_from=day_of(form.valid_from))
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã sửa đơn vị."))
            return redirect(back, 303)
    intro = _("Dùng để sửa dữ liệu nhập sai. Nếu đơn vị đổi tên theo quyết định, hãy dùng “Đổi tên” để giữ cả tên cũ.")
    return form_page(form, title=_("Sửa đơn vị"), submit=_("Lưu"), back=back, intro=intro, suggest=False)


@bp.route("/units/<string:code>/move", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def move(code: str) -> ResponseReturnValue:
    row = unit_to_edit(code)
    form = MoveForm()
    back = url_for("organisation.unit", code=row.code)
    if form.validate_on_submit():
        try:
            parent = find_unit(form.parent.data, editable(), field="parent")
            move_unit(row, parent=parent, on=day_of(form.on))
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã chuyển đơn vị sang trực thuộc “%(name)s”.", name=parent.name))
            return redirect(back, 303)
    intro = _("Trước ngày này đơn vị vẫn trực thuộc cấp trên cũ.")
    return form_page(
        form, title=_("Chuyển cấp trên: %(name)s", name=row.name), submit=_("Chuyển"), back=back, intro=intro
    )


@bp.route("/units/<string:code>/close", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def close(code: str) -> ResponseReturnValue:
    row = unit_to_edit(code)
    form = CloseForm()
    back = url_for("organisation.unit", code=row.code)
    if form.validate_on_submit():
        try:
            close_unit(row, last_day=day_of(form.last_day))
        except HouseError as error:
            form.blame(Invalid(f"{error.message} {error.advice}".strip(), field="last_day"))
        else:
            flash(_("Đơn vị kết thúc sau ngày %(day)s.", day=format_date(day_of(form.last_day))))
            return redirect(back, 303)
    title = _("Kết thúc đơn vị: %(name)s", name=row.name)
    return form_page(form, title=title, submit=_("Kết thúc đơn vị này"), back=back, suggest=False)


@bp.route("/units/<string:code>/rename", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def rename(code: str) -> ResponseReturnValue:
    row = unit_to_edit(code)
    form = RenameForm(kind=row.kind)
    if form.validate_on_submit():
        try:
            successor = rename_unit(
                row,
                code=form.code.data,
                name=form.name.data,
                on=day_of(form.on),
                kind=form.kind.data,
                legal_basis=form.legal_basis.data or "",
            )
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("“%(old)s” mang tên mới “%(new)s”.", old=row.name, new=successor.name))
            return redirect(url_for("organisation.unit", code=successor.code, on=_on(successor.valid_from)), 303)
    intro = _("Từ ngày này mọi người đang giữ vị trí và các đơn vị trực thuộc chuyển sang tên mới; lịch sử giữ tên cũ.")
    back = url_for("organisation.unit", code=row.code)
    title = _("Đổi tên, đổi loại: %(name)s", name=row.name)
    return form_page(form, title=title, submit=_("Đổi tên"), back=back, intro=intro, suggest=False)


@bp.route("/merge", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def merge() -> ResponseReturnValue:
    form = MergeForm(predecessors=request.args.get("from", ""))
    if form.validate_on_submit():
        try:
            return _merge(form)
        except Invalid as error:
            form.blame(error)
    intro = _("Trước khi làm, hệ thống liệt kê mọi thay đổi để kiểm tra. Chưa có gì được lưu ở bước này.")
    back = url_for("organisation.units")
    return form_page(form, title=_("Sáp nhập, chia tách đơn vị"), submit=_("Xem trước"), back=back, intro=intro)


def _merge(form: MergeForm) -> ResponseReturnValue:
    """The preview first; the act when the preview was confirmed."""
    reach = editable()
    codes = [code.strip() for code in form.predecessors.data.replace(";", ",").split(",") if code.strip()]
    old = [find_unit(code, reach, field="predecessors") for code in dict.fromkeys(codes)]
    new = find_unit(form.successor.data, reach, field="successor")
    plan = plan_merge(old, new, on=day_of(form.on))
    if plan.obstacles:
        raise Invalid(" ".join(plan.obstacles), field="predecessors")
    if "confirmed" not in request.form:
        return render_template(
            "core/confirm.html",
            title=_("Xác nhận sáp nhập"),
            question=_(
                "%(names)s kết thúc trước ngày %(day)s và chuyển sang “%(new)s”.",
                names=", ".join(f"“{row.name}”" for row in old),
                day=format_date(plan.on),
                new=new.name,
            ),
            changes=_changes(plan),
            action=url_for("organisation.merge"),
            submit=_("Sáp nhập"),
            cancel=url_for("organisation.units"),
            danger=True,
            fields={
                "predecessors": form.predecessors.data,
                "successor": form.successor.data,
                "kind": form.kind.data.value,
                "on": format_date(day_of(form.on)),
                "legal_basis": form.legal_basis.data or "",
                "confirmed": "1",
            },
        )
    kind: LinkKind = form.kind.data
    merge_units(old, new, on=day_of(form.on), kind=kind, legal_basis=form.legal_basis.data or "")
    flash(ngettext("Đã chuyển %(n)s vị trí.", "Đã chuyển %(n)s vị trí.", len(plan.moved)))
    return redirect(url_for("organisation.unit", code=new.code, on=_on(plan.on)), 303)


def _changes(plan: MergePlan) -> list[str]:
    lines = []
    for move in plan.moved:
        old, new = move.post.position, move.position
        name, post = move.post.official.full_name, describe(move.post)
        if new is None or new.id == old.id:
            lines.append(_("%(person)s: %(post)s chuyển sang đơn vị mới.", person=name, post=post))
        else:
            lines.append(
                _("%(person)s: %(post)s chuyển sang “%(new)s” ở đơn vị mới.", person=name, post=post, new=new.name)
            )
    for move in plan.ended:
        name, post = move.post.official.full_name, describe(move.post)
        lines.append(_("%(person)s: %(post)s kết thúc, vì %(why)s.", person=name, post=post, why=move.why_not))
    lines.extend(_("“%(name)s” trực thuộc đơn vị mới.", name=child.name) for child, _tree in plan.children)
    return lines


@bp.get("/positions")
@requires(Permission.ORGANISATION_READ)
def positions() -> str:
    on = clock.today()
    category = request.args.get("category", "")
    query = reading.positions_query(
        query=request.args.get("q", ""),
        catalogue=request.args.get("catalogue", ""),
        category=StaffCategory(category) if category in set(StaffCategory) else None,
    )
    return render_template(
        "organisation/positions.html",
        page=paginate(query, number=page_number(), size=80),
        holders=reading.holders(readable(), on=on),
        catalogues=labelled(labels.CATALOGUES),
        categories=labelled(labels.STAFF_CATEGORIES),
        on=on,
        may_load=may_edit() and editable() is None,
    )


@bp.post("/positions/load")
@requires(Permission.ORGANISATION_EDIT)
def load_catalogue() -> ResponseReturnValue:
    if editable() is not None:
        raise NotFound()
    number = load_positions()
    flash(ngettext("Đã cập nhật %(n)s vị trí.", "Đã cập nhật %(n)s vị trí.", number))
    return redirect(url_for("organisation.positions"), 303)
