"""Officials: names as written, sorted and searched; numbers stay text and are masked in views."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select

from examapp.audit.services import record
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.text import fold, given_name_of, nfc, sort_key
from examapp.core.words import _
from examapp.organisation.models import Official, Post, StaffCategory
from examapp.organisation.units import Reach, clean_code

_PHONE = re.compile(r"\+?[0-9]{9,14}")
_IDENTITY = re.compile(r"[0-9]{9}|[0-9]{12}")


def masked(number: str | None) -> str:
    """Only the last three figures of a phone or identity number."""
    return "•" * (len(number) - 3) + number[-3:] if number else ""


def clean_phone(phone: str | None) -> str | None:
    """Figures only, with the leading zero or plus sign; raises :class:`Invalid`."""
    digits = re.sub(r"[\s.()\-]", "", phone or "")
    if digits and not _PHONE.fullmatch(digits):
        raise Invalid(_("Số điện thoại cần 9 đến 14 chữ số, ví dụ 0912345678."), field="phone")
    return digits or None


def clean_identity(number: str | None) -> str | None:
    """12 figures (or 9 of the old card), as text; raises :class:`Invalid`."""
    digits = re.sub(r"\s", "", number or "")
    if digits and not _IDENTITY.fullmatch(digits):
        raise Invalid(
            _("Số định danh cá nhân cần đúng 12 chữ số (hoặc 9 chữ số của giấy cũ)."), field="identity_number"
        )
    return digits or None


def visible(reach: Reach) -> Any:
    """The condition under which a person with ``reach`` sees an official: some post, at any time, in a unit of it."""
    if reach is None:
        return Official.id.is_not(None)
    return Official.id.in_(select(Post.official_id).where(Post.unit_id.in_(reach)))


def find_official(staff_code: str, reach: Reach) -> Official:
    official = db.session.scalar(select(Official).where(Official.staff_code == staff_code, visible(reach)))
    if official is None:
        raise NotFound()
    return official


def create_official(
    *,
    staff_code: str,
    full_name: str,
    staff_category: StaffCategory,
    given_name: str = "",
    birth_date: date | None = None,
    phone: str | None = None,
    identity_number: str | None = None,
) -> Official:
    """A new person. The staff code is also what the person signs in with, so case does not tell two apart."""
    staff_code = clean_code(staff_code, field="staff_code")
    if db.session.scalar(select(Official.id).where(func.lower(Official.staff_code) == staff_code.lower())) is not None:
        message = _("Số hiệu “%(code)s” đã dùng cho một người khác. Hãy kiểm tra lại.", code=staff_code)
        raise Invalid(message, field="staff_code")
    official = Official(staff_code=staff_code)
    _fill(
        official,
        full_name=full_name,
        given_name=given_name,
        staff_category=staff_category,
        birth_date=birth_date,
        phone=phone,
        identity_number=identity_number,
    )
    db.session.add(official)
    db.session.flush()
    record("official.created", "official", staff_code, full_name=official.full_name)
    return official


def edit_official(
    official: Official,
    *,
    full_name: str,
    given_name: str,
    staff_category: StaffCategory,
    birth_date: date | None,
    phone: str | None,
    identity_number: str | None,
) -> Official:
    """Change what is known of a person; posts are changed by their own acts. Numbers do not enter the log."""
    before = (official.full_name, official.given_name, official.staff_category.value)
    _fill(
        official,
        full_name=full_name,
        given_name=given_name,
        staff_category=staff_category,
        birth_date=birth_date,
        phone=phone,
        identity_number=identity_number,
    )
    db.session.flush()
    after = (official.full_name, official.given_name, official.staff_category.value)
    record("official.edited", "official", official.staff_code, before=before, after=after)
    return official


def _fill(
    official: Official,
    *,
    full_name: str,
    given_name: str,
    staff_category: StaffCategory,
    birth_date: date | None,
    phone: str | None,
    identity_number: str | None,
) -> None:
    if not full_name.strip():
        raise Invalid(_("Chưa nhập họ và tên."), field="full_name")
    if birth_date is not None and not date(1900, 1, 1) <= birth_date < clock.today():
        raise Invalid(_("Ngày sinh phải từ năm 1900 và trước hôm nay."), field="birth_date")
    values = {"phone": clean_phone(phone), "identity_number": clean_identity(identity_number)}
    for name, value in {**values, **name_columns(full_name, given_name)}.items():
        setattr(official, name, value)
    official.staff_category = staff_category
    official.birth_date = birth_date


def name_columns(full_name: str, given_name: str = "") -> dict[str, str]:
    """The columns that follow from a name. The given name is its last word unless a person says otherwise."""
    full_name = " ".join(nfc(full_name).split())
    given = " ".join(nfc(given_name).split()) or given_name_of(full_name)
    return {
        "full_name": full_name,
        "given_name": given,
        "sort_key": sort_key(full_name, given),
        "name_fold": fold(full_name),
    }


def add_officials(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Store many people known to be right in one statement; returns ids by staff code.

    A row holds ``staff_code, full_name, staff_category`` and may hold ``given_name, birth_date, phone,
    identity_number``.
    """
    values = [
        {
            "staff_code": row["staff_code"],
            **name_columns(row["full_name"], row.get("given_name") or ""),
            "staff_category": row["staff_category"],
            "birth_date": row.get("birth_date"),
            "phone": row.get("phone"),
            "identity_number": row.get("identity_number"),
        }
        for row in rows
    ]
    if not values:
        return {}
    db.session.execute(insert(Official), values)
    wanted = {value["staff_code"] for value in values}
    pairs = db.session.execute(select(Official.staff_code, Official.id))
    return {code: key for code, key in pairs if code in wanted}
