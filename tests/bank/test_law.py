"""The registry of legal documents."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.bank import law
from examapp.bank.models import Citation, LegalDocument, Mark
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from tests.bank.builders import office


@pytest.fixture
def registry(app):
    with app.app_context(), unit_of_work():
        law.load_registry()


def document(app, symbol):
    with app.app_context():
        return db.session.scalars(select(LegalDocument).where(LegalDocument.symbol == symbol)).one()


def test_the_registry_loads_once_and_keeps_what_people_changed(app):
    with app.app_context():
        with unit_of_work():
            assert law.load_registry() > 90
        with unit_of_work() as session:
            session.scalars(select(LegalDocument).where(LegalDocument.symbol == "118/2025/NĐ-CP")).one().title = "Sửa"
        with unit_of_work():
            assert law.load_registry() == 0
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
    page = administrator.submit("title", in_force_from="1/8/2024", in_force_to="", status_checked="y")
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
