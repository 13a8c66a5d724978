"""Codes of what was unsent, emergency files, receipts by code, and notes on questions."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select, update
from sqlalchemy.orm import Session

from examapp.accounts.models import Account, Role
from examapp.bank.models import Question
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Forbidden
from examapp.rounds.models import BoardMember, BoardRole, ExamRound, RoundState
from examapp.sittings.codes import codes_of, note_code
from examapp.sittings.deliveries import code_of, open_logs
from examapp.sittings.models import AnswerEvent, Delivery, Sitting, SittingState, UnsentCode
from tests.reader import Page, Reader
from tests.sittings.builders import Hall, hall
from tests.sittings.outboxes import emergency_file, sealed_log

URL = "/invigilation/Q4-2026"
MINUTE = 60_000


def invigilator(place: Hall) -> Account:
    account = place.build.account(None, Role.INVIGILATOR)
    place.build.save(BoardMember(round_id=place.round.id, account_id=account.id, role=BoardRole.INVIGILATOR))
    return account


def outbox(app, sitting: Sitting, *slots: int, sent: tuple[int, ...] = ()) -> tuple[bytes, str]:
    """An emergency file of answers given five minutes before the end, and the code its page showed."""
    at = sitting.deadline_ms - 5 * MINUTE
    log = sealed_log(app, sitting.ref, [[n, n, [n], at + n, int(n in sent)] for n in slots])
    with app.app_context():
        code = code_of(sitting.ref, open_logs(sitting.ref, [log]))
    return emergency_file(sitting.ref, [log], code=code), code


def hand_in(browser: Reader, data: bytes, *, status: int = 200) -> Page:
    browser.open(f"{URL}/file")
    return browser.submit("file", status=status, file=(io.BytesIO(data), "thuocdo-abc.json"))


def facts(page: Page) -> dict[str, str]:
    return dict(zip(page.texts("main//dt"), page.texts("main//dd"), strict=True))


def stored(app, kind: Any = AnswerEvent) -> list[Any]:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        return list(session.scalars(select(kind).order_by(*inspect(kind).primary_key)))


@pytest.mark.parametrize("typed", ["7k2qx m94tb", "7K2QX-M94TB", " 7 k 2 q x – m 9 4 t b ", "7K2QXM94TB"])
def test_a_code_is_noted_as_it_is_heard(app, reader, place, sitting, typed):
    browser = reader(invigilator(place))
    browser.open(f"{URL}/{sitting.candidate_id}")
    browser.open(browser.page.link("Ghi mã chưa gửi"))
    page = browser.submit("code", code=typed)
    assert "Đã ghi mã 7K2QX-M94TB của Bùi Thị An." in page.text
    assert "Chưa có bài nào về" in page.text
    assert browser.submit("code", code=typed.upper())
    assert [row.code for row in stored(app, UnsentCode)] == ["7K2QX-M94TB"]
    assert "7K2QX-M94TB" in browser.open(f"{URL}/{sitting.candidate_id}").text


def test_letters_that_look_like_figures(app, place, sitting):
    with app.app_context(), unit_of_work() as session:
        by = session.get_one(Account, place.organiser().id)
        assert note_code(session.get_one(Sitting, sitting.id), "oil0a-bcdef", by=by, now=clock.now()).code == (
            "0110A-BCDEF"
        )


@pytest.mark.parametrize("typed", ["", "7K2QX", "7K2QX-M94TBX", "7K2QX-M94TU", "7K2QX-M94Tß", "а" * 10, "x" * 60])
def test_what_is_no_code_is_refused(app, reader, place, sitting, typed):
    browser = reader(invigilator(place))
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    page = browser.submit("code", code=typed, status=422)
    assert stored(app, UnsentCode) == []
    (beside,) = page.texts("main//form//*[@id='code-error']")
    assert beside.startswith("Lỗi: ")
    assert page.all("input[@name='code']")[0].get("aria-describedby") == "code-hint code-error"


@pytest.mark.parametrize("typed", ["", " ", "7K2QX", "7K2QX-M94TU", "x" * 60])
def test_a_badly_typed_receipt_code_is_told_beside_its_field(reader, place, sitting, typed):
    browser = reader(place.organiser())
    assert browser.open("/invigilation/receipt").all("*[@id='code-error']") == [], "nothing typed yet"
    page = browser.submit("code", code=typed, status=422)
    (beside,) = page.texts("main//form//*[@id='code-error']")
    assert beside.count("Lỗi: ") == 1
    assert "trên màn hình" not in beside, "a receipt is on paper"
    assert page.all("input[@name='code']")[0].get("aria-describedby") == "code-hint code-error"
    assert "Không có bài nào có mã này" not in page.text


def test_a_code_typed_after_its_outbox_came_says_whether_it_matches(app, reader, place, sitting):
    data, code = outbox(app, sitting, 1, 2)
    browser = reader(invigilator(place))
    hand_in(browser, data)
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    page = browser.submit("code", code="7K2QX-M94TB")
    assert "đã có bài của người này về máy chủ, nhưng không khớp mã này" in page.text
    assert "Bài đã về trước khi ghi mã, không khớp mã" in page.texts("main//li")[0]
    page = browser.submit("code", code=code)
    assert "Bài của mã này đã về máy chủ và khớp mã." in page.text
    assert "Bài đã về, khớp mã" in page.texts("main//li")[1]
    assert "1 người có mã chưa gửi mà bài chưa về: Bùi Thị An" in browser.open(URL).text, (
        "of the code that matches none"
    )


def test_who_may_note_a_code(app, build, reader, place):
    other = hall(build, code="Q3-2026")
    account, candidate = place.candidate("Lê Văn Mẫu")
    row = place.sitting(candidate)
    browser = reader(place.organiser())
    browser.post(f"/invigilation/{other.round.code}/{candidate.id}/code", code="7K2QX-M94TB", status=404)
    with app.app_context(), unit_of_work() as session:
        own, sat = session.get_one(Account, account.id), session.get_one(Sitting, row.id)
        with pytest.raises(Forbidden):
            note_code(sat, "7K2QX-M94TB", by=own, now=clock.now())
    with app.app_context(), unit_of_work() as session:
        session.get_one(Sitting, row.id).state = SittingState.STOPPED
    somebody = build.account(None)
    with app.app_context(), unit_of_work() as session:
        by, sat = session.get_one(Account, somebody.id), session.get_one(Sitting, row.id)
        with pytest.raises(Conflict):
            note_code(sat, "7K2QX-M94TB", by=by, now=clock.now())
    assert stored(app, UnsentCode) == []


def test_the_board_names_whose_outbox_has_not_come(app, reader, place, sitting):
    data, code = outbox(app, sitting, 1, 2)
    browser = reader(invigilator(place))
    assert "có mã chưa gửi" not in browser.open(URL).text
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    browser.submit("code", code=code)
    page = browser.open(URL)
    assert "1 người có mã chưa gửi mà bài chưa về: Bùi Thị An" in page.text
    hand_in(browser, data)
    assert "có mã chưa gửi" not in browser.open(URL).text


def test_a_file_with_the_noted_code(app, reader, place, sitting):
    data, code = outbox(app, sitting, 1, 2, 3)
    browser = reader(invigilator(place))
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    browser.submit("code", code=code.lower().replace("-", " "))
    page = hand_in(browser, data)
    assert f"Mã {code} khớp mã giám thị đã ghi" in page.text
    told = facts(page)
    assert (told["Lượt trả lời nhận được"], told["Trong đó mới"], told["Mã của phần chưa gửi"]) == ("3", "3", code)
    assert (told["Lượt trả lời được tính"], told["Chờ hội đồng quyết định"]) == ("0", "3")
    assert "đã chốt, không mở nữa" in page.text
    assert "hãy báo chủ tịch hội đồng mở “Bài đến muộn của người này”" in page.text
    page = browser.open(page.link("Bài đến muộn của người này"))
    assert page.text.count(f"khớp mã {code}") == 3
    assert page.text.count("bằng tệp") == 3


def test_the_same_file_twice_brings_nothing_new(app, reader, place, sitting):
    data, _code = outbox(app, sitting, 1, 2)
    browser = reader(invigilator(place))
    hand_in(browser, data)
    page = hand_in(browser, data)
    assert "Tệp này đã được nhận từ trước; không có gì mới." in page.text
    assert (len(stored(app)), len(stored(app, Delivery))) == (2, 1)


def test_a_file_of_a_running_exam_just_counts(app, reader, place):
    sitting = place.sitting(place.candidate("Lê Văn Mẫu")[1])
    at = sitting.started_ms + MINUTE
    log = sealed_log(app, sitting.ref, [[1, 1, [1], at, 0], [2, 2, [2], at, 0], [3, 2, [1], at + 1, 0]])
    page = hand_in(reader(invigilator(place)), emergency_file(sitting.ref, [log]))
    told = facts(page)
    assert (told["Lượt trả lời được tính"], told["Chờ hội đồng quyết định"]) == ("3", "0")
    assert told["Số câu của các lượt này"] == "2", "one was changed"
    assert "chưa nộp và vẫn đang mở" in page.text
    assert "Nhận bài ở đây không phải là nộp" in page.text
    assert "Không phải làm gì thêm với bài vừa nhận." in page.text


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"late_ms": 4102444800000}, "chưa nộp, chưa chốt. Hệ thống tự chốt sau 01/01/2100 07:00"),
        ({"state": SittingState.SUBMITTED, "submitted_ms": 1767225600000}, "đã nộp lúc 01/01/2026 07:00, không mở nữa"),
    ],
)
def test_a_file_says_whether_the_exam_is_open(app, reader, place, state, told):
    sitting = place.sitting(place.candidate("Lê Văn Mẫu")[1], ago=120, **state)
    log = sealed_log(app, sitting.ref, [[1, 1, [1], sitting.started_ms + MINUTE, 0]])
    assert told in hand_in(reader(invigilator(place)), emergency_file(sitting.ref, [log])).text


def test_another_code_than_the_noted_one_is_said(app, reader, place, sitting):
    data, code = outbox(app, sitting, 1)
    browser = reader(invigilator(place))
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    browser.submit("code", code="7K2QX-M94TB")
    page = hand_in(browser, data)
    assert f"Mã của bài nhận được là {code}, khác mã giám thị đã ghi (7K2QX-M94TB)." in page.text
    with app.app_context():
        (noted,) = codes_of(db.session.get_one(Sitting, sitting.id))
    assert (noted.has_arrived, noted.has_other, noted.is_missing) == (False, True, False)


def broken(data: bytes, what: str) -> bytes:
    content = json.loads(data)
    log = content["logs"][0]
    match what:
        case "a letter of the seal":
            log["data"] = ("A" if log["data"][0] != "A" else "B") + log["data"][1:]
        case "another sitting":
            content["ref"] = content["ref"][::-1]
        case "another lease":
            log["lease"] = 2
        case "another format":
            content["format"] = "khác"
        case "no file of ours":
            return b"%PDF-1.7"
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("a letter of the seal", "Nội dung tệp không khớp dấu niêm phong"),
        ("another sitting", "Nội dung tệp không khớp dấu niêm phong"),
        ("another lease", "Nội dung tệp không khớp dấu niêm phong"),
        ("another format", "Tệp này không phải tệp bài làm khẩn cấp"),
        ("no file of ours", "Tệp này không đọc được"),
    ],
)
def test_a_tampered_file_is_refused_whole(app, reader, place, sitting, what, said):
    data, _code = outbox(app, sitting, 1, 2)
    page = hand_in(reader(invigilator(place)), broken(data, what), status=422)
    assert said in page.text
    assert stored(app) == stored(app, Delivery) == []


def test_a_file_of_another_round(app, build, reader, place, sitting):
    elsewhere = hall(build, code="Q3-2026", starts_at=clock.now() - timedelta(hours=3))
    other = elsewhere.sitting(elsewhere.candidate("Lê Văn Mẫu")[1], ago=120)
    data, _code = outbox(app, other, 1)
    page = hand_in(reader(invigilator(place)), data, status=422)
    assert f"Bài này không thuộc “{place.round.name}”." in page.text
    assert stored(app) == []
    assert "Chưa chọn tệp." in reader(invigilator(place)).post(f"{URL}/file", status=422).text


def test_a_delivery_of_another_round_is_not_shown(app, build, reader, place, sitting):
    data, _code = outbox(app, sitting, 1)
    browser = reader(place.organiser())
    page = hand_in(browser, data)
    hall(build, code="Q3-2026")
    browser.open(page.url.replace("Q4-2026", "Q3-2026").split("localhost")[-1], status=404)


def test_a_receipt_is_found_by_its_code(build, reader, place, sitting):
    browser = reader(invigilator(place))
    browser.open(URL)
    browser.open(browser.page.link("Kiểm tra mã biên nhận"))
    page = browser.submit("code", code=sitting.receipt.lower().replace("-", ""))
    assert "Bùi Thị An" in page.text
    assert "Khớp: tính lại" in page.text
    assert "Không có bài nào có mã này" in browser.submit("code", code="7K2QX-M94TB").text
    assert "Mã gồm 10 chữ và số" in browser.submit("code", code="abc", status=422).text


def test_receipts_of_rounds_one_does_not_watch_are_not_found(build, reader, place, sitting):
    hall(build, code="Q3-2026")
    account = build.account(None, Role.INVIGILATOR)
    with build.app.app_context():
        other = db.session.scalars(select(ExamRound.id).where(ExamRound.code == "Q3-2026")).one()
    build.save(BoardMember(round_id=other, account_id=account.id, role=BoardRole.INVIGILATOR))
    page = reader(account).open(f"/invigilation/receipt?code={sitting.receipt}")
    assert "Không có bài nào có mã này" in page.text
    assert "Bùi Thị An" not in page.text


def note(place: Hall, sitting: Sitting, slot: int, text: str, *, seq: int) -> None:
    at = sitting.started_ms + seq * 1000
    place.build.save(
        AnswerEvent(
            sitting_id=sitting.id, writer="writer-note", seq=seq, lease=1, slot=-slot,
            response=json.dumps([text], ensure_ascii=False), answered_ms=at, received_ms=at,
        )
    )  # fmt: skip


def test_notes_are_only_counted_until_the_round_is_closed(app, build, reader, place, sitting):
    other = place.sitting(place.candidate("Lê Văn Mẫu")[1], ago=100)
    note(place, sitting, 2, "Hai phương án giống nhau", seq=1)
    note(place, other, 2, "B và C như nhau", seq=1)
    note(place, other, 3, "Văn bản đã hết hiệu lực", seq=2)
    organiser = reader(place.organiser())
    page = organiser.open(f"{URL}/notes")
    assert "3 ý kiến, về 2 câu hỏi." in page.text
    assert "giống nhau" not in page.html
    with app.app_context(), unit_of_work() as session:
        session.execute(update(ExamRound).values(state=RoundState.CLOSED, closed_at=clock.now()))
    page = organiser.open(f"{URL}/notes")
    assert "Hai phương án giống nhau" in page.text
    assert "Câu 3 trên đề của số báo danh" in page.text
    with app.app_context():
        code = db.session.scalars(
            select(Question.code).where(Question.current_id == place.layout.slots[1].question_id)
        ).one()
    assert page.texts("section//h2")[0] == code, "as the results of the round name it"
    assert page.texts("section//p")[0] == "Chuyên đề mẫu, 2 ý kiến"
    assert code not in page.texts("main//a"), "no link without a grant for the bank"
    chair = build.account(None, Role.INVIGILATOR)
    build.save(BoardMember(round_id=place.round.id, account_id=chair.id, role=BoardRole.CHAIR))
    page = reader(chair).open(f"{URL}/notes")
    assert "Hai phương án giống nhau" in page.text
    assert page.texts("section//h2")[0] == "Câu hỏi thứ 1 trong danh sách này", "who reads neither bank nor results"
    assert "Chuyên đề mẫu" not in page.text
    watching = reader(invigilator(place)).open(f"{URL}/notes")
    assert "3 ý kiến" in watching.text
    assert "giống nhau" not in watching.html


def test_question_codes_are_for_those_who_read_the_bank(app, build, reader, place, sitting):
    note(place, sitting, 1, "Câu mơ hồ", seq=1)
    with app.app_context(), unit_of_work() as session:
        session.execute(update(ExamRound).values(state=RoundState.CLOSED, closed_at=clock.now()))
        code = session.scalars(
            select(Question.code).where(Question.current_id == place.layout.slots[0].question_id)
        ).one()
    account = build.account(None, Role.ORGANISER, Role.EXAMINER)
    page = reader(account).open(f"{URL}/notes")
    assert page.texts("section//h2") == [code]
    assert "Chuyên đề mẫu, 1 ý kiến" in page.texts("section//p")
    assert page.link(code).endswith(f"/questions/{code}")
