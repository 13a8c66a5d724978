"""The registry as a workbook: out and in again, with a plan before anything is stored."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.bank import law_files
from examapp.bank.law_registry import load_registry
from examapp.bank.models import Citation, LegalAmendment, LegalDocument
from examapp.core import clock
from examapp.core.db import db, unit_of_work

HEADS = [column.heading for column in law_files.SHEET.columns]


def workbook(*rows: dict[str, object], heads: list[str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Văn bản"
    heads = heads or HEADS
    sheet.append(heads)
    for row in rows:
        sheet.append([row.get(head, "") for head in heads])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def plan(data: bytes) -> law_files.Plan:
    return law_files.make_plan(law_files.read_upload(data, "van-ban.xlsx"))


@pytest.fixture
def manager(build, reader):
    account = build.account(None, Role.BANK_MANAGER, display_name="Phụ trách (mẫu)")
    found = reader(account)
    found.account = account
    return found


def send(manager, data: bytes, status: int = 200):
    manager.open("/bank/law/import")
    return manager.submit("file", status=status, file=(BytesIO(data), "van-ban.xlsx"))


def test_what_is_exported_is_read_back_without_a_change(app):
    with app.app_context(), unit_of_work():
        load_registry()
    with app.app_context():
        data = law_files.export_registry()
        again = plan(data)
        assert again.problems == []
        assert len(again.of(law_files.Fate.SAME)) > 90
        assert again.touched == []
    sheet = openpyxl.load_workbook(BytesIO(data)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == HEADS


def test_new_and_changed_rows_are_shown_and_stored(app, build, manager):
    old = build.document("60/2014/QH99", title="Luật cũ (mẫu)")
    waiting = build.question(build.topic())
    build.save(Citation(version_id=waiting.current_id, symbol="Nghị định 9/2099/NĐ-CP"))
    data = workbook(
        {"Số, ký hiệu": "61/2099/QH20", "Tên văn bản": "Luật mới (mẫu)", "Có hiệu lực từ ngày": date(2099, 3, 1)},
        {
            "Số, ký hiệu": "60/2014/QH99",
            "Có hiệu lực đến hết ngày": "28/02/2099",
            "Được thay bằng": "61/2099/QH20",
            "Được thay từ ngày": "1-3-2099",
            "Được sửa đổi bởi": "9/2099/NĐ-CP (05/02/2099); 61/2099/QH20",
            "Ghi chú": "Đối chiếu ngày 01/12 (mẫu)",
        },
        {"Số, ký hiệu": "9/2099/NĐ-CP", "Tên văn bản": "Nghị định mẫu"},
    )
    page = send(manager, data)
    assert "Có hiệu lực đến hết ngày: trống → 28/02/2099" in page.text
    assert "Được thay bằng: trống → 61/2099/QH20" in page.text
    with app.app_context():
        assert len(db.session.scalars(select(LegalDocument)).all()) == 1, "nothing is stored before the button"
    assert "Đã thêm 2, sửa 1 văn bản." in manager.submit("csrf_token").text
    with app.app_context():
        stored = {one.symbol: one for one in db.session.scalars(select(LegalDocument))}
        changed = stored["60/2014/QH99"]
        assert (changed.title, changed.in_force_to, changed.superseded_on) == (
            "Luật cũ (mẫu)",
            date(2099, 2, 28),
            date(2099, 3, 1),
        )
        assert changed.superseded_by_id == stored["61/2099/QH20"].id
        assert changed.note == "Đối chiếu ngày 01/12 (mẫu)"
        decree = stored["9/2099/NĐ-CP"]
        assert (decree.kind, decree.issuer, decree.status_checked) == ("Nghị định", "Chính phủ", False)
        amended = db.session.scalars(select(LegalAmendment).where(LegalAmendment.document_id == old.id)).all()
        assert {(one.amended_by.symbol, one.from_on) for one in amended} == {
            ("9/2099/NĐ-CP", date(2099, 2, 5)),
            ("61/2099/QH20", None),
        }
        matched = db.session.scalars(select(Citation).where(Citation.version_id == waiting.current_id)).one()
        assert matched.document_id == decree.id
        assert db.session.scalars(select(AuditEvent).where(AuditEvent.action == "law.imported")).one()
    assert "Tệp không có gì mới" in send(manager, data).text


def test_what_a_person_confirmed_changes_only_where_it_is_ticked(app, build, manager):
    other = build.account(display_name="Người xác nhận (mẫu)")
    for symbol in ("1/2099/NĐ-CP", "2/2099/NĐ-CP"):
        build.document(symbol, title="Tên đã xác nhận", checked_by_id=other.id, checked_at=clock.now())
    data = workbook(*({"Số, ký hiệu": f"{n}/2099/NĐ-CP", "Tên văn bản": "Tên trong tệp"} for n in (1, 2)))
    page = send(manager, data)
    assert page.text.count("Đã có người xác nhận.") == 2
    page = manager.submit("csrf_token", overwrite=["2/2099/NĐ-CP"])
    assert "1 văn bản đã có người xác nhận được giữ nguyên." in page.text
    with app.app_context():
        stored = {one.symbol: one for one in db.session.scalars(select(LegalDocument))}
        kept, ticked = stored["1/2099/NĐ-CP"], stored["2/2099/NĐ-CP"]
        assert (kept.title, kept.checked_by_id) == ("Tên đã xác nhận", other.id)
        assert (ticked.title, ticked.checked_by_id) == ("Tên trong tệp", manager.account.id)
        assert ticked.status_checked


def test_each_wrong_cell_is_named_and_the_others_go_on(app, build, manager):
    data = workbook(
        {"Số, ký hiệu": "1/2099/NĐ-CP", "Tên văn bản": "Đúng (mẫu)"},
        {"Số, ký hiệu": "2/2099/NĐ-CP"},
        {"Số, ký hiệu": "3/2099/NĐ-CP", "Tên văn bản": "Mẫu", "Ngày ban hành": "hôm qua"},
        {
            "Số, ký hiệu": "4/2099/NĐ-CP",
            "Tên văn bản": "Mẫu",
            "Có hiệu lực từ ngày": "2/1/2099",
            "Có hiệu lực đến hết ngày": "1/1/2099",
        },
        {"Số, ký hiệu": "5/2099/NĐ-CP", "Tên văn bản": "Mẫu", "Được thay bằng": "4/2099/NĐ-CP"},
        {"Số, ký hiệu": "6/2099/NĐ-CP", "Tên văn bản": "Mẫu", "Được sửa đổi bởi": "99/2099/NĐ-CP"},
        {"Số, ký hiệu": "Nghị định số 1/2099/NĐ-CP", "Tên văn bản": "Hai lần"},
        {"Số, ký hiệu": "7/2099/NĐ-CP", "Tên văn bản": "Mẫu", "Địa chỉ đọc toàn văn": "javascript:1"},
        {"Tên văn bản": "Không số"},
    )
    with app.app_context():
        found = plan(data)
        assert [line.symbol for line in found.lines] == ["1/2099/NĐ-CP"]
        places = [problem.place for problem in found.errors]
    assert places == [
        "Văn bản!D3",
        "Văn bản!F4",
        "Văn bản!H5",
        "Văn bản!I6",
        "Văn bản!K7",
        "Văn bản!A8",
        "Văn bản!L9",
        "Văn bản!A10",
    ]
    page = send(manager, data)
    assert "“hôm qua” không phải ngày" in page.text
    assert "Văn bản này đã có ở dòng 2." in page.text
    assert "Đã thêm 1, sửa 0 văn bản." in manager.submit("csrf_token").text


def test_other_lists_are_read_by_their_own_headings(app):
    data = workbook(
        {"Số ký hiệu": "1/2099/NĐ-CP", "Trích yếu": "Mẫu", "Nơi ban hành": "Chính phủ", "Cột lạ": "x"},
        heads=["Số ký hiệu", "Trích yếu", "Nơi ban hành", "Cột lạ"],
    )
    with app.app_context():
        found = plan(data)
        assert [(line.symbol, line.entry.title, line.entry.issuer) for line in found.lines] == [
            ("1/2099/NĐ-CP", "Mẫu", "Chính phủ")
        ]
        assert [problem.place for problem in found.problems] == ["Văn bản!D1"]


@pytest.mark.parametrize("data", [b"", b"khong phai excel", b"PK\x03\x04 hong"])
def test_what_is_no_workbook_is_refused_with_words(manager, data):
    page = send(manager, data, status=422)
    assert page.all("div[@class='error-summary']")


def test_only_keepers_of_the_registry_import(build, reader):
    examiner = reader(build.account(None, Role.EXAMINER))
    examiner.open("/bank/law/import", status=404)
    assert examiner.download("/bank/law/export").data[:2] == b"PK"


def test_a_file_belongs_to_who_sent_it(build, reader, manager):
    page = send(manager, workbook({"Số, ký hiệu": "1/2099/NĐ-CP", "Tên văn bản": "Mẫu"}))
    other = reader(build.account(None, Role.BANK_MANAGER))
    other.open(page.url.split("localhost")[-1], status=404)
