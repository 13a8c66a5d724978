"""The tree of topics: what it holds, and its keeping."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.bank import topics
from examapp.bank.models import BankKind, QuestionState, Strand, Topic
from examapp.core.db import db
from tests.bank.builders import office


@pytest.fixture
def o(build):
    return office(build)


@pytest.fixture
def keeper(reader, build):
    return reader(build.account(None, Role.BANK_MANAGER))


def stored(app, code):
    with app.app_context():
        found = db.session.scalars(select(Topic).where(Topic.code == code)).one()
        return found.name, found.strand, found.parent_id, found.position_id


def test_the_tree_counts_what_stands_below(app, build, o):
    child = build.topic("tp_con", "Bản sao", parent_id=o.topic.id, position_id=o.justice.id)
    build.question(o.topic, o.justice)
    build.question(child, o.justice, state=QuestionState.DRAFT)
    build.question(child, o.justice, state=QuestionState.RETIRED)
    build.question(child, o.justice, bank=BankKind.PRACTICE)
    with app.app_context():
        found = [
            (node.topic.code, node.depth, node.exam, node.approved, node.practice, node.matrices)
            for node in topics.tree()[Strand.PROFESSIONAL]
        ]
    assert found == [
        ("tp_chung_thuc", 0, 2, 1, 1, 0),
        ("tp_con", 1, 1, 0, 1, 0),
        ("dd_quan_ly", 0, 0, 0, 0, 0),
    ]


def test_adding_under_a_topic_takes_its_strand_and_position(app, keeper, o):
    keeper.open("/bank/topics/new")
    page = keeper.submit("name", name="Chứng thực chữ ký", parent=str(o.topic.id), position="")
    assert "Đã thêm chuyên đề “Chứng thực chữ ký”" in page.text
    assert "– Chứng thực chữ ký" in page.text
    assert stored(app, "chung_thuc_chu_ky") == ("Chứng thực chữ ký", Strand.PROFESSIONAL, o.topic.id, o.justice.id)
    keeper.open("/bank/topics/new")
    page = keeper.submit("name", name="chứng thực CHỮ KÝ", parent=str(o.topic.id), status=422)
    assert "Đã có chuyên đề tên này ở cùng chỗ" in page.text
    keeper.submit("name", name="Chứng thực chữ ký", parent="strand-ky_nang", position="")
    assert stored(app, "chung_thuc_chu_ky_2")[1:] == (Strand.SKILL, None, None)


def test_moving_takes_the_branch_along(app, build, keeper, o):
    child = build.topic("con", "Con", parent_id=o.topic.id, position_id=o.justice.id)
    build.topic("chau", "Cháu", parent_id=child.id, position_id=o.justice.id)
    page = keeper.open(f"/bank/topics/{child.id}")
    offered = page.texts("select[@id='parent']/option")
    assert not {"– – Con", "– – – Cháu"} & set(offered)
    keeper.submit("name", name="Con", parent=f"{o.land_topic.id}", position="")
    assert stored(app, "con")[1:] == (Strand.PROFESSIONAL, o.land_topic.id, o.land.id)
    assert stored(app, "chau")[3] == o.land.id
    keeper.open(f"/bank/topics/{child.id}")
    keeper.submit("name", name="Con đổi tên", parent="strand-chinh_sach", position="")
    assert stored(app, "con") == ("Con đổi tên", Strand.POLICY, None, None)
    assert stored(app, "chau")[1:] == (Strand.POLICY, child.id, o.land.id)
    with app.app_context():
        told = select(AuditEvent.action).where(AuditEvent.target == "topic").order_by(AuditEvent.id)
        acts = list(db.session.scalars(told))
    assert acts == ["topic.moved", "topic.attached", "topic.renamed", "topic.moved", "topic.attached"]


def test_no_topic_stands_below_itself(app, build, keeper, o):
    child = build.topic("con", "Con", parent_id=o.topic.id)
    keeper.post(f"/bank/topics/{o.topic.id}", status=422, name="x", parent=str(child.id), position="")
    assert stored(app, "tp_chung_thuc")[0] == "Chứng thực"


def test_only_what_nothing_uses_is_deleted(app, build, keeper, o):
    free = build.topic("bo", "Bỏ được")
    parent = build.topic("cha", "Có con")
    build.topic("con", "Con", parent_id=parent.id)
    build.question(o.topic, o.justice, state=QuestionState.RETIRED)
    for used in (parent, o.topic):
        page = keeper.open(f"/bank/topics/{used.id}")
        assert "nên không xóa được" in page.text
        page = keeper.post(f"/bank/topics/{used.id}/delete")
        assert f"Chuyên đề “{used.name}” đang được dùng" in page.text
    keeper.open(f"/bank/topics/{free.id}")
    assert "Đã xóa chuyên đề “Bỏ được”" in keeper.submit("delete").text
    keeper.open(f"/bank/topics/{free.id}", status=404)


def test_the_tree_is_kept_by_who_is_over_the_whole_area(build, reader, o):
    province = build.unit("Tỉnh Mẫu")
    commune = build.unit("Xã Một (mẫu)", parent=province)
    browser = reader(build.account(None, Role.BANK_MANAGER, unit=commune))
    page = browser.open("/bank/topics")
    assert "chỉ người phụ trách ngân hàng cấp cao nhất sửa được" in page.text
    assert "Thêm chuyên đề" not in page.text
    browser.post("/bank/topics/new", status=403, name="x", parent="strand-ky_nang", position="")
    assert "Thêm chuyên đề" in reader(build.account(None, Role.BANK_MANAGER, unit=province)).open("/bank/topics").text
    reader(o.examiner).open("/bank/topics", status=404)


def test_the_page_takes_a_fixed_number_of_statements(build, keeper, o, count_statements):
    for number in range(5):
        build.question(build.topic(name=f"Chuyên đề {number}", position_id=o.justice.id), o.justice)
    with count_statements() as statements:
        page = keeper.open(f"/bank/topics?position={o.justice.id}")
    assert len(statements) <= 12
    assert "Chuyên đề 4" in page.text
    assert "Quản lý đất đai" not in page.texts("main")[0].split("Chuyên môn", 1)[1]
