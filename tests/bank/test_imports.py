"""Import of question files: read, look, mend, confirm; nothing is stored before."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select

from examapp.accounts.models import Role
from examapp.bank.models import ImportState, Question, QuestionImport, QuestionState, QuestionVersion
from examapp.core.db import db
from examapp.core.jobs import run_waiting
from examapp.core.models import Job, JobState
from question_bank.formats import write
from question_bank.question import Citation, Level, Option
from question_bank.question import Question as Content
from tests.bank.builders import content, office


@pytest.fixture
def o(build):
    return office(build)


def upload(examiner, data, name, *, status=200, **values):
    examiner.open("/bank/import")
    fields = {"position": "tp_tu_phap", "topic": "tp_chung_thuc", "level": "nhan_biet", **values}
    return examiner.submit("file", file=(io.BytesIO(data), name), status=status, **fields)


def plain(stem, right=0, **columns):
    options = tuple(Option(f"Phương án {n} của {stem}", correct=n == right) for n in range(4))
    return content(stem, options=options, **columns)


def count(app, kind=Question):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(kind))


def kept(app):
    with app.app_context():
        return db.session.scalars(select(QuestionImport).order_by(QuestionImport.id.desc())).first()


@pytest.mark.parametrize(("format", "name"), [("word", "de.docx"), ("excel", "de.xlsx"), ("gift", "de.gift")])
def test_a_file_becomes_drafts_after_confirmation(app, reader, o, format, name):
    data = write([plain("Câu thứ nhất?"), plain("Câu thứ hai?", right=2)], format).data
    examiner = reader(o.examiner)
    page = upload(examiner, data, name)
    assert "2 câu đọc được, 2 câu sẽ lưu, 0 câu lỗi" in page.text
    assert "Câu thứ hai?" in page.text
    assert count(app) == 0
    page = examiner.submit("confirm")
    assert "Đã lưu 2 câu hỏi dạng bản nháp." in page.text
    with app.app_context():
        stored = db.session.scalars(select(Question).order_by(Question.id)).all()
        assert [q.state for q in stored] == [QuestionState.DRAFT] * 2
        assert [q.owner_id for q in stored] == [o.examiner.id] * 2
        assert [[p.code for p in q.positions] for q in stored] == [["tp_tu_phap"]] * 2
        assert [q.current.stem for q in stored] == ["Câu thứ nhất?", "Câu thứ hai?"]
        assert stored[0].code == f"CH-{stored[0].id:07d}"
    page = examiner.submit("/submit")
    assert "Đã gửi thẩm định 2 câu." in page.text
    assert "2 câu chờ" in reader(o.reviewer).open("/bank/review").text


def test_errors_are_mended_in_place_and_the_rest_is_asked_for(app, reader, o):
    no_key = Content("single_choice", "Câu thiếu đáp án?", (Option("Có"), Option("Không")))
    twice = Content("single_choice", "Câu trùng phương án?", (Option("Một", correct=True), Option("Một")))
    data = write([plain("Câu tốt?"), no_key, twice], "gift").data
    examiner = reader(o.examiner)
    page = upload(examiner, data, "de.gift")
    assert "1 câu sẽ lưu, 2 câu lỗi" in page.text
    assert "chưa có đáp án đúng" in page.text
    assert "Phương án A và B giống nhau" in page.text
    assert "Câu tốt?" not in examiner.open(page.url + "?show=errors").text

    examiner.open(page.link("Sửa câu 2"))
    page = examiner.submit("stem", **{"body-options-0-correct": "y"})
    assert "Câu 2 đã hợp lệ." in page.text
    assert "2 câu sẽ lưu, 1 câu lỗi" in page.text
    asked = examiner.submit("confirm")
    assert asked.heading == "Một số câu còn lỗi"
    assert "Lưu 2 câu hợp lệ, bỏ qua 1 câu lỗi?" in asked.text
    assert count(app) == 0
    page = examiner.submit("sure")
    assert "Đã lưu 2 câu hỏi" in page.text
    assert count(app) == 2
    assert kept(app).state is ImportState.STORED
    examiner.post(f"/bank/import/{kept(app).ref}/confirm", status=409, sure="yes")
    assert count(app) == 2


def test_a_mended_question_with_another_fault_stays_open(reader, o):
    data = write([Content("single_choice", "Câu?", (Option("Có"), Option("Không")))], "gift").data
    examiner = reader(o.examiner)
    page = upload(examiner, data, "de.gift")
    examiner.open(page.link("Sửa câu 1"))
    page = examiner.submit("stem", **{"body-options-0-correct": "y", "body-options-1-correct": "y"})
    assert "vẫn còn lỗi" in page.text
    assert "có 2 đáp án đúng (A, B)" in page.text
    examiner.submit("stem", kind="multiple_response")
    page = examiner.submit("stem", **{"body-options-2-text": "Có thể"})
    assert "Câu 1 đã hợp lệ." in page.text
    page = examiner.open(page.link("Sửa câu 1"))
    before = len(page.all("main//input[@type='text']"))
    assert len(examiner.submit("stem", press="act=add-body-options").all("main//input[@type='text']")) > before


def test_a_question_can_be_left_out_and_taken_in(app, reader, o):
    data = write([plain("Một?"), plain("Hai?")], "gift").data
    examiner = reader(o.examiner)
    upload(examiner, data, "de.gift")
    page = examiner.submit("Bỏ qua câu 1")
    assert "1 câu sẽ lưu, 0 câu lỗi, 1 câu bỏ qua" in page.text
    page = examiner.submit("Nhận lại câu 1")
    assert "2 câu sẽ lưu" in page.text
    examiner.submit("Bỏ qua câu 2")
    examiner.submit("confirm")
    assert count(app) == 1


def test_discarding_stores_nothing(app, reader, o):
    examiner = reader(o.examiner)
    upload(examiner, write([plain("Một?")], "gift").data, "de.gift")
    page = examiner.submit("discard")
    assert "Không câu nào được lưu." in page.text
    assert count(app) == 0
    examiner.post(f"/bank/import/{kept(app).ref}/confirm", status=409)


def test_codes_the_bank_does_not_know_are_named_with_their_place(reader, o):
    questions = [
        plain("Vị trí lạ?", positions=("khong_co",)),
        plain("Vị trí của người khác?", positions=("nn_dat_dai",)),
        plain("Chuyên đề lạ?", topic="la_lam"),
        plain("Văn bản lạ?", citations=(Citation("1/1999/QH10"),)),
    ]
    page = upload(reader(o.examiner), write(questions, "gift").data, "de.gift")
    assert "2 câu sẽ lưu, 2 câu lỗi" in page.text
    assert "Vị trí “khong_co” không có trong danh mục" in page.text
    assert "ngoài phạm vi được giao (nn_dat_dai)" in page.text
    assert "Chuyên đề “la_lam” không có trong danh mục: câu sẽ vào “Chứng thực”" in page.text
    assert "Văn bản “1/1999/QH10” chưa có trong danh mục" in page.text
    assert "Dòng" in page.texts("section//h2")[0]


def test_an_unknown_position_is_mended_by_choosing_another(app, reader, o):
    examiner = reader(o.examiner)
    page = upload(examiner, write([plain("Vị trí lạ?", positions=("khong_co",))], "gift").data, "de.gift")
    examiner.open(page.link("Sửa câu 1"))
    page = examiner.submit("stem", position="tp_tu_phap")
    assert "Câu 1 đã hợp lệ." in page.text


def test_questions_the_bank_has_already_are_flagged(app, build, reader, o):
    question = build.question(o.topic, o.justice, content=plain("Sổ chứng thực lưu bao lâu?"))
    data = write([plain("SỔ chứng thực  lưu bao lâu?"), plain("Câu mới?"), plain("Câu mới?", right=1)], "gift").data
    page = upload(reader(o.examiner), data, "de.gift")
    assert f"Ngân hàng đã có câu {question.code}" in page.text
    assert "giống câu 2 trong cùng tệp" in page.text
    assert "3 câu sẽ lưu" in page.text


def test_what_the_file_does_not_say_is_told(app, reader, o):
    examiner = reader(o.examiner)
    bare = Content("single_choice", "Câu trần?", (Option("Có", correct=True), Option("Không")))
    page = upload(examiner, write([bare], "gift").data, "de.gift", topic="", level="thong_hieu")
    assert "1 câu không ghi mức độ: sẽ lưu là “Thông hiểu”." in page.text
    assert "sẽ vào “Chưa xếp chuyên đề”" in page.text
    examiner.submit("confirm")
    with app.app_context():
        version = db.session.scalars(select(QuestionVersion)).one()
        assert version.level is Level.COMPREHENSION
        assert version.topic.code == "tp_tu_phap_chua_xep"


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "trong.docx", "Tệp trống"),
        (b"PK\x03\x04 broken", "hong.docx", "hỏng"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "khoa.xlsx", "mật khẩu"),
        (b"%PDF-1.7", "de.docx", "PDF"),
    ],
)
def test_files_that_cannot_be_read_say_why(app, reader, o, data, name, told):
    page = upload(reader(o.examiner), data, name, status=422)
    assert told in page.text
    assert count(app, QuestionImport) == 0


def test_reading_a_file_holds_no_transaction(app, reader, o, monkeypatch):
    from examapp.bank import import_reading

    open_ones = []
    plainly = import_reading.read_upload

    def watched(data, **given):
        open_ones.append(db.session.in_transaction())
        return plainly(data, **given)

    monkeypatch.setattr(import_reading, "read_upload", watched)
    upload(reader(o.examiner), write([plain("Một?")], "gift").data, "de.gift")
    assert open_ones == [False]


def test_no_file_at_all(reader, o):
    examiner = reader(o.examiner)
    examiner.open("/bank/import")
    assert "Hãy chọn tệp" in examiner.submit("file", status=422).text


def test_common_questions_need_a_grant_over_all(app, reader, o):
    page = upload(reader(o.head), write([plain("Chung?")], "gift").data, "de.gift", position="chung", topic="")
    assert "Dùng chung cho mọi vị trí" in page.text
    assert "1 câu sẽ lưu" in page.text
    upload(reader(o.examiner), write([plain("Chung?")], "gift").data, "de.gift", position="chung", status=422)


def test_an_import_is_its_owners_alone(build, reader, o):
    page = upload(reader(o.examiner), write([plain("Một?")], "gift").data, "de.gift")
    reader(o.head).open(page.url, status=404)
    colleague = build.account(None)
    build.grant(colleague, Role.EXAMINER, position=o.justice)
    reader(colleague).open(page.url, status=404)
    reader(colleague).post(page.url + "/confirm", status=404)


def test_a_large_file_becomes_a_job(app, reader, o, monkeypatch):
    monkeypatch.setattr("examapp.bank.import_reading.READ_AT_ONCE", 100)
    examiner = reader(o.examiner)
    page = upload(examiner, write([plain("Một?"), plain("Hai?")], "excel").data, "lon.xlsx")
    assert page.heading == "Đọc tệp câu hỏi lon.xlsx"
    with app.app_context():
        assert run_waiting() == 1
    page = examiner.open(page.url)
    assert "Đã đọc 2 câu hỏi" in page.text
    page = examiner.open(page.link("Xem kết quả"))
    assert "2 câu sẽ lưu" in page.text


def test_a_large_file_that_cannot_be_read_fails_in_words(app, reader, o, monkeypatch):
    monkeypatch.setattr("examapp.bank.import_reading.READ_AT_ONCE", 3)
    upload(reader(o.examiner), b"PK\x03\x04 broken", "hong.docx")
    with app.app_context():
        run_waiting()
        job = db.session.scalars(select(Job)).one()
    assert job.state is JobState.FAILED
    assert "hỏng" in job.message


def test_many_questions_come_on_pages(reader, o):
    data = write([plain(f"Câu số {n}?") for n in range(1, 121)], "gift").data
    examiner = reader(o.examiner)
    page = upload(examiner, data, "de.gift")
    assert "Trang 1 trên 3" in page.text
    page = examiner.open(page.url + "?page=3")
    assert "Câu số 120?" in page.text
    assert "Câu số 100?" not in page.text


def test_a_thousand_questions_from_excel_are_stored(app, reader, o):
    data = write([plain(f"Câu hỏi dài vừa phải số {n} về công tác chứng thực?") for n in range(1000)], "excel").data
    examiner = reader(o.examiner)
    examiner.open("/bank/import")
    fields = {"position": "tp_tu_phap", "topic": "tp_chung_thuc", "level": "nhan_biet"}
    answer = examiner.submit("file", file=(io.BytesIO(data), "nghin.xlsx"), follow=False, status=302, **fields)
    examiner.open(answer.response.location)
    examiner.submit("confirm", follow=False, status=302)
    assert count(app) == 1000


def test_the_template_is_read_back(app, reader, o):
    examiner = reader(o.examiner)
    page = examiner.open("/bank/import")
    answer = examiner.download(page.link("Tải tệp Excel mẫu"))
    assert answer.data.startswith(b"PK")
