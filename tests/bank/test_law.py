"""The registry of legal documents."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.bank import law
from examapp.bank.law_registry import load_registry
from examapp.bank.law_symbols import describe
from examapp.bank.models import Citation, LegalAmendment, LegalDocument, Mark
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from tests.bank.builders import office


@pytest.fixture
def registry(app):
    with app.app_context(), unit_of_work():
        load_registry()


def document(app, symbol):
    with app.app_context():
        return db.session.scalars(select(LegalDocument).where(LegalDocument.symbol == symbol)).one()


def test_the_registry_loads_once_and_keeps_what_people_changed(app):
    with app.app_context():
        with unit_of_work():
            assert load_registry() > 90
        with unit_of_work() as session:
            session.scalars(select(LegalDocument).where(LegalDocument.symbol == "118/2025/NĐ-CP")).one().title = "Sửa"
        with unit_of_work():
            assert load_registry() == 0
    assert document(app, "118/2025/NĐ-CP").title == "Sửa"


def test_only_what_was_seen_counts_as_checked(app, registry):
    with app.app_context():
        documents = db.session.scalars(select(LegalDocument)).all()
    assert all(one.status_checked == (one.mark is Mark.VERIFIED) for one in documents)
    assert all("(U)" not in one.note + one.title + one.symbol for one in documents)
    unsure = [one for one in documents if one.mark is Mark.UNVERIFIED]
    assert unsure
    assert all("cần xác nhận" in one.note and one.in_force_from is None for one in unsure)


def test_the_old_civil_status_law_ends_when_the_new_one_begins(app, registry):
    old, new = document(app, "Luật Hộ tịch 2014"), document(app, "Luật Hộ tịch (sửa đổi) 2026")
    assert old.in_force_to == date(2027, 2, 28)
    assert new.in_force_from == date(2027, 3, 1)
    assert old.superseded_by_id == new.id
    assert (old.mark, old.status_checked) == (Mark.PARTLY, False)
    assert "60/2014/QH13" in old.note


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("23/2015/NĐ-CP", "23/2015/nd-cp"),
        ("Nghị định số 23/2015/nđ-cp", "23/2015/nd-cp"),
        ("Luật Hộ tịch (sửa đổi) 2026", "luathotich(suadoi)2026"),
        ("Quy định 366-QĐ/TW", "366-qd/tw"),
        ("80/2025/QH15", "80/2025/qh15"),
    ],
)
def test_a_symbol_typed_by_hand_is_recognised(typed, key):
    assert law.symbol_key(typed) == key


def test_the_list_is_searched_and_filtered_by_day(build, reader, registry):
    administrator = reader(build.account(None, Role.ADMINISTRATOR))
    page = administrator.open("/bank/law?q=ho+tich")
    assert "Luật Hộ tịch 2014" in page.text
    assert "118/2025/NĐ-CP" not in page.text
    page = administrator.open("/bank/law?q=ho+tich&on=01/01/2027")
    assert "Luật Hộ tịch 2014" in page.text
    assert "Luật Hộ tịch (sửa đổi) 2026" not in page.texts("td[@class='lead-cell']/a")
    page = administrator.open("/bank/law?q=ho+tich&on=1-3-2027")
    assert "Luật Hộ tịch 2014" not in page.texts("td[@class='lead-cell']/a")
    assert "“32/13/2027” không phải là ngày" in administrator.open("/bank/law?on=32/13/2027").text
    page = administrator.open("/bank/law?checked=no&q=dat+dai")
    assert "Cần xác nhận" in page.text
    assert "Không có văn bản nào khớp" in administrator.open("/bank/law?q=khong-co-dau").text


def test_confirming_a_document_names_who_did_it(app, build, reader, registry):
    account = build.account(None, Role.ADMINISTRATOR, display_name="Quản trị (mẫu)")
    administrator = reader(account)
    found = document(app, "31/2024/QH15")
    page = administrator.open(f"/bank/law/{found.id}")
    assert "Văn bản này cần xác nhận" in page.text
    administrator.open(page.link("Sửa, xác nhận"))
    page = administrator.submit("title", status=422, in_force_from="2/8/2024", in_force_to="1/8/2024")
    assert "Ngày này phải từ 02/08/2024 trở đi." in page.text
    page = administrator.submit(
        "title", status=422, in_force_from="1/8/2024", in_force_to="", link="javascript:alert(1)"
    )
    assert "Địa chỉ phải bắt đầu bằng" in page.text
    page = administrator.submit("title", status=422, link="", superseded_on="1/8/2030")
    assert "cần chọn văn bản thay thế" in page.text
    page = administrator.submit("title", superseded_on="", issuer="Quốc hội", status_checked="y")
    assert "Đã lưu văn bản 31/2024/QH15." in page.text
    assert "Quản trị (mẫu)," in page.text
    found = document(app, "31/2024/QH15")
    assert (found.status_checked, found.in_force_from, found.checked_by_id) == (True, date(2024, 8, 1), account.id)
    with app.app_context():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "law.changed")).one()
    assert '"status_checked":[false,true]' in event.details
    administrator.open(f"/bank/law/{found.id}/edit")
    administrator.submit("title", status_checked=None)
    assert document(app, "31/2024/QH15").checked_by_id is None


def test_a_new_document_takes_up_the_citations_that_waited_for_it(app, build, reader):
    o = office(build)
    question = build.question(o.topic, o.justice)
    build.save(Citation(version_id=question.current_id, symbol="Nghị định 9/2030/NĐ-CP"))
    administrator = reader(build.account(None, Role.ADMINISTRATOR))
    administrator.open("/bank/law/new")
    page = administrator.submit("symbol", symbol="9/2030/NĐ-CP", title="Nghị định mới")
    assert "Sửa văn bản 9/2030/NĐ-CP" in page.heading
    assert "1 câu hỏi căn cứ" in reader(o.examiner).open(page.url.removesuffix("/edit")).text
    administrator.open("/bank/law/new")
    assert (
        "đã có trong danh mục"
        in administrator.submit("symbol", status=422, symbol="09/2030/NĐ-CP".lstrip("0"), title="Lại").text
    )


def test_who_may_not_edit_sees_no_way_to(build, reader):
    o = office(build)
    examiner = reader(o.examiner)
    page = examiner.open(f"/bank/law/{o.law.id}")
    assert "Sửa, xác nhận" not in page.text
    examiner.open(f"/bank/law/{o.law.id}/edit", status=404)
    examiner.open("/bank/law/999999", status=404)
    organiser = reader(build.account(None, Role.ORGANISER))
    assert "câu hỏi căn cứ" not in organiser.open(f"/bank/law/{o.law.id}").text


def test_what_ships_says_kind_and_issuer_where_the_symbol_does(app, registry):
    ours = document(app, "22/2025/TT-BNV")
    assert (ours.kind, ours.issuer, ours.is_party) == ("Thông tư", "Bộ Nội vụ", False)
    party = document(app, "366-QĐ/TW")
    assert (party.kind, party.issuer, party.is_party) == ("Quy định", "", True)
    assert document(app, "Luật Hộ tịch 2014").superseded_on == date(2027, 3, 1)
    assert document(app, "280/2025/NĐ-CP").issued_on == date(2025, 10, 27)
    with app.app_context():
        amended = db.session.scalars(select(LegalAmendment)).all()
        pairs = {(one.document.symbol, one.amended_by.symbol) for one in amended}
    assert ("23/2015/NĐ-CP", "07/2025/NĐ-CP") in pairs
    assert ("64/2025/QH15", "87/2025/QH15") in pairs


@pytest.mark.parametrize(
    ("symbol", "title", "described"),
    [
        ("118/2025/NĐ-CP", "", ("Nghị định", "Chính phủ", False)),
        ("51/2025/QĐ-TTg", "", ("Quyết định", "Thủ tướng Chính phủ", False)),
        ("80/2025/QH15", "Luật Cán bộ, công chức", ("Luật", "Quốc hội", False)),
        ("254/2025/QH15", "Nghị quyết về đất đai", ("Nghị quyết", "Quốc hội", False)),
        ("02/2020/UBTVQH14", "Pháp lệnh về người có công", ("Pháp lệnh", "Ủy ban Thường vụ Quốc hội", False)),
        ("38-HD/BTCTW", "", ("Hướng dẫn", "Ban Tổ chức Trung ương", True)),
        ("09-KH/ĐU", "Kế hoạch năm", ("Kế hoạch", "", True)),
        ("12/2031/QĐ-UBND", "Quyết định của tỉnh", ("Quyết định", "", False)),
        ("Nghị quyết liên tịch 403", "", ("Nghị quyết liên tịch", "", False)),
        ("Một văn bản", "không rõ", ("", "", False)),
    ],
)
def test_a_symbol_says_only_what_is_certain(symbol, title, described):
    found = describe(symbol, title)
    assert (found.kind, found.issuer, found.is_party) == described


def test_a_corrected_number_is_known_by_both_names(app, build, reader, registry):
    question = build.question(build.topic(), document=document(app, "Luật Hộ tịch 2014"))
    administrator = reader(build.account(None, Role.ADMINISTRATOR))
    found = document(app, "Luật Hộ tịch 2014")
    administrator.open(f"/bank/law/{found.id}/edit")
    assert "đã có trong danh mục" in administrator.submit("title", status=422, symbol="80/2025/QH15").text
    page = administrator.submit("title", symbol="60/2014/QH13")
    assert page.heading == "60/2014/QH13"
    assert "Luật Hộ tịch 2014" in page.text
    with app.app_context(), unit_of_work():
        assert load_registry() == 0
    with app.app_context():
        keys = law.documents_by_key()
        assert keys[law.symbol_key("Luật Hộ tịch 2014")] == keys[law.symbol_key("60/2014/QH13")]
        citation = db.session.scalars(select(Citation).where(Citation.version_id == question.current_id)).one()
        assert law.in_words(citation) == "60/2014/QH13"


def test_the_list_tells_state_and_party_apart(build, reader, registry):
    administrator = reader(build.account(None, Role.ADMINISTRATOR))
    page = administrator.open("/bank/law?party=yes")
    assert [*page.texts("td[@class='lead-cell']/a")][:1] == ["366-QĐ/TW"]
    assert "118/2025/NĐ-CP" not in page.text
    page = administrator.open("/bank/law?kind=Thông+tư")
    assert page.texts("td[@class='lead-cell']/a") == ["22/2025/TT-BNV"]


def test_amendments_are_added_once_and_taken_back(app, build, reader):
    first, second = build.document("1/2025/NĐ-CP"), build.document("2/2025/NĐ-CP", in_force_from=date(2025, 7, 1))
    administrator = reader(build.account(None, Role.ADMINISTRATOR))
    administrator.open(f"/bank/law/{first.id}")
    page = administrator.submit("amended_by", amended_by=str(second.id), note="Điều 3")
    assert "Sửa đổi từ ngày 01/07/2025" in page.text or "01/07/2025" in page.text
    assert "Đã ghi 2/2025/NĐ-CP" in administrator.submit("amended_by", status=422, amended_by=str(second.id)).text
    assert "Sửa đổi: 1/2025/NĐ-CP" in administrator.open(f"/bank/law/{second.id}").text
    page = administrator.open(f"/bank/law/{first.id}")
    with app.app_context():
        amendment = db.session.scalars(select(LegalAmendment)).one()
    administrator.post(f"/bank/law/{second.id}/amendments/{amendment.id}/drop", status=404)
    administrator.post(f"/bank/law/{first.id}/amendments/{amendment.id}/drop")
    with app.app_context():
        assert db.session.scalars(select(LegalAmendment)).all() == []


def test_endings_count_only_what_is_in_reach(app, build):
    o = office(build)
    today = clock.today()
    soon = build.document("5/2001/QH10", in_force_to=today + timedelta(days=60))
    later = build.document("6/2001/QH10", in_force_to=today + timedelta(days=61))
    for one in (soon, later):
        build.question(o.topic, o.justice, document=one)
    build.question(o.land_topic, o.land, document=soon)
    with app.app_context():
        assert [(e.document.symbol, e.questions) for e in law.endings({o.justice.id}, on=today)] == [("5/2001/QH10", 1)]
        assert [e.questions for e in law.endings(None, on=today)] == [2]
