"""One account for each role, and one for every official; all with the same demonstration password."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select

from examapp.accounts.models import Account, Grant, Role
from examapp.accounts.passwords import make_hash
from examapp.accounts.services import create_account
from examapp.core import clock
from examapp.core.db import db
from examapp.demonstration.people import MERGER, Area
from examapp.organisation.models import Official, Position, Post, StaffCategory

PASSWORD = "thuocdo-trinh-dien"  # noqa: S105 - public on purpose: it opens invented data only
ONE_IN_WITHOUT_PASSWORD = 4
"""Of the cadres, one in so many still waits for a first sign-in by slip: some in every commune."""


@dataclass(frozen=True)
class Persona:
    login: str
    name: str
    role: Role
    where: str = "province"


PERSONAS = (
    Persona("cauhoi", "Người ra câu hỏi (trình diễn)", Role.EXAMINER),
    Persona("thamdinh", "Người thẩm định (trình diễn)", Role.REVIEWER),
    Persona("nganhang", "Phụ trách ngân hàng câu hỏi (trình diễn)", Role.BANK_MANAGER),
    Persona("tochuc", "Người tổ chức thi (trình diễn)", Role.ORGANISER),
    Persona("giamthi", "Giám thị (trình diễn)", Role.INVIGILATOR),
    Persona("danhgia", "Người đánh giá (trình diễn)", Role.EVALUATOR),
    Persona("lanhdao", "Lãnh đạo (trình diễn)", Role.LEADER),
    Persona("daumoi", "Đầu mối đơn vị (trình diễn)", Role.FOCAL_PERSON, "commune"),
    Persona("quantri", "Quản trị hệ thống (trình diễn)", Role.ADMINISTRATOR, "all"),
    Persona("thanhtra", "Thanh tra (trình diễn)", Role.INSPECTOR, "all"),
)


def build_staff() -> dict[Role, Account]:
    """The accounts of the roles; over what, :func:`grant_roles` says once there are units."""
    password_hash = make_hash(PASSWORD)
    return {
        persona.role: create_account(persona.name, persona.login, password_hash=password_hash) for persona in PERSONAS
    }


def grant_roles(staff: dict[Role, Account], area: Area) -> None:
    units = {"province": area.province.id, "commune": area.communes[0].id, "all": None}
    positions: dict[Role, None] = {Role.EXAMINER: None, Role.REVIEWER: None}
    for persona in PERSONAS:
        unit_id = None if persona.role in positions else units[persona.where]
        db.session.add(
            Grant(
                account_id=staff[persona.role].id,
                role=persona.role,
                unit_id=unit_id,
                valid_from=MERGER,
                basis="Bản trình diễn",
            )
        )
    db.session.flush()


def build_officials(area: Area) -> None:
    """Everybody signs in by staff code; a few still need a slip."""
    password_hash = make_hash(PASSWORD)
    now = clock.now()
    cadres = [official.id for official in area.officials if official.staff_category is StaffCategory.CADRE]
    waiting = set(cadres[::ONE_IN_WITHOUT_PASSWORD])
    rows = [
        {
            "official_id": official.id,
            "login": official.staff_code.lower(),
            "phone": None,
            "display_name": official.full_name,
            "password_hash": None if official.id in waiting else password_hash,
            "is_blocked": False,
            "session_number": 1,
            "created_at": now,
        }
        for official in area.officials
    ]
    db.session.execute(insert(Account), rows)


def example_officials() -> list[tuple[str, str]]:
    """(login, what for) of officials worth trying: one post, and two posts."""
    today = clock.today()
    held = (
        select(Official.staff_code, Post.is_primary)
        .join(Post, Post.official_id == Official.id)
        .join(Position, Position.id == Post.position_id)
        .where(Post.valid_to.is_(None), Post.valid_from <= today, Position.code.in_(_examined()))
        .order_by(Official.staff_code)
    )
    counts: dict[str, int] = {}
    for code, _primary in db.session.execute(held):
        counts[code] = counts.get(code, 0) + 1
    found = []
    for posts, words in ((1, "người dự thi, một vị trí"), (2, "người dự thi, hai vị trí")):
        fitting = [code for code, number in counts.items() if number == posts]
        found += [(code.lower(), words) for code in fitting[:1]]
    return found


def _examined() -> tuple[str, ...]:
    from examapp.demonstration.exams import POSITIONS

    return POSITIONS
