"""What a device keeps, in a real Chromium: sealed at rest, sent on by the next person's pages, handed in as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.sittings.deliveries import code_of, read_file, take
from examapp.sittings.models import AnswerEvent, Delivery, DeliveryWay, Sitting, UnsentCode
from tests.chromium import CHROMIUM
from tests.sittings.builders import hall, one_of_each_kind
from tests.sittings.test_browser import (
    change,
    choose,
    enter,
    the_sitting,
    until,
    wait_saved,
)

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]

TYPED = "Công an xã (câu trả lời riêng)"
KINDS = one_of_each_kind()
CHOICE, TEXT = KINDS[0], KINDS[7]
LOGS = (
    "Object.keys(localStorage).filter(key => key.startsWith('thuocdo.sitting.') && !/(flags|place|submit)$/.test(key))"
)


def kept(page) -> str:
    """Everything the browser holds for this site that a page can read."""
    return page.evaluate("JSON.stringify([localStorage, sessionStorage])")


def logs_of(page) -> list[dict[str, Any]]:
    return page.evaluate(f"{LOGS}.map(key => JSON.parse(localStorage.getItem(key)))")


def events(app) -> list[AnswerEvent]:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        return list(session.scalars(select(AnswerEvent).order_by(AnswerEvent.received_ms, AnswerEvent.seq)))


def deliveries(app) -> list[Delivery]:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def offline_at_zero(app, page) -> str:
    """Answers without network until time is over; the code that the page shows."""
    now = clock.to_ms(clock.now())
    change(app, lambda s: s.execute(update(Sitting).values(deadline_ms=now + 5000, late_ms=now + 900_000)))
    page.reload()
    page.context.set_offline(True)
    choose(page, 1, 2)
    page.get_by_role("button", name="Tiếp").click()
    page.locator("#q2 input").fill(TYPED)
    page.locator("#q2 input").blur()
    page.get_by_role("heading", name="Đã hết giờ làm bài").wait_for()
    return page.locator("#ending .receipt-code").inner_text()


def test_the_next_person_at_the_computer_sends_on_what_nobody_there_can_read(app, build, phone):
    place = hall(build, questions=[CHOICE, TEXT])
    one, candidate = place.candidate("Trần Thị Trước")
    other, next_candidate = place.candidate("Lê Văn Sau")
    page = phone(one)
    enter(page, candidate)
    code = offline_at_zero(app, page)
    ref = the_sitting(app).ref
    held = kept(page)
    assert ref in held
    assert "riêng" not in held
    assert "events" not in held
    assert str(the_sitting(app).id) + ".1." not in held, "the token"
    note = UnsentCode(sitting_id=the_sitting(app).id, code=code, by_id=one.id, noted_ms=0)
    change(app, lambda session: session.add(note))

    page.get_by_role("button", name="Người tiếp theo").click()
    page.get_by_text("Chưa có mạng nên chưa đăng xuất được.").wait_for()
    assert TYPED not in page.content()
    assert len(logs_of(page)) == 1
    assert events(app) == []

    page.context.set_offline(False)
    page.get_by_role("heading", name="Đăng nhập").wait_for()
    until(page, lambda: len(events(app)) == 2)
    assert {(e.lease, e.slot, e.response) for e in events(app)} == {(1, 1, "[2]"), (1, 2, f'["{TYPED}"]')}
    until(page, lambda: page.evaluate(f"{LOGS}.length") == 0)
    (delivery,) = deliveries(app)
    assert (delivery.way, delivery.code, delivery.matched, delivery.by_id) == (DeliveryWay.LEFTOVER, code, True, None)

    page.context.add_cookies([c for c in phone(other).context.cookies() if c["name"] == "thuocdo"])
    enter(page, next_candidate)
    expect(page.locator("#q1 input:checked")).to_have_count(0)
    assert TYPED not in page.content()
    assert ref not in kept(page)
    page.go_back()
    assert TYPED not in page.content()


def test_the_receipt_signs_out_in_one_tap_and_leaves_nothing(app, build, phone):
    place = hall(build, questions=[CHOICE])
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, candidate)
    choose(page, 1, 2)
    wait_saved(page)
    assert len(logs_of(page)) == 1
    page.get_by_role("button", name="Xem lại và nộp bài").or_(page.get_by_role("button", name="Tiếp")).first.click()
    page.locator("#confirm").click()
    page.get_by_role("heading", name="Đã nộp bài").wait_for()
    assert logs_of(page) == []
    page.get_by_role("button", name="Người tiếp theo").click()
    page.get_by_role("heading", name="Đăng nhập").wait_for()
    assert "thuocdo.sitting" not in kept(page)
    page.goto("/sittings/")
    page.get_by_role("heading", name="Đăng nhập").wait_for()


def test_who_could_not_sign_out_is_signed_out_by_the_next_page(app, build, phone):
    place = hall(build, questions=[CHOICE])
    account, candidate = place.candidate()
    page = phone(account)
    url = enter(page, candidate)
    page.evaluate("localStorage.setItem('thuocdo.leaving', '1')")
    page.goto(url)
    page.get_by_role("heading", name="Đăng nhập").wait_for()
    assert page.evaluate("localStorage.getItem('thuocdo.leaving')") is None
    page.goto(url)
    page.get_by_role("heading", name="Đăng nhập").wait_for()


def test_a_damaged_log_is_left_alone_and_holds_nothing_up(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    page = phone(account)
    url = enter(page, candidate)
    choose(page, 1, 2)
    wait_saved(page)
    page.evaluate(
        f"""() => {{ const key = {LOGS}[0]; const log = JSON.parse(localStorage.getItem(key));
        log.data = (log.data[0] === 'A' ? 'B' : 'A') + log.data.slice(1);
        localStorage.setItem(key, JSON.stringify(log)); }}"""
    )
    (damaged,) = logs_of(page)
    with page.expect_response("**/sittings/deliver") as answer:
        page.goto(url)
    assert (answer.value.status, answer.value.json()["error"]) == (403, "seal")
    page.get_by_role("button", name="Tiếp").click()
    choose(page, 2, 3)
    wait_saved(page)
    for _ in range(3):
        page.get_by_role("button", name="Tiếp").click()
    page.locator("#confirm").click()
    page.get_by_role("heading", name="Đã nộp bài").wait_for()
    assert logs_of(page) == [damaged]
    assert {(e.slot, e.response) for e in events(app)} == {(1, "[2]"), (2, "[3]"), (0, "[]")}


def test_answers_of_an_earlier_lease_of_this_device_keep_their_lease(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    first, second = phone(account), phone(account, width=1280)
    url = enter(first, candidate)
    first.route("**/sittings/save", lambda route: route.abort())
    first.route("**/sittings/deliver", lambda route: route.abort())
    choose(first, 1, 2)
    first.get_by_text("1 câu chưa gửi", exact=True).wait_for()
    first.goto("about:blank")
    second.goto(url)
    second.get_by_role("button", name="Làm tiếp ở máy này").click()
    second.get_by_role("button", name="Tiếp").click()
    choose(second, 2, 3)
    wait_saved(second)
    first.goto(url)
    first.get_by_role("button", name="Làm tiếp ở máy này").click()
    first.locator("#q1 input").nth(1).wait_for(state="attached")
    expect(first.locator("#q1 input").nth(1)).to_be_checked()
    first.unroute("**/sittings/deliver")
    first.unroute("**/sittings/save")
    wait_saved(first)
    until(first, lambda: len(events(app)) == 2)
    assert {(e.lease, e.slot, e.response) for e in events(app)} == {(1, 1, "[2]"), (2, 2, "[3]")}


def test_the_emergency_file_carries_what_the_code_says(app, build, phone, tmp_path: Path):
    place = hall(build, questions=[CHOICE, TEXT])
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, candidate)
    code = offline_at_zero(app, page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Lưu tệp bài làm khẩn cấp").click()
    sitting = the_sitting(app)
    assert download.value.suggested_filename == f"thuocdo-{sitting.ref[:6]}-{code}.json"
    download.value.save_as(tmp_path / "outbox.json")
    data = (tmp_path / "outbox.json").read_bytes()
    assert TYPED.encode() not in data
    with app.app_context(), unit_of_work() as session:
        ref, told, logs = read_file(data, ref=sitting.ref)
        row = session.get_one(Sitting, sitting.id)
        delivery = take(row, logs, way=DeliveryWay.FILE, by=account, now=clock.now())
        assert (told, code_of(ref, logs), delivery.stored) == (code, code, 2)
    assert {(e.lease, e.slot) for e in events(app)} == {(1, 1), (1, 2)}


def test_a_sealed_log_is_read_again_after_a_crash(app, build, phone):
    place = hall(build, questions=[CHOICE, TEXT])
    account, candidate = place.candidate()
    page = phone(account)
    url = enter(page, candidate)
    page.route("**/sittings/save", lambda route: route.abort())
    page.get_by_role("button", name="Tiếp").click()
    page.locator("#q2 input").fill(TYPED)
    page.locator("#q2 input").blur()
    page.get_by_text("1 câu chưa gửi", exact=True).wait_for()
    (log,) = logs_of(page)
    assert sorted(log) == ["data", "lease", "nonce", "v"]
    page.goto("about:blank")
    page.unroute("**/sittings/save")
    page.goto(url)
    expect(page.locator("#q2 input")).to_have_value(TYPED)
    wait_saved(page)
    assert [(e.slot, json.loads(e.response)) for e in events(app)] == [(2, [TYPED])]
