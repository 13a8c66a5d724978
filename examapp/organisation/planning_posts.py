"""What becomes of the rows of posts, checked together with the posts that are stored already."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from examapp.core.words import _
from examapp.organisation.drafts import OfficialDraft, PositionDraft, PostDraft, Stored, UnitDraft
from examapp.organisation.imports import Fate, Plan
from examapp.organisation.models import PostReason
from examapp.organisation.planning import dates_are_in_order, error, kept, note, unknown, warn
from examapp.organisation.posts import clash_message, outside_message, primary_clashes
from examapp.organisation.workbook import Contents, Problem, Row


def plan_posts(plan: Plan, stored: Stored, contents: Contents) -> None:
    changed = [c.stored.id for c in plan.changes["units"] if c.fate is Fate.CHANGED]
    posts = {post.key: post for post in stored.posts(changed)}
    for row in contents.rows["posts"]:
        _plan_post(plan, stored, row, posts)
    for post in posts.values():
        if post.row is None:
            _check_untouched(plan, post)
    _check_primary(plan, posts)


def _plan_post(plan: Plan, stored: Stored, row: Row, posts: dict[Any, PostDraft]) -> None:
    found = _references(plan, stored, row)
    if found is None:
        return
    official, position, unit = found
    key = (official.staff_code.lower(), position.code, unit.code, row.values["valid_from"])
    known = posts.get(key)
    if known is not None and known.row is not None:
        error(plan, row, "staff_code", _("Dòng này trùng với %(place)s. Hãy bỏ một dòng.", place=known.row.place()))
        return
    post = known.stored if known else None
    values: dict[str, Any] = {"reason": PostReason.APPOINTMENT, "managing_level": "", "decision": ""}
    if post is not None:
        values = {name: getattr(post, name) for name in values}
    values.update({name: row.values[name] for name in values if name in row.values})
    values.update(kept(row, post, "valid_from", "valid_to", "is_primary"))
    if not dates_are_in_order(plan, row, values):
        return
    draft = PostDraft(
        official.staff_code,
        position,
        unit,
        values["valid_from"],
        values["valid_to"],
        values["is_primary"],
        stored=post,
        row=row,
    )
    outside = outside_message(draft)
    if outside:
        error(plan, row, outside[0], outside[1])
        return
    posts[key] = draft
    note(plan, row, f"{official.full_name}: {position.name}, {unit.name}", values, stored=post)


def _references(plan: Plan, stored: Stored, row: Row) -> tuple[OfficialDraft, PositionDraft, UnitDraft] | None:
    code = row.values["staff_code"]
    official = stored.officials.get(code.lower())
    position = stored.positions.get(row.values["position"])
    unit = stored.units.get(row.values["unit"])
    if official is None or official.outside:
        message = _("Không có người mang số hiệu “%(code)s”. Hãy thêm vào trang “Người” hoặc sửa số hiệu.", code=code)
        unknown(plan, row, "staff_code", "officials", message)
    if position is None:
        message = _(
            "Không có vị trí mang mã “%(code)s”. Hãy xem danh mục vị trí, hoặc thêm vào trang “Vị trí”.",
            code=row.values["position"],
        )
        unknown(plan, row, "position", "positions", message)
    if unit is None or unit.outside:
        message = _(
            "Không có đơn vị mang mã “%(code)s”. Hãy thêm vào trang “Đơn vị” hoặc sửa mã.", code=row.values["unit"]
        )
        unknown(plan, row, "unit", "units", message)
    if official is None or official.outside or position is None or unit is None or unit.outside:
        return None
    return official, position, unit


def _check_untouched(plan: Plan, post: PostDraft) -> None:
    """A stored post may not fall out of the life of a unit or position that the workbook changes."""
    outside = outside_message(post)
    if outside is None:
        return
    thing: Any = post.unit if outside[0] == "unit" else post.position
    if thing.row is not None:
        message = _(
            "Người có số hiệu %(code)s giữ vị trí ngoài thời gian này: %(why)s Hãy kết thúc vị trí đó trước.",
            code=post.staff_code,
            why=outside[1],
        )
        plan.problems.append(Problem(thing.row.place("valid_to"), message))


def _check_primary(plan: Plan, posts: dict[Any, PostDraft]) -> None:
    people: dict[str, list[PostDraft]] = defaultdict(list)
    for post in posts.values():
        people[post.staff_code.lower()].append(post)
    for held in people.values():
        rows = [post.row for post in held if post.row is not None]
        if not rows:
            continue
        for one, other in primary_clashes(held):
            row = other.row or one.row
            if row is not None:
                error(plan, row, "is_primary", clash_message(one, other))
        if not any(post.is_primary for post in held):
            warn(plan, rows[0], "is_primary", _("Người này chưa có vị trí chính nào. Hãy kiểm tra."))
