"""Exam matrices: versions, totals, whether the bank fills them, and their pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from examapp.accounts.models import Account, Role
from examapp.bank import matrices
from examapp.bank.models import Matrix, MatrixRow, MatrixVersion, Topic
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.permissions import Permission
from examapp.organisation.models import Position, UnitKind
from question_bank.question import Level
from tests.builders import Builder
from tests.reader import Reader

Open = Callable[..., Reader]
DAY = date(2026, 3, 10)
POINTS = {Level.RECALL: 500, Level.COMPREHENSION: 1000, Level.APPLICATION: 1500, Level.ADVANCED_APPLICATION: 2000}


class Bank:
    """A position with a topic, another below it, and questions that rest on law in force."""

    def __init__(self, build: Builder) -> None:
        self.build = build
        self.position: Position = build.position("tp_tu_phap", "Tư pháp (mẫu)")
        self.topic: Topic = build.topic("tp", "Tư pháp", position_id=self.position.id)
        self.below: Topic = build.topic("tp_con", "Hộ tịch", position_id=self.position.id, parent_id=self.topic.id)
        self.document = build.document()
        self.organiser: Account = build.account(None, Role.ORGANISER, unit=build.unit())

    def questions(self, count: int, topic: Topic, level: Level = Level.RECALL, **columns: Any) -> None:
        columns.setdefault("document", self.document)
        for _ in range(count):
            self.build.question(topic, self.position, level=level, **columns)

    def matrix(self, counts: dict[tuple[Topic, Level], int], **values: Any) -> Matrix:
        with self.build.app.app_context(), database.unit_of_work():
            row = matrices.create_matrix(code="MT-TP", name="Ma trận tư pháp (mẫu)", position_id=self.position.id)
            self._save(row, counts, **values)
            key = row.id
        found: Matrix = self.build.get(Matrix, key)
        return found

    @staticmethod
    def _save(row: Matrix, counts: dict[tuple[Topic, Level], int], **values: Any) -> MatrixVersion:
        given = {"minutes": 30, "points": POINTS} | values
        asked = {(topic.id, level): count for (topic, level), count in counts.items()}
        return matrices.save_matrix(row, counts=asked, **given)


@pytest.fixture
def bank(build: Builder) -> Bank:
    return Bank(build)


def test_saving_makes_a_version_and_the_same_again_makes_none(bank: Bank) -> None:
    row = bank.matrix({(bank.topic, Level.RECALL): 4})
    with bank.build.app.app_context(), database.unit_of_work():
        again = db.session.get_one(Matrix, row.id)
        first = again.current
        assert bank._save(again, {(bank.topic, Level.RECALL): 4, (bank.topic, Level.APPLICATION): 0}) is first
        second = bank._save(again, {(bank.topic, Level.RECALL): 5})
        third = bank._save(again, {(bank.topic, Level.RECALL): 5}, minutes=31)
        fourth = bank._save(again, {(bank.topic, Level.RECALL): 5}, minutes=31, points=POINTS | {Level.RECALL: 600})
        assert [v.number for v in (first, second, third, fourth)] == [1, 2, 3, 4]
        assert again.current is fourth
        assert [r.count for r in first.rows] == [4]


@pytest.mark.parametrize(
    ("values", "counts", "message"),
    [
        ({}, {}, "chưa yêu cầu câu hỏi nào"),
        ({"minutes": 0}, {Level.RECALL: 1}, "từ 1 đến 600 phút"),
        ({"points": POINTS | {Level.RECALL: 0}}, {Level.RECALL: 1}, "điểm lớn hơn 0"),
        ({}, {Level.RECALL: 201}, "từ 0 đến 200"),
        ({}, {Level.RECALL: -1}, "từ 0 đến 200"),
    ],
)
def test_a_grid_that_cannot_be(bank: Bank, values: dict[str, Any], counts: dict[Level, int], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        bank.matrix({(bank.topic, level): count for level, count in counts.items()}, **values)


def test_a_topic_stands_for_those_below_it_too(bank: Bank) -> None:
    bank.questions(2, bank.topic)
    bank.questions(3, bank.below)
    row = bank.matrix({(bank.topic, Level.RECALL): 4, (bank.below, Level.RECALL): 2})
    with bank.build.app.app_context():
        version = matrices.load_version(row.current_id or 0)
        upper, lower = matrices.rows_of(version)
        assert (upper.topics, lower.topics) == ({"tp", "tp_con"}, {"tp_con"})
        found = matrices.cells(version, DAY, True)
        assert [(c.available, c.fillable) for c in found] == [(5, 4), (3, 1)]  # five questions for six places
        (short,) = matrices.shortages(version, found)
        assert (short.topic, short.missing) == ("Hộ tịch", 1)


def test_what_counts_is_what_may_be_asked_that_day(bank: Bank) -> None:
    bank.questions(2, bank.topic)
    bank.questions(1, bank.topic, document=bank.build.document(in_force_to=date(2026, 1, 1)))
    bank.questions(1, bank.topic, level=Level.APPLICATION)
    row = bank.matrix({(bank.topic, Level.RECALL): 3})
    with bank.build.app.app_context():
        version = matrices.load_version(row.current_id or 0)
        assert matrices.cells(version, DAY, True)[0].available == 2
        assert matrices.cells(version, date(2025, 12, 31), True)[0].available == 3


def test_the_grid_adds_up(bank: Bank) -> None:
    bank.questions(3, bank.topic)
    with bank.build.app.app_context():
        topics = [db.session.get_one(Topic, bank.topic.id)]
        from examapp.bank.pool import pool

        items = pool(position_id=bank.position.id, on=DAY, demo=True)
        counts = {(bank.topic.id, Level.RECALL): 4, (bank.topic.id, Level.APPLICATION): 2}
        grid = matrices.grid(topics, counts, POINTS, items)
    assert (grid.questions, grid.points, grid.missing) == (6, 5000, 3)
    assert grid.levels[Level.RECALL].points == 2000
    assert grid.cells[bank.topic.id, Level.COMPREHENSION].available == 0
    assert grid.of_topic(bank.topic.id) == 6


def test_codes_are_proposed_free_and_used_once(bank: Bank) -> None:
    bank.matrix({(bank.topic, Level.RECALL): 1})
    with bank.build.app.app_context(), database.unit_of_work():
        position = db.session.get_one(Position, bank.position.id)
        assert matrices.propose_code(position) == "MT-TP_TU_PHAP"
        matrices.create_matrix(code="MT-TP_TU_PHAP", name="Một", position_id=position.id)
        assert matrices.propose_code(position) == "MT-TP_TU_PHAP-2"
        assert matrices.propose_code(None) == "MT-CHUNG"
        with pytest.raises(Invalid, match="đã dùng"):
            matrices.create_matrix(code="MT-TP", name="Hai", position_id=None)


def test_who_reaches_which_matrix(bank: Bank) -> None:
    build = bank.build
    bank.matrix({(bank.topic, Level.RECALL): 1})
    build.save(Matrix(code="MT-CHUNG", name="Phần chung"))
    build.save(Matrix(code="MT-KHAC", name="Vị trí khác", position_id=build.position("khac").id))
    examiner = build.account()
    build.grant(examiner, Role.EXAMINER, position=bank.position)

    def codes(account: Account, permission: Permission = Permission.MATRIX_READ) -> set[str]:
        person = db.session.get_one(Account, account.id)
        return {m.code for m in db.session.scalars(matrices.matrices_for(person, permission))}

    with build.app.app_context():
        assert codes(examiner) == {"MT-TP", "MT-CHUNG"}
        assert codes(bank.organiser) == {"MT-TP", "MT-CHUNG", "MT-KHAC"}
        assert codes(bank.organiser, Permission.MATRIX_EDIT) == {"MT-TP", "MT-CHUNG", "MT-KHAC"}
        with pytest.raises(NotFound):
            matrices.get_matrix("MT-KHAC", person=db.session.get_one(Account, examiner.id))


def test_the_common_matrix_is_for_who_is_over_the_whole_area(bank: Bank, reader: Open) -> None:
    build = bank.build
    province = build.unit("Tỉnh Mẫu", kind=UnitKind.PROVINCE)
    commune = build.unit("Xã Một (mẫu)", parent=province)
    build.unit("Đơn vị chưa xếp vào cây (mẫu)")
    build.save(Matrix(code="MT-CHUNG", name="Phần chung"))
    local, whole = (build.account(None, Role.ORGANISER, unit=unit) for unit in (commune, province))

    browser = reader(local)
    page = browser.open("/bank/matrices/MT-CHUNG")  # to read, not to change
    assert "Lưu ma trận" not in page.text
    browser.post("/bank/matrices/MT-CHUNG", act="save", status=404)
    assert "Phần chung cho mọi vị trí" not in browser.open("/bank/matrices/new").text
    browser.post("/bank/matrices/new", position="common", name="Phần chung của xã", status=422)
    for person in (whole, build.account(None, Role.ORGANISER)):
        browser = reader(person)
        assert "Phần chung cho mọi vị trí" in browser.open("/bank/matrices/new").text
        browser.open("/bank/matrices/MT-CHUNG")
    build.topic("chung", "Chuyên đề chung")
    assert "Lưu ma trận" in reader(whole).open("/bank/matrices/MT-CHUNG").text


def test_the_database_holds_to_whole_rows(bank: Bank) -> None:
    row = bank.matrix({(bank.topic, Level.RECALL): 1})
    version_id = row.current_id or 0
    cell = {"version_id": version_id, "topic_id": bank.below.id, "level": Level.RECALL, "count": 1, "points": 1000}
    wrong: list[Any] = [
        MatrixRow(**{**cell, "count": 0}),
        MatrixRow(**{**cell, "points": 0}),
        MatrixRow(**{**cell, "topic_id": bank.topic.id}),
        MatrixVersion(matrix_id=row.id, number=1, minutes=30),
        MatrixVersion(matrix_id=row.id, number=2, minutes=0),
        MatrixVersion(matrix_id=row.id, number=2, minutes=601),
        Matrix(code="MT-TP", name="Trùng mã"),
    ]
    for one in wrong:
        with pytest.raises(IntegrityError):
            bank.build.save(one)
    assert bank.build.save(MatrixRow(**cell)).id


# Pages


def _cell(topic: Topic, level: Level) -> str:
    return f"cell_{topic.id}_{level.value}"


def test_making_one_from_nothing(bank: Bank, reader: Open, app: Flask) -> None:
    bank.questions(12, bank.topic)
    bank.questions(2, bank.topic, level=Level.APPLICATION)
    browser = reader(bank.organiser)
    page = browser.open("/bank/matrices")
    assert "Chưa có ma trận nào" in page.text
    browser.open(page.link("Tạo ma trận"))
    browser.submit("position", name="", status=422)
    page = browser.submit("position", position=str(bank.position.id), name="Ma trận tư pháp (mẫu)")
    assert page.heading == "Ma trận tư pháp (mẫu)"
    assert "MT-TP_TU_PHAP" in page.text
    assert "có 12 câu" in page.text

    typed = {
        "minutes": "25",
        "on": "10/03/2026",
        _cell(bank.topic, Level.RECALL): "10",
        _cell(bank.topic, Level.APPLICATION): "3",
        "points_nhan_biet": "0,25",
        "points_van_dung": "1,5",
    }
    page = browser.submit("minutes", press="act=count", **typed)
    assert "Ngân hàng thiếu 1 câu" in page.text
    assert "thiếu 1" in page.text
    assert "76,9%" in page.text  # 10 of 13 questions
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(MatrixVersion)) == 0

    page = browser.submit("minutes", press="act=save", **{_cell(bank.topic, Level.APPLICATION): "2"})
    assert "Đã lưu phiên bản 1" in page.text
    assert "Ngân hàng đủ câu hỏi cho ma trận này vào ngày 10/03/2026" in page.text
    page = browser.submit("minutes", press="act=save")
    assert "Không có gì thay đổi" in page.text
    with app.app_context():
        version = db.session.scalars(select(MatrixVersion)).one()
        assert version.minutes == 25
        assert {(r.level, r.count, r.points) for r in version.rows} == {
            (Level.RECALL, 10, 250),
            (Level.APPLICATION, 2, 1500),
        }
    page = browser.open("/bank/matrices")
    assert "5,5" in page.text


def test_what_was_typed_wrong_stays(bank: Bank, reader: Open) -> None:
    bank.questions(3, bank.topic)
    bank.matrix({(bank.topic, Level.RECALL): 2})
    browser = reader(bank.organiser)
    browser.open("/bank/matrices/MT-TP")
    page = browser.submit("minutes", press="act=save", **{_cell(bank.topic, Level.RECALL): "hai"}, status=422)
    assert "Hãy ghi một số nguyên" in page.text
    assert 'value="hai"' in page.html
    page = browser.submit("minutes", press="act=save", **{_cell(bank.topic, Level.RECALL): "0"}, status=422)
    assert "chưa yêu cầu câu hỏi nào" in page.text
    page = browser.submit("minutes", press="act=save", **{_cell(bank.topic, Level.RECALL): "-1"}, status=422)
    assert 'value="-1"' in page.html
    page = browser.submit("minutes", press="act=save", points_nhan_biet="-1", status=422)
    assert 'value="-1"' in page.html
    page = browser.submit("minutes", press="act=save", minutes="30", on="30/02/2026", status=422)
    assert "Không có ngày 30/02/2026" in page.text
    browser.post("/bank/matrices/MT-TP", act="nonsense", status=400)


def test_the_day_changes_what_the_bank_has(bank: Bank, reader: Open) -> None:
    bank.questions(2, bank.topic, document=bank.build.document(in_force_to=date(2026, 3, 1)))
    bank.matrix({(bank.topic, Level.RECALL): 2})
    browser = reader(bank.organiser)
    assert "đủ câu hỏi" in browser.open("/bank/matrices/MT-TP?on=01/03/2026").text
    page = browser.open("/bank/matrices/MT-TP?on=02/03/2026")
    assert "Ngân hàng thiếu 2 câu vào ngày 02/03/2026" in page.text
    browser.open("/bank/matrices/MT-TP?on=nonsense")


def test_readers_see_without_changing(bank: Bank, reader: Open) -> None:
    bank.questions(3, bank.topic)
    bank.matrix({(bank.topic, Level.RECALL): 2})
    examiner = bank.build.account()
    bank.build.grant(examiner, Role.EXAMINER, position=bank.position)
    other = bank.build.account()
    bank.build.grant(other, Role.EXAMINER, position=bank.build.position("khac"))
    browser = reader(examiner)
    page = browser.open("/bank/matrices/MT-TP")
    assert "có 3 câu" in page.text
    assert not [f for f in page.all("main//form") if (f.get("method") or "") == "post"]
    browser.open("/bank/matrices/new", status=404)
    browser.post("/bank/matrices/MT-TP", act="save", status=404)
    reader(other).open("/bank/matrices/MT-TP", status=404)
    assert "MT-TP" not in reader(other).open("/bank/matrices").text
