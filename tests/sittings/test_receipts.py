"""What a receipt stands for can be checked, and whatever was changed in the database is found."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.core import db as database
from examapp.core.db import db, unit_of_work
from examapp.rounds.models import Candidate
from examapp.sittings.late import decide
from examapp.sittings.models import AnswerEvent, Sitting
from examapp.sittings.receipts import verify
from examapp.sittings.settle import counting_records, read_record, settle_due, short_code
from question_bank.question import canonical_json, digest
from tests.sittings.builders import Hall, hall

MINUTE = 60_000


@pytest.fixture
def place(build) -> Hall:
    return hall(build, starts_at=clock.now() - timedelta(hours=3))


def answer(place: Hall, sitting: Sitting, slot: int, *, came: int = 0, seq: int = 0, response: str = "") -> None:
    at = sitting.started_ms + slot * MINUTE
    place.build.save(
        AnswerEvent(
            sitting_id=sitting.id, writer="writer-0001", seq=seq or slot, lease=1, slot=slot,
            response=response or f"[{slot}]", answered_ms=at, received_ms=came or at,
        )
    )  # fmt: skip


@pytest.fixture
def sitting(app, place) -> Sitting:
    """Settled with answers to 1 and 2; an answer to 3 came an hour later and was accepted by the council."""
    row = place.sitting(place.candidate("Bùi Thị An")[1], ago=150)
    answer(place, row, 1)
    answer(place, row, 2)
    with app.app_context(), unit_of_work():
        settle_due(clock.now())
    answer(place, row, 3, came=row.late_ms + 60 * MINUTE)
    with app.app_context(), unit_of_work() as session:
        by = session.get_one(Account, place.organiser().id)
        decide(
            session.get_one(Sitting, row.id),
            [("writer-0001", 3)],
            accepted=True,
            reason="Mất điện (mẫu)",
            by=by,
            now=clock.now(),
        )
    return row


def problems(app, sitting: Sitting) -> list[str]:
    with app.app_context():
        return verify(db.session.get_one(Sitting, sitting.id))


def change(app, sql: str, **values: object) -> None:
    with app.app_context(), database.writing(), db.engine.begin() as connection:
        connection.execute(text(sql), values)


def test_what_nobody_touched_holds(app, sitting):
    assert problems(app, sitting) == []


def test_the_record_names_what_had_been_seen(app, sitting):
    with app.app_context():
        row = db.session.get_one(Sitting, sitting.id)
        assert read_record(row)["seen"] == [["writer-0001", 1], ["writer-0001", 2]]
        newest = counting_records([row])[row.id]
    assert newest["seen"] == [["writer-0001", n] for n in (1, 2, 3)]
    assert [slot for slot, _response in newest["responses"]] == [1, 2, 3]


def test_what_comes_after_settlement_leaves_the_receipt_as_it_is(app, place, sitting):
    answer(place, sitting, 4, seq=9, came=sitting.late_ms + 70 * MINUTE)
    answer(place, sitting, 1, seq=10, came=sitting.late_ms + 70 * MINUTE, response="[4]")
    assert problems(app, sitting) == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE answer_events SET response = '[4]' WHERE seq = 1", "Tính lại từ các lượt trả lời đang lưu"),
        ("UPDATE answer_events SET slot = 4 WHERE seq = 2", "Tính lại từ các lượt trả lời đang lưu"),
        ("UPDATE answer_events SET received_ms = received_ms + 90000000 WHERE seq = 2", "Tính lại từ các lượt"),
        ("UPDATE answer_events SET answered_ms = answered_ms - 1000 WHERE seq = 2", "Tính lại từ các lượt trả lời"),
        ("DELETE FROM answer_events WHERE seq = 2", "Thiếu 1 lượt trả lời mà biên nhận đã tính đến."),
        ("UPDATE sittings SET started_ms = started_ms - 1000", "Tính lại từ các lượt trả lời đang lưu"),
        ("UPDATE sittings SET deadline_ms = started_ms + 90000", "Tính lại từ các lượt trả lời đang lưu"),
        ("UPDATE sittings SET receipt = '7K2QX-M94TB'", "Mã của biên nhận không khớp bản chốt."),
        ("UPDATE sittings SET digest = 'x'", "Bản chốt của biên nhận không khớp dấu nội dung đã ghi."),
        ("UPDATE sitting_addenda SET receipt = '7K2QX-M94TB'", "Mã của phụ lục số 1 không khớp bản chốt."),
        ("DELETE FROM sitting_addenda", "Các quyết định của hội đồng đang lưu khác với phụ lục mới nhất."),
        ("UPDATE event_decisions SET accepted = (1 = 0)", "Các quyết định của hội đồng đang lưu khác"),
        ("DELETE FROM event_decisions", "Các quyết định của hội đồng đang lưu khác"),
        ("UPDATE papers SET layout = layout || layout", "Đề thi không còn khớp dấu niêm phong."),
    ],
)
def test_what_was_changed_is_found(app, sitting, sql, said):
    change(app, sql)
    assert any(said in problem for problem in problems(app, sitting)), problems(app, sitting)


def test_a_record_made_up_whole_is_found(app, sitting):
    """Whoever writes a record with its digest and its code still has the events against them."""
    with app.app_context():
        record = read_record(db.session.get_one(Sitting, sitting.id))
    record["responses"][0][1] = [4]
    made = canonical_json(record)
    change(
        app,
        "UPDATE sittings SET record = :record, digest = :digest, receipt = :receipt",
        record=made,
        digest=digest(made),
        receipt=short_code(made),
    )
    assert problems(app, sitting) == [
        "Tính lại từ các lượt trả lời đang lưu cho kết quả khác với biên nhận: có lượt trả lời hoặc mốc giờ đã bị "
        "thay đổi."
    ]


def test_a_record_that_cannot_be_read(app, sitting):
    change(app, "UPDATE sittings SET record = :record", record=b"\xff{")
    assert "Bản chốt của biên nhận không đọc được." in problems(app, sitting)


def test_records_from_before_name_no_events_and_hold_all_the_same(app, place, sitting):
    with app.app_context():
        record = read_record(db.session.get_one(Sitting, sitting.id))
        del record["seen"]
        settled = clock.to_ms(db.session.get_one(Sitting, sitting.id).settled_at)
    made = canonical_json(record)
    change(
        app,
        "UPDATE sittings SET record = :record, digest = :digest, receipt = :receipt",
        record=made,
        digest=digest(made),
        receipt=short_code(made),
    )
    change(app, "UPDATE answer_events SET received_ms = :later WHERE seq = 3", later=settled + MINUTE)
    assert [one for one in problems(app, sitting) if "biên nhận" in one] == []
    change(app, "UPDATE answer_events SET response = '[4]' WHERE seq = 1")
    assert [one for one in problems(app, sitting) if "biên nhận" in one] != []


def test_the_candidate_checks_the_own_receipt(app, build, reader, place):
    account, candidate = place.candidate("Lê Văn Mẫu")
    row = place.sitting(candidate, ago=150)
    answer(place, row, 1)
    with app.app_context(), unit_of_work():
        settle_due(clock.now())
    browser = reader(account)
    page = browser.open(f"/sittings/{row.ref}/receipt")
    page = browser.open(page.link("Kiểm tra mã biên nhận"))
    assert "Khớp. Hệ thống vừa tính lại mã" in page.text
    assert "Số câu trả lời được tính: 1." in page.text
    change(app, "UPDATE answer_events SET response = '[4]'")
    assert "Không khớp." in browser.open(page.url).text
    reader(place.candidate("Phạm Thị Khác")[0]).open(f"/sittings/{row.ref}/verify", status=404)


def test_the_candidate_reads_what_the_council_decided(app, reader, place, sitting):
    official_id = place.build.get(Candidate, sitting.candidate_id).official_id
    with app.app_context():
        account = db.session.scalars(select(Account.id).where(Account.official_id == official_id)).one()
    page = reader(account).open(f"/sittings/{sitting.ref}/verify")
    assert "Mất điện (mẫu)" in page.text
    assert "Số câu trả lời được tính: 3." in page.text


def test_before_settlement_there_is_nothing_to_check(app, reader, place):
    account, candidate = place.candidate("Lê Văn Mẫu")
    row = place.sitting(candidate)
    assert problems(app, row) == ["Lượt làm bài này chưa chốt nên chưa có gì để kiểm tra."]
    page = reader(account).open(f"/sittings/{row.ref}/verify", follow=False, status=303)
    assert page.response.location.endswith(f"/sittings/{row.ref}/receipt")


def test_the_command_says_what_is_wrong_and_fails(app, place, sitting):
    def run(*arguments: str):
        return app.test_cli_runner().invoke(args=["sittings", "verify", *arguments])

    good = run("--round", place.round.code)
    assert (good.exit_code, good.output) == (0, "Đã kiểm tra 1 bài, 0 bài không khớp.\n")
    change(app, "DELETE FROM answer_events WHERE seq = 2")
    bad = run()
    assert bad.exit_code == 1
    assert "Q4-2026" in bad.output
    assert "Thiếu 1 lượt trả lời" in bad.output
    assert bad.output.endswith("Đã kiểm tra 1 bài, 1 bài không khớp.\n")
    assert run("--round", "khong-co").exit_code == 2


def test_seen_is_read_back_as_it_was_written(app, sitting):
    with app.app_context():
        row = db.session.get_one(Sitting, sitting.id)
        assert canonical_json(json.loads(row.record)) == row.record
