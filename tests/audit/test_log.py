"""The log: what is written, who reads it, how it is found."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from examapp.accounts.models import Role
from examapp.audit.labels import ACTIONS, VALUES
from examapp.audit.models import AuditEvent
from examapp.audit.services import record
from examapp.core import clock
from examapp.core.db import db, unit_of_work

NEW_YEAR = datetime(2025, 12, 31, 17, 0, tzinfo=UTC)
"""Midnight in Vietnam between the years."""


def event(build, action="account.created", **columns):
    columns.setdefault("target", "account")
    return build.save(AuditEvent(action=action, **columns))


@pytest.fixture
def inspector(build):
    return build.account(None, Role.INSPECTOR)


def acts(page):
    return page.texts("td[@class='lead-cell']")


def test_newest_first_with_words_for_act_target_and_actor(build, reader, inspector):
    actor = build.account(None, display_name="Trần Thị Mẫu", login="tran01")
    event(build, "round.sealed", target="round", target_id="KT-2026-04", at=NEW_YEAR)
    event(build, "something.new", target="gadget", target_id="7", actor_id=actor.id, at=NEW_YEAR.replace(hour=18))
    page = reader(inspector).open("/audit/")
    assert acts(page) == ["something.new", "Niêm phong đề"]
    assert page.texts("td") == [
        "01/01/2026 01:00", "something.new", "gadget 7", "Trần Thị Mẫutran01", "–",
        "01/01/2026 00:00", "Niêm phong đề", "Đợt KT-2026-04", "Hệ thống", "–",
    ]  # fmt: skip


def test_details_are_a_readable_table(build, reader, inspector, app):
    with app.app_context(), unit_of_work():
        record(
            "account.role_given",
            "account",
            5,
            role="focal_person",
            valid_from=date(2026, 2, 5),
            expires_at=datetime(2026, 2, 5, 1, 30, tzinfo=UTC),
            unit=None,
            begun=True,
            units=["xa1", "xa2"],
            strange="giữ nguyên",
        )
    page = reader(inspector).open("/audit/")
    facts = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
    assert facts == {
        "Vai trò": "Đầu mối đơn vị",
        "Từ ngày": "05/02/2026",
        "Hết hạn": "05/02/2026 08:30",
        "Đơn vị": facts["Đơn vị"],
        "Đã có hiệu lực": "có",
        "strange": "giữ nguyên",
    }
    assert {"xa1, xa2", "–"} <= set(page.texts("dd"))


def test_the_log_is_narrowed_by_act_target_actor_and_day(build, reader, inspector):
    actor = build.account(None, display_name="Đặng Thị Hường", login="huong01")
    event(build, "question.held", target="question", target_id="CH-0000001", at=NEW_YEAR.replace(hour=16))
    event(build, "question.released", target="question", target_id="CH-0000001", actor_id=actor.id, at=NEW_YEAR)
    event(build, "round.closed", target="round", target_id="K1", actor_id=actor.id, at=NEW_YEAR.replace(hour=18))
    browser = reader(inspector)
    for query, expected in (
        ("action=question.held", ["Tạm giữ câu hỏi"]),
        ("target=round", ["Kết thúc đợt"]),
        ("target=question&id=CH-0000001", ["Thôi tạm giữ câu hỏi", "Tạm giữ câu hỏi"]),
        ("q=dang+thi", ["Kết thúc đợt", "Thôi tạm giữ câu hỏi"]),
        ("q=huong01&target=question", ["Thôi tạm giữ câu hỏi"]),
        ("until=31/12/2025", ["Tạm giữ câu hỏi"]),
        ("since=1/1/2026", ["Kết thúc đợt", "Thôi tạm giữ câu hỏi"]),
        ("since=1/1/2026&until=01-01-2026&action=round.closed", ["Kết thúc đợt"]),
        ("q=khong-co-ai", []),
    ):
        assert acts(browser.open(f"/audit/?{query}")) == expected, query
    assert "Không có việc nào như vậy" in browser.page.text
    page = browser.open("/audit/?since=32/13/2026")
    assert "Không đọc được ngày trong bộ lọc" in page.text
    assert len(acts(page)) == 3


def test_filters_stay_when_pages_are_turned(build, reader, inspector):
    build.save(*[AuditEvent(action="round.closed", target="round", target_id=str(n), at=NEW_YEAR) for n in range(60)])
    event(build, "round.opened", target="round", at=NEW_YEAR)
    browser = reader(inspector)
    page = browser.open("/audit/?action=round.closed")
    assert page.texts("td")[2] == "Đợt 59"
    page = browser.open(page.link("Tiếp"))
    assert "Trang 2 trên 2" in page.text
    assert len(acts(page)) == 10
    assert set(acts(page)) == {"Kết thúc đợt"}


def test_a_page_of_the_log_costs_few_queries(build, reader, inspector, app):
    from sqlalchemy import event as listening

    for _ in range(8):
        actor = build.account(None)
        event(build, actor_id=actor.id)
    with app.app_context():
        engine = db.engine
    browser, counted = reader(inspector), []
    listener = lambda *args: counted.append(args[2])  # noqa: E731
    listening.listen(engine, "before_cursor_execute", listener)
    browser.open("/audit/")
    listening.remove(engine, "before_cursor_execute", listener)
    assert len([statement for statement in counted if "audit_events" in statement]) == 2


def test_only_those_with_a_role_over_everything_read_it(build, reader):
    unit = build.unit()
    reader(build.account(None, Role.ADMINISTRATOR)).open("/audit/")
    reader(build.account(None, Role.ORGANISER)).open("/audit/", status=404)
    page = reader(build.account(None, Role.INSPECTOR, unit=unit)).open("/audit/", status=403)
    assert "Nhật ký chung chỉ dành cho người có vai trò trên toàn hệ thống." in page.text


def test_an_act_and_its_note_stand_or_fall_together(build, app):
    def fail():
        with unit_of_work():
            record("round.closed", "round", "K1")
            raise RuntimeError

    with app.app_context():
        with pytest.raises(RuntimeError):
            fail()
        assert db.session.query(AuditEvent).count() == 0


def test_the_note_names_who_is_signed_in(build, reader, app):
    account = build.account(None, Role.ADMINISTRATOR)
    other = build.account(None)
    reader(account).post(f"/account/all/{other.id}/block", blocked="1")
    with app.app_context():
        row = db.session.query(AuditEvent).one()
        assert (row.actor_id, row.actor.login, row.at <= clock.now()) == (account.id, account.login, True)


def test_the_database_refuses_a_note_by_nobody_known(build):
    with pytest.raises(IntegrityError):
        event(build, actor_id=999999)


def test_every_recorded_act_of_the_house_has_words():
    """An act without words is shown as its code: allowed for a while, never for the acts written in full here."""
    import re
    from pathlib import Path

    import examapp

    written = set()
    for path in Path(examapp.__file__).parent.rglob("*.py"):
        written |= set(re.findall(r'\brecord\(\s*"([a-z_]+\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    assert written - set(ACTIONS) == set()
    assert VALUES["role", "examiner"] == "Người ra câu hỏi"
