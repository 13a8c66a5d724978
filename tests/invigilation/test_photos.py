"""Photos of an exam page's QR codes: in parts, in any order, of two people, changed, and whatever else is uploaded."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from examapp.audit.models import AuditEvent
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.files import File
from examapp.sittings import parts
from examapp.sittings.models import AnswerEvent, Delivery, DeliveryWay, Sitting
from examapp.sittings.settle import settle_due
from tests.invigilation.test_codes import URL, broken, facts, hand_in, invigilator, outbox, stored
from tests.reader import Page, Reader
from tests.sittings.builders import Hall, hall
from tests.sittings.codes import cut, encoded, photo, squeezed, uploads

ROOM = 90
"""Bytes in a part, so that a short outbox needs several."""


@pytest.fixture
def sitting(app, place) -> Sitting:
    return over(app, place, "Bùi Thị An")


@pytest.fixture
def browser(reader, place) -> Reader:
    opened = reader(invigilator(place))
    opened.open(f"{URL}/file")
    return opened


def over(app, place: Hall, name: str) -> Sitting:
    """Over for an hour and settled; nothing had come."""
    row = place.sitting(place.candidate(name)[1], ago=120)
    with app.app_context(), unit_of_work():
        settle_due(clock.now())
    return place.build.get(Sitting, row.id)


def send(browser: Reader, *photos: bytes, status: int = 422, field: str = "photos") -> Page:
    return browser.submit("photos", status=status, **{field: uploads(photos)})


def test_codes_come_in_parts_and_in_any_order(app, browser, place, sitting):
    data, code = outbox(app, sitting, 1, 2, 3)
    first, second, third, fourth, fifth, *others = cut(code, data, ROOM)
    assert others == []
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    browser.submit("code", code=code)
    browser.open(f"{URL}/file")
    page = send(browser, photo(fifth, first, form="JPEG"), photo(third), photo(third))
    assert f"Bài {code}: thiếu mã 2 và 4 trong 5; hãy chụp thêm." in page.text
    assert stored(app) == stored(app, Delivery) == []
    page = send(browser, photo(second), field="camera")
    assert f"Bài {code}: thiếu mã 4 trong 5; hãy chụp thêm." in page.text
    page = send(browser, photo(fourth), status=200)
    assert page.heading == "Đã nhận bài làm khẩn cấp"
    assert f"Mã {code} khớp mã giám thị đã ghi" in page.text
    told = facts(page)
    assert (told["Cách nhận"], told["Lượt trả lời nhận được"], told["Trong đó mới"]) == ("bằng mã QR", "3", "3")
    assert (told["Lượt trả lời được tính"], told["Chờ hội đồng quyết định"]) == ("0", "3")
    (delivery,) = stored(app, Delivery)
    assert (delivery.way, delivery.code, delivery.matched) == (DeliveryWay.QR, code, True)
    page = browser.open(page.link("Bài đến muộn của người này"))
    assert page.text.count("bằng mã QR") == page.text.count(f"khớp mã {code}") == 3
    assert stored(app, File) == [], "no photo is kept"
    with app.app_context(), Session(db.engine) as session:
        acts = session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("sitting.%_taken"))).all()
    assert acts == ["sitting.codes_taken"]


def test_answers_are_stored_while_photos_are_read(app, browser, sitting, monkeypatch):
    """Reading takes seconds; SQLite lets one write at a time."""
    data, code = outbox(app, sitting, 1)
    seen, read = [], parts.zxingcpp.read_barcodes
    monkeypatch.setattr(
        parts.zxingcpp,
        "read_barcodes",
        lambda *args, **kinds: seen.append(db.session.in_transaction()) or read(*args, **kinds),
    )
    send(browser, photo(*cut(code, data)), status=200)
    assert seen == [False]


def test_by_codes_and_by_file_the_same_counts(app, reader, browser, place):
    mine, theirs = over(app, place, "Lê Văn Một"), over(app, place, "Lê Văn Hai")
    by_file, _code = outbox(app, mine, 1, 2, 4)
    by_codes, code = outbox(app, theirs, 1, 2, 4)
    of_file = facts(hand_in(browser, by_file))
    browser.open(f"{URL}/file")
    of_codes = facts(send(browser, photo(*cut(code, squeezed(by_codes))), status=200))
    different = {name for name in of_file if of_file[name] != of_codes[name]}
    assert different <= {"Cách nhận", "Mã của phần chưa gửi", "Nhận lúc"}
    rows = {
        row.id: [(e.slot, e.response, e.lease) for e in stored(app, AnswerEvent) if e.sitting_id == row.id]
        for row in (mine, theirs)
    }
    assert rows[mine.id] == rows[theirs.id] == [(1, "[1]", 1), (2, "[2]", 1), (4, "[4]", 1)]


def test_the_same_codes_twice_bring_nothing_new(app, browser, sitting):
    data, code = outbox(app, sitting, 1, 2)
    send(browser, photo(*cut(code, data)), status=200)
    browser.open(f"{URL}/file")
    page = send(browser, photo(*cut(code, data)), status=200)
    assert "Các mã QR này đã được nhận từ trước; không có gì mới." in page.text
    assert (len(stored(app)), len(stored(app, Delivery))) == (2, 1)


def test_codes_of_two_people_are_not_mixed(app, browser, place, sitting):
    data, code = outbox(app, sitting, 1, 2, 3)
    other_data, other = outbox(app, over(app, place, "Lê Văn Khác"), 1, 2, 3)
    mine, theirs = cut(code, data, ROOM), cut(other, other_data, ROOM)
    page = send(browser, photo(*mine), photo(theirs[0]))
    assert f"mã QR của nhiều bài khác nhau: {', '.join(sorted([code, other]))}." in page.text
    assert "Hãy gửi riêng ảnh của từng người" in page.text
    assert stored(app) == []
    send(browser, photo(*mine[:3]))
    assert "nhiều bài khác nhau" in send(browser, photo(theirs[1])).text
    assert send(browser, photo(*mine[3:]), status=200).heading == "Đã nhận bài làm khẩn cấp", "mine were kept meanwhile"
    assert {row.sitting_id for row in stored(app)} == {sitting.id}


@pytest.mark.parametrize("what", ["a letter of the seal", "another sitting", "another lease", "another format"])
def test_tampered_codes_are_refused_whole(app, browser, sitting, what):
    data, code = outbox(app, sitting, 1, 2)
    page = send(browser, photo(*cut(code, broken(data, what))))
    assert "Nội dung các mã QR không khớp dấu niêm phong" in page.text
    assert "Hãy chụp lại các mã trên chính máy đã làm bài" in page.text
    assert stored(app) == stored(app, Delivery) == []


def test_one_part_changed(app, browser, sitting):
    data, code = outbox(app, sitting, 1, 2, 3)
    first, *others = cut(code, data, ROOM)
    page = send(browser, photo(first[:-1] + b"~", *others))
    assert "Nội dung các mã QR không khớp dấu niêm phong" in page.text
    assert stored(app) == []
    assert send(browser, photo(first, *others), status=200).heading == "Đã nhận bài làm khẩn cấp"


def test_a_code_written_beside_that_is_not_the_true_one(app, browser, sitting):
    data, code = outbox(app, sitting, 1)
    page = send(browser, photo(*cut("7K2QX-M94TB", data)), status=200)
    assert "Mã ghi kèm bài khác với mã tính từ nội dung niêm phong" in page.text
    assert facts(page)["Mã của phần chưa gửi"] == code


def test_codes_of_another_round(app, build, browser, sitting):
    elsewhere = hall(build, code="Q3-2026", starts_at=clock.now() - timedelta(hours=3))
    data, code = outbox(app, over(app, elsewhere, "Lê Văn Mẫu"), 1)
    assert "Bài này không thuộc “" in send(browser, photo(*cut(code, data))).text
    assert stored(app) == []


def blank(width: int, height: int) -> bytes:
    return encoded(Image.new("1", (width, height), 1))


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (b"%PDF-1.7", "anh-1.jpg: Tệp không phải là ảnh đọc được"),
        (b"", "anh-1.jpg: Tệp ảnh trống"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "anh-1.jpg: Ảnh SVG không được nhận"),
        (blank(300, 300)[:60], "anh-1.jpg: Tệp ảnh hỏng"),
        (blank(9000, 9000), "anh-1.jpg: Ảnh quá lớn"),
        (blank(20_000, 20_000), "anh-1.jpg: Ảnh quá lớn"),
        (blank(300, 300), "anh-1.jpg: không đọc được mã QR nào"),
        (photo(b"https://thi.example/"), "anh-1.jpg: không đọc được mã QR nào"),
    ],
    ids=["no picture", "empty", "drawing", "cut off", "huge", "bomb", "white", "another code"],
)
def test_what_is_no_photo_of_a_code(app, browser, upload, said):
    page = send(browser, upload)
    assert said in page.text
    assert "Không đọc được mã QR nào của trang bài thi trong ảnh." in page.text
    assert "Hãy chụp thẳng, đủ sáng" in page.text
    assert stored(app) == []


def test_a_bad_photo_beside_good_ones_is_named(app, browser, sitting):
    data, code = outbox(app, sitting, 1, 2, 3)
    parts = cut(code, data, ROOM)
    page = send(browser, photo(*parts[1:]), b"GIF89a")
    assert "anh-2.jpg: Tệp không phải là ảnh đọc được" in page.text
    assert f"Bài {code}: thiếu mã 1 trong 5" in page.text
    assert send(browser, b"%PDF", photo(parts[0]), status=200).heading == "Đã nhận bài làm khẩn cấp"


def test_none_and_too_many(browser):
    assert "Chưa chọn ảnh nào." in browser.submit("photos", status=422).text
    assert "Mỗi lần chỉ nhận đến 30 ảnh." in send(browser, *[b"x"] * 31).text


def test_who_does_not_watch_the_round(build, reader, place):
    somebody = reader(build.account(None))
    somebody.post(f"{URL}/file/photos", status=404, photos=(BytesIO(photo()), "a.jpg"))


def test_what_is_held_on_the_page_is_worth_nothing_by_itself(app, browser, sitting):
    data, code = outbox(app, sitting, 1, 2, 3)
    parts = cut(code, data, ROOM)
    send(browser, photo(*parts[:4]))
    page = browser.submit("photos", status=422, held="AAAA.é.." + "B" * 50, photos=uploads([photo(parts[4])]))
    assert f"Bài {code}: thiếu mã 1, 2, 3 và 4 trong 5" in page.text
    assert json.loads(data)["code"] == code
    assert stored(app) == []


def test_the_address_of_refused_photos_leads_to_the_form(browser, sitting):
    assert send(browser).heading
    assert browser.open(f"{URL}/file/photos").url.endswith("/file")
