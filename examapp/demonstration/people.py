"""Units, officials and posts: a district of twelve units until 30/06/2025, four communes since.

The figures follow what districts of that kind published: seven units whose Party secretary was also chair of the
People's Committee, five whose secretary was also chair of the People's Council; rotations of accountants and land
officers; non-full-time activists whose posts ended in the middle of a year.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select

from examapp.core import text
from examapp.core.db import db
from examapp.demonstration import names
from examapp.organisation.models import (
    LinkKind,
    Official,
    Position,
    Post,
    PostReason,
    StaffCategory,
    Tree,
    Unit,
    UnitKind,
    UnitLink,
    UnitParent,
)

OFFICIALS = 320
FOUNDED = date(2010, 1, 1)
LAST_DAY_OF_DISTRICT = date(2025, 6, 30)
MERGER = LAST_DAY_OF_DISTRICT + timedelta(days=1)
MERGER_BASIS = "202/2025/QH15"
LAST_DAY_OF_ACTIVISTS = date(2026, 5, 31)
SECRETARY_IS_COMMITTEE_CHAIR = range(7)
SECRETARY_IS_COUNCIL_CHAIR = range(7, 12)

DEPARTMENTS = (
    ("vp", "Văn phòng HĐND và UBND"),
    ("kt", "Phòng Kinh tế"),
    ("vhxh", "Phòng Văn hóa – Xã hội"),
    ("hcc", "Trung tâm Phục vụ hành chính công"),
)
OLD_CIVIL = ("old_vp_thong_ke", "old_dia_chinh", "old_tc_ke_toan", "old_tp_ho_tich", "old_vh_xa_hoi")
NEW_OF_OLD = {
    "old_vp_thong_ke": (("vp_van_thu", "vp"), ("hcc_mot_cua", "hcc"), ("hcc_mot_cua", "hcc")),
    "old_dia_chinh": (("nn_dat_dai", "kt"), ("nn_dat_dai", "kt"), ("hcc_mot_cua", "hcc")),
    "old_tc_ke_toan": (("kt_tai_chinh", "kt"), ("kt_tai_chinh", "kt"), ("vp_van_thu", "vp")),
    "old_tp_ho_tich": (("tp_tu_phap", "vp"), ("tp_tu_phap", "vp"), ("hcc_mot_cua", "hcc")),
    "old_vh_xa_hoi": (("nv_lao_dong", "vhxh"), ("nv_lao_dong", "vhxh"), ("vp_van_thu", "vp")),
}
CONCURRENT = {"tp_tu_phap": "hcc_mot_cua", "vp_van_thu": "hcc_mot_cua", "kt_tai_chinh": "vp_van_thu"}
"""Which second post somebody of this position may hold beside the own one."""


@dataclass
class Area:
    """What the rest of the demonstration builds upon."""

    province: Unit
    district: Unit
    old_units: list[Unit] = field(default_factory=list)
    communes: list[Unit] = field(default_factory=list)
    departments: dict[tuple[int, str], Unit] = field(default_factory=dict)
    """(index of the commune, code of the department) → unit."""
    officials: list[Official] = field(default_factory=list)


class Builder:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.names = names.people(rng)
        self.positions = {p.code: p for p in db.session.scalars(select(Position))}
        self.commune_of_old = {old: new for new, (_k, _n, olds) in enumerate(names.NEW_UNITS) for old in olds}

    def build(self) -> Area:
        area = self._units()
        for index in range(len(area.old_units)):
            self._cadres(area, index)
            self._civil_servants(area, index)
        self._public_employees(area)
        self._activists(area)
        db.session.flush()
        return area

    # units

    def _unit(
        self, code: str, name: str, kind: UnitKind, parent: Unit | None, start: date, end: date | None = None
    ) -> Unit:
        unit = Unit(code=code, name=name, name_fold=text.fold(name), kind=kind, valid_from=start, valid_to=end)
        db.session.add(unit)
        db.session.flush()
        if parent is not None:
            db.session.add(UnitParent(unit_id=unit.id, parent_id=parent.id, valid_from=start, valid_to=end))
        return unit

    def _units(self) -> Area:
        province = self._unit("tinh-mau", "Tỉnh Mẫu (trình diễn)", UnitKind.PROVINCE, None, FOUNDED)
        end = LAST_DAY_OF_DISTRICT
        district = self._unit("h-thanh-khe", "Huyện Thanh Khê (mẫu)", UnitKind.DISTRICT, province, FOUNDED, end)
        area = Area(province, district)
        for index, (kind, name) in enumerate(names.OLD_UNITS):
            unit_kind = UnitKind.COMMUNE if kind == "xã" else UnitKind.TOWNSHIP
            label = f"{kind[0].upper()}{kind[1:]} {name} (cũ, mẫu)"
            area.old_units.append(self._unit(f"cu-{index + 1:02d}", label, unit_kind, district, FOUNDED, end))
        for index, (kind, name, olds) in enumerate(names.NEW_UNITS):
            unit_kind = UnitKind.COMMUNE if kind == "xã" else UnitKind.WARD
            label = f"{kind[0].upper()}{kind[1:]} {name} (mẫu)"
            commune = self._unit(f"moi-{index + 1}", label, unit_kind, province, MERGER)
            area.communes.append(commune)
            for old in olds:
                predecessor = area.old_units[old]
                db.session.add(
                    UnitLink(
                        predecessor_id=predecessor.id,
                        successor_id=commune.id,
                        kind=LinkKind.MERGED_INTO,
                        on=MERGER,
                        legal_basis=MERGER_BASIS,
                    )
                )
            self._bodies(area, index, commune)
        return area

    def _bodies(self, area: Area, index: int, commune: Unit) -> None:
        for code, label in DEPARTMENTS:
            area.departments[index, code] = self._unit(
                f"{commune.code}-{code}", label, UnitKind.DEPARTMENT, commune, MERGER
            )
        party = self._unit(f"{commune.code}-du", "Đảng ủy", UnitKind.PARTY_BODY, commune, MERGER)
        front = self._unit(f"{commune.code}-mt", "Ủy ban MTTQ và đoàn thể", UnitKind.FRONT_BODY, commune, MERGER)
        area.departments[index, "du"], area.departments[index, "mt"] = party, front
        db.session.add(UnitParent(unit_id=party.id, tree=Tree.PARTY, parent_id=area.province.id, valid_from=MERGER))
        db.session.add(UnitParent(unit_id=front.id, tree=Tree.PARTY, parent_id=party.id, valid_from=MERGER))

    # people

    def _official(self, area: Area, category: StaffCategory) -> Official:
        full_name, _woman = next(self.names)
        number = len(area.officials) + 1
        birth = date(1968, 1, 1) + timedelta(days=self.rng.randrange(12000))
        official = Official(
            staff_code=f"CB{number:04d}",
            full_name=full_name,
            given_name=text.given_name_of(full_name),
            sort_key=text.sort_key(full_name),
            name_fold=text.fold(full_name),
            staff_category=category,
            birth_date=birth,
            phone=f"0900{number:06d}",
            identity_number=f"0{number:011d}",
        )
        db.session.add(official)
        area.officials.append(official)
        return official

    def _post(
        self,
        official: Official,
        position: str,
        unit: Unit,
        start: date,
        end: date | None = None,
        *,
        primary: bool = True,
        reason: PostReason = PostReason.APPOINTMENT,
    ) -> None:
        post = Post(
            position_id=self.positions[position].id,
            unit_id=unit.id,
            valid_from=start,
            valid_to=end,
            is_primary=primary,
            reason=reason,
            managing_level="Cấp xã" if position in NEW_OF_OLD else "",
        )
        official.posts.append(post)

    def _start(self) -> date:
        return date(2015, 1, 1) + timedelta(days=self.rng.randrange(2600))

    def _cadres(self, area: Area, index: int) -> None:
        """Elected titles of one old unit, with dual heads, and what became of them."""
        unit, end = area.old_units[index], LAST_DAY_OF_DISTRICT
        commune = self.commune_of_old[index]
        for title in self._titles(index):
            official = self._official(area, StaffCategory.CADRE)
            first, *others = title
            start = self._start()
            self._post(official, first, unit, start, end, reason=PostReason.ELECTION)
            for other in others:
                self._post(official, other, unit, start, end, primary=False, reason=PostReason.CONCURRENT)
            new_title, body = self._new_title(commune, first, index)
            place = area.departments[commune, body] if body else area.communes[commune]
            self._post(official, new_title, place, MERGER, reason=PostReason.REORGANISATION)

    def _titles(self, index: int) -> Iterator[tuple[str, ...]]:
        if index in SECRETARY_IS_COMMITTEE_CHAIR:
            yield "cb_bi_thu", "cb_ct_ubnd"
        elif index in SECRETARY_IS_COUNCIL_CHAIR:
            yield "cb_bi_thu", "cb_ct_hdnd"
        yield ("cb_pho_bi_thu",)
        yield ("cb_pct_ubnd",)
        yield ("cb_ct_mttq",)

    def _new_title(self, commune: int, old: str, index: int) -> tuple[str, str]:
        """The first of each merged group keeps the title; the others lead departments.

        Second comes the body where the title is held; none is the commune itself.
        """
        olds = names.NEW_UNITS[commune][2]
        if index == olds[0]:
            return old, {"cb_ct_mttq": "mt", "cb_pct_ubnd": ""}.get(old, "du")
        rank = olds.index(index)
        heads = {1: ("ld_truong_phong", "kt"), 2: ("ld_truong_phong", "vhxh")}
        deputies = {1: ("ld_pho_phong", "kt"), 2: ("ld_pho_phong", "vhxh")}
        if old == "cb_bi_thu":
            return heads[rank]
        if old == "cb_pct_ubnd":
            return deputies[rank]
        return ("ld_pho_vp", "vp") if old == "cb_pho_bi_thu" else ("ld_pgd_hcc", "hcc")

    def _civil_servants(self, area: Area, index: int) -> None:
        unit, commune = area.old_units[index], self.commune_of_old[index]
        for position in OLD_CIVIL:
            for place in range(3):
                official = self._official(area, StaffCategory.CIVIL_SERVANT)
                self._old_career(area, official, position, index)
                new, body = NEW_OF_OLD[position][place]
                department = area.departments[commune, body]
                self._post(official, new, department, MERGER, reason=PostReason.REORGANISATION)
                if self.rng.random() < 0.09 and new in CONCURRENT:
                    start = date(2025, 10, 1) + timedelta(days=self.rng.randrange(200))
                    self._post(
                        official, CONCURRENT[new], department, start, primary=False, reason=PostReason.CONCURRENT
                    )
        soldier = self._official(area, StaffCategory.CIVIL_SERVANT)
        self._post(soldier, "old_quan_su", unit, self._start(), LAST_DAY_OF_DISTRICT)
        first = names.NEW_UNITS[commune][2][0] == index
        new = "ld_chi_huy_qs" if first else "qs_tro_ly"
        self._post(soldier, new, area.departments[commune, "vp"], MERGER, reason=PostReason.REORGANISATION)

    def _old_career(self, area: Area, official: Official, position: str, index: int) -> None:
        """In the district: one post, or two where accountants and land officers were rotated."""
        unit, end = area.old_units[index], LAST_DAY_OF_DISTRICT
        start = self._start()
        if position in {"old_tc_ke_toan", "old_dia_chinh"} and self.rng.random() < 0.35:
            before = area.old_units[(index + 1 + self.rng.randrange(10)) % 12]
            moved = date(2023, 2, 1) + timedelta(days=self.rng.randrange(600))
            self._post(official, position, before, start, moved - timedelta(days=1))
            self._post(official, position, unit, moved, end, reason=PostReason.ROTATION)
        else:
            self._post(official, position, unit, start, end)

    def _public_employees(self, area: Area) -> None:
        for commune in range(len(area.communes)):
            for _ in range(5):
                official = self._official(area, StaffCategory.PUBLIC_EMPLOYEE)
                self._post(official, "hcc_mot_cua", area.departments[commune, "hcc"], MERGER)

    def _activists(self, area: Area) -> None:
        """The rest: non-full-time activists of the old units; at commune level their use ended on 31/05/2026."""
        while len(area.officials) < OFFICIALS:
            index = len(area.officials) % 12
            official = self._official(area, StaffCategory.PART_TIME_ACTIVIST)
            commune = self.commune_of_old[index]
            self._post(official, "kct_hoat_dong", area.old_units[index], self._start(), LAST_DAY_OF_DISTRICT)
            self._post(
                official,
                "kct_hoat_dong",
                area.communes[commune],
                MERGER,
                LAST_DAY_OF_ACTIVISTS - timedelta(days=self.rng.choice((0, 0, 0, 31, 62))),
                reason=PostReason.REORGANISATION,
            )
