"""What becomes of the rows of units, positions, officials and links: created, changed, unchanged, or wrong."""

from __future__ import annotations

from typing import Any

from examapp.core import clock
from examapp.core.text import fold, format_date
from examapp.core.words import _
from examapp.organisation.drafts import OfficialDraft, PositionDraft, Stored, UnitDraft, differences
from examapp.organisation.imports import Change, Fate, Plan
from examapp.organisation.labels import LOCAL
from examapp.organisation.models import LinkKind, Tree
from examapp.organisation.officials import masked, name_columns
from examapp.organisation.periods import is_inside, is_valid_on, show_period
from examapp.organisation.workbook import Contents, Problem, Row, identity

Moved = dict[str, tuple[Any, Any]]
PARENTS = {"parent": Tree.STATE, "party_parent": Tree.PARTY}


def error(plan: Plan, row: Row, key: str, message: str) -> None:
    plan.problems.append(Problem(row.place(key), message))
    plan.broken.add(identity(row))


def unknown(plan: Plan, row: Row, key: str, sheet: str, message: str) -> None:
    """``row`` names something that is not there; nothing is said when that thing's own row is what is wrong."""
    if (sheet, str(row.values[key]).lower()) not in plan.broken:
        error(plan, row, key, message)


def warn(plan: Plan, row: Row, key: str, message: str) -> None:
    plan.problems.append(Problem(row.place(key), message, is_error=False))


def first_of_each(plan: Plan, rows: list[Row], key: str, *, fold_case: bool = False) -> list[Row]:
    """The rows whose ``key`` comes for the first time; the others are problems."""
    seen: dict[str, Row] = {}
    for row in rows:
        code = row.values[key].lower() if fold_case else row.values[key]
        if code in seen:
            other = seen[code].place(key)
            message = _("Mã “%(code)s” đã có ở %(other)s. Hãy bỏ một dòng hoặc đổi mã.", code=code, other=other)
            error(plan, row, key, message)
        else:
            seen[code] = row
    return list(seen.values())


def dates_are_in_order(plan: Plan, row: Row, values: dict[str, Any]) -> bool:
    if values["valid_to"] is None or values["valid_to"] >= values["valid_from"]:
        return True
    day = format_date(values["valid_from"])
    error(plan, row, "valid_to", _("Ngày kết thúc không được trước ngày bắt đầu (%(day)s).", day=day))
    return False


def note(plan: Plan, row: Row, title: str, values: dict[str, Any], *, stored: Any, moved: Moved | None = None) -> None:
    """Add the row's fate to the plan; ``moved`` are changes that are not columns of the row itself."""
    changed = {**differences(stored, values), **(moved or {})} if stored is not None else {}
    fate = Fate.CREATED if stored is None else Fate.CHANGED if changed else Fate.UNCHANGED
    plan.changes[row.sheet.key].append(Change(row, fate, title, values, stored, changed))


def kept(row: Row, stored: Any, *names: str) -> dict[str, Any]:
    """The row's values under ``names``; what is empty stays as it is stored."""
    return {name: row.values.get(name, getattr(stored, name, None)) for name in names}


# Units


def plan_units(plan: Plan, stored: Stored, contents: Contents) -> None:
    for row in first_of_each(plan, contents.rows["units"], "code"):
        draft = stored.units.get(row.values["code"])
        if draft is not None and draft.outside:
            message = _("Mã “%(code)s” thuộc đơn vị ngoài phạm vi được giao. Hãy bỏ dòng này.", code=draft.code)
            error(plan, row, "code", message)
            continue
        _plan_unit(plan, stored, row, draft.stored if draft else None)
    for draft in stored.units.values():
        if draft.row is not None:
            _check_parents(plan, stored, draft, draft.row)


def _plan_unit(plan: Plan, stored: Stored, row: Row, unit: Any) -> None:
    values = kept(row, unit, "code", "name", "kind", "valid_from", "valid_to")
    if not dates_are_in_order(plan, row, values):
        return
    draft = stored.units.setdefault(values["code"], UnitDraft(values["code"], "", values["valid_from"], None))
    draft.name, draft.valid_from, draft.valid_to = values["name"], values["valid_from"], values["valid_to"]
    draft.row = row
    moved = {}
    for key, tree in PARENTS.items():
        code = row.values.get(key)
        if code is not None and draft.parents.get(tree) != code:
            moved[key] = (draft.parents.get(tree, ""), code)
            draft.parents[tree] = code
    values["name_fold"] = fold(values["name"])
    note(plan, row, f"{values['name']} ({values['code']})", values, stored=unit, moved=moved)


def _check_parents(plan: Plan, stored: Stored, draft: UnitDraft, row: Row) -> None:
    for key, tree in PARENTS.items():
        code = draft.parents.get(tree)
        if code is None:
            if key == "parent" and stored.reach is not None and draft.stored is None:
                error(plan, row, key, _("Đơn vị mới cần có đơn vị cấp trên trong phạm vi được giao."))
            continue
        parent = stored.units.get(code)
        changed = key in row.values
        if parent is None or (parent.outside and changed):
            message = _("Không có đơn vị mang mã “%(code)s”. Hãy thêm vào trang “Đơn vị” hoặc sửa mã.", code=code)
            unknown(plan, row, key, "units", message)
        elif changed and _is_below_itself(stored, draft, tree):
            error(
                plan,
                row,
                key,
                _("Đơn vị trở thành cấp trên của chính nó qua “%(code)s”. Hãy sửa mã cấp trên.", code=code),
            )
        elif changed and not is_inside(draft, parent):
            message = _(
                "Cấp trên “%(name)s” chỉ tồn tại %(period)s, không trùm hết thời gian của đơn vị này.",
                name=parent.name,
                period=show_period(parent),
            )
            error(plan, row, key, message)


def _is_below_itself(stored: Stored, draft: UnitDraft, tree: Tree) -> bool:
    seen = {draft.code}
    above = draft.parents.get(tree)
    while above is not None:
        if above == draft.code:
            return True
        if above in seen or above not in stored.units:
            return False
        seen.add(above)
        above = stored.units[above].parents.get(tree)
    return False


# Positions


def plan_positions(plan: Plan, stored: Stored, contents: Contents) -> None:
    rows = first_of_each(plan, contents.rows["positions"], "code")
    for row in rows:
        if stored.reach is not None:
            error(plan, row, "code", _("Danh mục vị trí dùng chung; chỉ người quản trị toàn hệ thống được thêm, sửa."))
        else:
            _plan_position(plan, stored, row)
    for row in rows:
        code = row.values.get("successor")
        if code is not None and code not in stored.positions:
            unknown(plan, row, "successor", "positions", _("Không có vị trí mang mã “%(code)s”.", code=code))


def _plan_position(plan: Plan, stored: Stored, row: Row) -> None:
    draft = stored.positions.get(row.values["code"])
    position = draft.stored if draft else None
    values = kept(row, position, "code", "name", "staff_category", "is_leadership", "valid_from", "valid_to")
    values["is_leadership"] = bool(values["is_leadership"])
    if not dates_are_in_order(plan, row, values):
        return
    if position is not None and position.catalogue != LOCAL:
        if differences(position, values):
            message = _(
                "Mã “%(code)s” thuộc danh mục ban hành sẵn (%(name)s), không sửa qua tệp. "
                "Hãy dùng mã khác hoặc bỏ dòng.",
                code=position.code,
                name=position.name,
            )
            error(plan, row, "code", message)
            return
    else:
        values["catalogue"] = LOCAL
    values["name_fold"] = fold(values["name"])
    stored.positions[values["code"]] = PositionDraft(
        values["code"], values["name"], values["valid_from"], values["valid_to"], stored=position, row=row
    )
    successor, wanted = _successor_code(stored, position), row.values.get("successor")
    moved = {"successor": (successor, wanted)} if wanted is not None and wanted != successor else {}
    note(plan, row, f"{values['name']} ({values['code']})", values, stored=position, moved=moved)


def _successor_code(stored: Stored, position: Any) -> str:
    codes = {draft.stored.id: draft.code for draft in stored.positions.values() if draft.stored}
    return codes.get(position.successor_id, "") if position is not None else ""


# Officials


def plan_officials(plan: Plan, stored: Stored, contents: Contents) -> None:
    rows = first_of_each(plan, contents.rows["officials"], "staff_code", fold_case=True)
    _check_identity_numbers(plan, stored, rows)
    for row in rows:
        code = row.values["staff_code"]
        draft = stored.officials.get(code.lower())
        if draft is not None and draft.outside:
            error(plan, row, "staff_code", _("Số hiệu “%(code)s” đã dùng cho người ở đơn vị khác.", code=code))
            continue
        _plan_official(plan, stored, row, draft.stored if draft else None)


def _plan_official(plan: Plan, stored: Stored, row: Row, official: Any) -> None:
    born = row.values.get("birth_date")
    if born is not None and not (born.year >= 1900 and born < clock.today()):
        error(plan, row, "birth_date", _("Ngày sinh phải từ năm 1900 và trước hôm nay."))
        return
    values = kept(row, official, "staff_category", "birth_date", "phone", "identity_number")
    values["staff_code"] = official.staff_code if official is not None else row.values["staff_code"]
    given = row.values.get("given_name", "")
    if not given and official is not None and official.full_name == row.values["full_name"]:
        given = official.given_name
    values.update(name_columns(row.values["full_name"], given))
    stored.officials[values["staff_code"].lower()] = OfficialDraft(
        values["staff_code"], values["full_name"], stored=official, row=row
    )
    note(plan, row, f"{values['full_name']} ({values['staff_code']})", values, stored=official)


def _check_identity_numbers(plan: Plan, stored: Stored, rows: list[Row]) -> None:
    numbered = [row for row in rows if "identity_number" in row.values]
    owners = stored.identity_numbers([row.values["identity_number"] for row in numbered])
    seen: dict[str, Row] = {}
    for row in numbered:
        number, code = row.values["identity_number"], row.values["staff_code"]
        owner = owners.get(number)
        if number in seen:
            place = seen[number].place("identity_number")
            message = _("Số định danh %(number)s đã có ở %(place)s.", number=masked(number), place=place)
            error(plan, row, "identity_number", message)
        elif owner is not None and owner.lower() != code.lower():
            message = _(
                "Số định danh %(number)s là của người có số hiệu khác đã lưu. Hãy kiểm tra số hiệu.",
                number=masked(number),
            )
            error(plan, row, "identity_number", message)
        seen.setdefault(number, row)


# Links between units


def plan_links(plan: Plan, stored: Stored, contents: Contents) -> None:
    seen: dict[tuple[str, str, LinkKind], Row] = {}
    for row in contents.rows["links"]:
        values = {"legal_basis": "", **row.values}
        old, new = (_known_unit(plan, stored, row, key) for key in ("predecessor", "successor"))
        if old is None or new is None or not _link_fits(plan, row, old, new):
            continue
        key = (old.code, new.code, values["kind"])
        if key in seen:
            error(plan, row, "predecessor", _("Quan hệ này đã có ở %(place)s.", place=seen[key].place()))
            continue
        seen[key] = row
        link = None
        if old.stored is not None and new.stored is not None:
            link = stored.links.get((old.stored.id, new.stored.id, values["kind"]))
        if link is not None:
            values["legal_basis"] = row.values.get("legal_basis", link.legal_basis)
        columns = {name: values[name] for name in ("kind", "on", "legal_basis")}
        note(plan, row, f"{old.name} → {new.name}", columns, stored=link)


def _known_unit(plan: Plan, stored: Stored, row: Row, key: str) -> UnitDraft | None:
    draft = stored.units.get(row.values[key])
    if draft is None or draft.outside:
        message = _(
            "Không có đơn vị mang mã “%(code)s”. Hãy thêm vào trang “Đơn vị” hoặc sửa mã.", code=row.values[key]
        )
        unknown(plan, row, key, "units", message)
        return None
    return draft


def _link_fits(plan: Plan, row: Row, old: UnitDraft, new: UnitDraft) -> bool:
    on = row.values["on"]
    if old.code == new.code:
        error(plan, row, "successor", _("Đơn vị cũ và đơn vị mới là một. Hãy sửa mã."))
    elif not is_valid_on(new, on):
        name, period = new.name, show_period(new)
        error(plan, row, "on", _("Đơn vị mới “%(name)s” chỉ tồn tại %(period)s.", name=name, period=period))
    elif row.values["kind"] is not LinkKind.SPLIT_FROM and (old.valid_to is None or old.valid_to >= on):
        message = _(
            "Đơn vị cũ “%(name)s” còn tồn tại vào ngày %(day)s. Hãy ghi “Đến ngày” của đơn vị này trước ngày đó.",
            name=old.name,
            day=format_date(on),
        )
        error(plan, row, "predecessor", message)
    else:
        return True
    return False
