"""The candidates of a round: one by one, as a list, on paper and as a workbook."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.core.db import db
from examapp.organisation.models import Official
from examapp.rounds.models import Candidate, CandidateState, ExamRound
from tests.reader import Reader
from tests.rounds.builders import World

Open = Callable[..., Reader]

pytestmark = pytest.mark.usefixtures("before_the_exam")


def test_one_candidate(enrolled: World, reader: Open, app: Flask) -> None:
    browser = reader(enrolled.organiser)
    page = browser.open("/rounds/KT-2026-Q1/candidates?q=mot")
    assert "Nguyễn Thị Một" in page.text
    assert "Lê Văn Ba" not in page.text
    browser.open(page.link("Nguyễn Thị Một"))
    other = str(_other_shift(app))
    page = browser.submit("Chuyển ca", shift=other)
    assert "Ca 2" in page.text
    page = browser.submit("extra_reason", minutes="15", extra_reason="", status=422)
    assert "Hãy ghi lý do cho thêm giờ" in page.text
    page = browser.submit("extra_reason", minutes="15", extra_reason="Quyết định 5/QĐ (mẫu)")
    assert "15 phút – Quyết định 5/QĐ (mẫu)" in page.text
    browser.submit("state", reason="", status=422)
    page = browser.submit("state", reason="Nghỉ ốm (mẫu)")
    assert "Được miễn hoặc hoãn" in page.text
    page = browser.submit("Cho dự thi lại")
    assert "Chuyển ca" in page.text
    with app.app_context():
        row = db.session.scalars(select(Candidate).where(Candidate.full_name == "Nguyễn Thị Một")).one()
        assert (row.state, row.extra_minutes) == (CandidateState.ENROLLED, 15)
    browser.open("/rounds/KT-2026-Q1/candidates/9999", status=404)


@pytest.mark.parametrize("wrong", ["9" * 5000, "-1", "²"])
def test_filters_that_nothing_can_match(enrolled: World, reader: Open, wrong: str) -> None:
    page = reader(enrolled.organiser).open(f"/rounds/KT-2026-Q1/candidates?shift={wrong}&position={wrong}")
    assert "Nguyễn Thị Một" in page.text


def test_nobody_decides_about_the_own_exam(enrolled: World, reader: Open, app: Flask) -> None:
    with app.app_context():
        row = db.session.scalars(select(Candidate).where(Candidate.full_name == "Nguyễn Thị Một")).one()
        number, official = row.number, db.session.get_one(Official, row.official_id)
    browser = reader(enrolled.build.account(official, Role.ORGANISER))
    for act in ("extra", "release", "move", "restore"):
        page = browser.post(
            f"/rounds/KT-2026-Q1/candidates/{number}/{act}", minutes="30", extra_reason="Mẫu", status=403
        )
        assert "Không ai tự quyết định" in page.text


def _other_shift(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(ExamRound)).one().shifts[1].id


def test_the_list_on_paper_and_as_a_workbook(enrolled: World, reader: Open) -> None:
    browser = reader(enrolled.organiser)
    browser.open("/rounds/KT-2026-Q1/candidates?sort=-name")
    page = browser.open(browser.page.link("Bản in"))
    assert "Danh sách gồm 3 người." in page.text
    assert page.text.index("Nguyễn Thị Một") < page.text.index("Lê Văn Ba")
    answer = browser.download("/rounds/KT-2026-Q1/candidates.xlsx?q=hai")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert "Trần Văn Hai" in cells
    assert "Nguyễn Thị Một" not in cells
    assert "Danh sách gồm 1 người." in cells


def test_a_part_of_the_tree_is_previewed(enrolled: World, reader: Open) -> None:
    enrolled.person("Vũ Kinh Tế", enrolled.justice, 1)
    enrolled.person("Vũ Văn Phòng", enrolled.justice, 0)
    browser = reader(enrolled.organiser)
    browser.open("/rounds/KT-2026-Q1/enrol")
    page = browser.submit("Xem trước phần", units=[str(enrolled.offices[1].id)])
    assert "Vũ Kinh Tế" in page.text
    assert "Vũ Văn Phòng" not in page.text
    page = browser.submit("Lưu danh sách")
    assert "Đã thêm 1 người" in page.text
    browser.open(f"/rounds/KT-2026-Q1/enrol?units={enrolled.build.unit('Xã Khác').id}", status=422)
