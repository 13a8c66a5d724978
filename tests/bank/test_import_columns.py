"""Foreign tables: what their columns hold is asked once and remembered."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from sqlalchemy import func, select

from examapp.bank.models import ImportColumns, ImportState, QuestionImport
from examapp.core.db import db
from examapp.core.jobs import run_waiting
from tests.bank.builders import office

HEAD = ("C1", "C2", "C3", "C4", "C5")
ROWS = (
    ("Sổ chứng thực do ai giữ?", "Công chức tư pháp", "Kế toán", "Văn thư", "Công chức tư pháp"),
    ("Bản sao do ai ký?", "Chủ tịch", "Kế toán", "Văn thư", "Chủ tịch"),
)
LETTERED = tuple((*row[:4], "A") for row in ROWS)
ROLES = ["stem", "option", "option", "option", "answer"]


def workbook(*rows):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("Đề")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)
    book.close()
    return stream.getvalue()


@pytest.fixture
def o(build):
    return office(build)


def send(examiner, data, name="la.xlsx"):
    examiner.open("/bank/import")
    return examiner.submit("file", file=(io.BytesIO(data), name))


def test_the_columns_are_named_on_the_page_and_the_file_is_read_again(app, reader, o):
    examiner = reader(o.examiner)
    page = send(examiner, workbook(HEAD, *ROWS))
    assert page.heading == "Ý nghĩa các cột của la.xlsx"
    assert "Sổ chứng thực do ai giữ?" in page.text
    page = examiner.submit("sheet-0", **{"sheet-0": ROLES})
    assert "2 câu đọc được, 2 câu sẽ lưu" in page.text
    page = send(examiner, workbook(HEAD, *ROWS[:1]), "sau.xlsx")
    assert "1 câu đọc được, 1 câu sẽ lưu" in page.text
    page = send(reader(o.other_examiner), workbook(HEAD, *ROWS))
    assert page.heading == "Ý nghĩa các cột của la.xlsx"


def test_columns_that_make_no_question_are_told(app, reader, o):
    examiner = reader(o.examiner)
    send(examiner, workbook(HEAD, *ROWS))
    assert "ít nhất một trang tính" in examiner.submit("sheet-0", status=422, **{"sheet-0": [""] * 5}).text
    page = examiner.submit("sheet-0", status=422, **{"sheet-0": ["", "option", "option", "", ""]})
    assert "Chưa chọn cột nội dung câu hỏi" in page.text
    chosen = [option.get("value") for option in page.all("option[@selected]")]
    assert chosen == ["option", "option"]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ImportColumns)) == 0


def test_a_large_table_is_read_again_by_a_job(app, reader, o, monkeypatch):
    monkeypatch.setattr("examapp.bank.import_reading.READ_AT_ONCE", 0)
    examiner = reader(o.examiner)
    page = send(examiner, workbook(HEAD, *ROWS))
    with app.app_context():
        run_waiting()
    page = examiner.open(page.url)
    assert "Chưa rõ ý nghĩa các cột" in page.text
    examiner.open(page.link("Xem kết quả"))
    page = examiner.submit("sheet-0", **{"sheet-0": ROLES})
    with app.app_context():
        run_waiting()
    assert "2 câu sẽ lưu" in examiner.open(examiner.open(page.url).link("Xem kết quả")).text


def test_it_is_asked_of_its_owner_and_of_tables_only(app, reader, o):
    examiner = reader(o.examiner)
    page = send(examiner, workbook(HEAD, *ROWS))
    reader(o.head).open(page.url, status=404)
    examiner.submit("discard")
    examiner.open(page.url, status=409)
    with app.app_context():
        assert db.session.scalars(select(QuestionImport.state)).one() is ImportState.DISCARDED


def test_columns_that_were_guessed_can_be_named_better(app, reader, o):
    examiner = reader(o.examiner)
    page = send(examiner, workbook(HEAD, *LETTERED))
    assert "2 câu đọc được, 2 câu sẽ lưu" in page.text
    assert "Ý nghĩa các cột được suy ra từ nội dung." in page.text
    examiner.open(page.link("Chọn lại ý nghĩa cột"))
    page = examiner.submit("sheet-0", **{"sheet-0": ["stem", "option", "option", "", "answer"]})
    assert "2 câu đọc được, 2 câu sẽ lưu" in page.text
    assert "Văn thư" not in page.text
    assert "suy ra từ nội dung" not in page.text
