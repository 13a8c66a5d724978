"""Workbooks that say something by more than the values of their cells, and those with cells that are none."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import xlsxwriter
from openpyxl import load_workbook
from PIL import Image

from question_bank import images, rich_text
from question_bank.formats import Reading, read, template, write
from question_bank.messages import Severity
from question_bank.question import Option, Question

from .books import HEADINGS, workbook
from .test_door import with_part


def picture(colour: str = "red") -> bytes:
    stream = BytesIO()
    Image.new("RGB", (60, 40), colour).save(stream, "PNG")
    return stream.getvalue()


def rich(html: str) -> tuple[str, str]:
    return rich_text.plain(html), rich_text.clean(html)


def book() -> tuple[BytesIO, Any, Any]:
    stream = BytesIO()
    made = xlsxwriter.Workbook(stream)
    sheet = made.add_worksheet("Câu hỏi")
    sheet.write_row(0, 0, [*HEADINGS, "Chuyên đề"])
    return stream, made, sheet


def finished(stream: BytesIO, made: Any) -> Reading:
    made.close()
    return read(stream.getvalue())


def test_raised_letters_formulas_and_images_come_back_where_they_stood() -> None:
    image = images.prepare(picture())
    text, html = rich(
        f'<p>Diện tích m<sup>2</sup> của <b>hình</b> <img src="media:{image.sha256}" alt="thửa đất"> là</p>'
        "<p>bao <i>nhiêu</i>?</p>"
    )
    shown, shown_html = rich(f'<p><img src="media:{image.sha256}" alt="sổ"></p>')
    water, water_html = rich("<p>H<sub>2</sub>O</p>")
    formula = r"x \(a^2\)"
    options = (
        Option(shown, html=shown_html),
        Option(water, correct=True, html=water_html),
        Option(formula, html=f"<p>{formula}</p>"),
    )
    question = Question("single_choice", text, options, stem_html=html)
    writing = write([question], "excel", {image.sha256: image.data})
    assert writing.problems == ()
    reading = read(writing.data)
    assert reading.questions == (question,)
    assert set(reading.media) == {image.sha256}


def test_what_a_cell_cannot_show_is_told() -> None:
    text, html = rich("<p>Xem bảng</p><table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>")
    lost = Question("single_choice", text, (Option("a", True), Option("b")), stem_html=html)
    (problem,) = write([lost], "excel").problems
    assert "định dạng" in problem.message
    image = f'<p>Hình <img src="media:{"0" * 64}" alt="bản đồ"></p>'
    missing = Question("single_choice", *rich(image)[:1], (Option("a", True), Option("b")), stem_html=rich(image)[1])
    assert "bản đồ" in write([missing], "excel").problems[0].message


def test_images_on_cells_and_in_cells_of_foreign_workbooks() -> None:
    stream, made, sheet = book()
    sheet.write_row(1, 0, [1, "Hình nào?", "một", "", "ba", "B"])
    sheet.write_row(2, 0, [2, "", "một", "hai", "ba", "A"])
    sheet.insert_image(1, 3, "x", {"image_data": BytesIO(picture()), "description": "sơ đồ"})
    sheet.embed_image(2, 1, "x", {"image_data": BytesIO(picture("blue")), "description": "bản đồ"})
    reading = finished(stream, made)
    assert reading.problems == ()
    first, second = reading.questions
    assert first.options[1].text == "[Hình: sơ đồ]"
    assert "media:" in first.options[1].html
    assert second.stem == "[Hình: bản đồ]"
    assert len(reading.media) == 2


def test_an_image_that_is_none_and_one_far_away() -> None:
    stream, made, sheet = book()
    sheet.write_row(1, 0, [1, "Hỏi?", "một", "hai", "ba", "B"])
    sheet.insert_image(1, 1, "x", {"image_data": BytesIO(picture()), "description": "hỏng"})
    sheet.insert_image(900_000, 1, "x", {"image_data": BytesIO(picture("blue"))})
    made.close()
    reading = read(with_part(stream.getvalue(), "xl/media/image1.png", b"\x89PNG\r\n\x1a\nnot an image"))
    assert [problem.severity for problem in reading.problems] == [Severity.WARNING]
    assert "hỏng" in reading.problems[0].message
    assert len(reading.questions) == 1


def test_percentages_are_read_as_they_are_seen() -> None:
    stream, made, sheet = book()
    percent, tenths = (made.add_format({"num_format": form}) for form in ("0%", "0.0%"))
    sheet.write_row(1, 0, [1, "Bao nhiêu?"])
    sheet.write(1, 2, 0.5, percent)
    sheet.write(1, 3, 0.125, tenths)
    sheet.write(1, 4, 0.5)
    sheet.write(1, 5, "A")
    (question,) = finished(stream, made).questions
    assert [option.text for option in question.options] == ["50%", "12,5%", "0,5"]


def test_a_cell_with_an_error_is_named_and_the_rest_goes_on() -> None:
    stream, made, sheet = book()
    sheet.write_row(1, 0, [1, "Hỏi?", "một", "hai", "ba", "A"])
    sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!")
    sheet.write_formula(1, 9, "=1/0", None, "#DIV/0!")
    sheet.write_row(2, 0, [2, "Hỏi nữa?", "một", "hai", "ba", "A"])
    reading = finished(stream, made)
    assert [(one.place[-1], one.item, "E2 " in one.message) for one in reading.problems] == [("2", 1, True)]
    assert [question.stem for question in reading.storable()] == ["Hỏi nữa?"]


def test_a_topic_merged_over_rows_is_that_of_each() -> None:
    stream, made, sheet = book()
    for row in (1, 2, 3):
        sheet.write_row(row, 0, [row, f"Hỏi {row}?", "một", "hai", "ba", "A"])
    sheet.merge_range(1, 6, 2, 6, "Hộ tịch")
    reading = finished(stream, made)
    assert [question.topic for question in reading.questions] == ["Hộ tịch", "Hộ tịch", ""]
    assert reading.numbers == (1, 2, 3)


def test_a_hidden_sheet_is_not_read_and_told() -> None:
    stream, made, sheet = book()
    sheet.write_row(1, 0, [1, "Hỏi?", "một", "hai", "ba", "A"])
    hidden = made.add_worksheet("Nháp")
    hidden.write_row(0, 0, HEADINGS)
    hidden.hide()
    assert finished(stream, made).notes == ("Trang tính ẩn “Nháp” không được đọc.",)


def test_cells_of_an_old_encoding_are_converted_and_shown() -> None:
    rows = [
        (1, "C¬ quan nµo cã thÈm quyÒn?", "Uû ban nh©n d©n", "Toµ ¸n", "C«ng an", "A"),
        (2, "Hỏi?", "x", "y", "z", "B"),
    ]
    reading = read(workbook(HEADINGS, *rows))
    assert reading.questions[0].stem == "Cơ quan nào có thẩm quyền?"
    assert reading.questions[0].options[2].text == "Công an"
    assert [problem.severity for problem in reading.problems] == [Severity.WARNING]
    assert (reading.converted[0].before, reading.converted[0].after) == (rows[0][1], "Cơ quan nào có thẩm quyền?")
    assert reading.converted[0].place == "Trang tính “Câu hỏi”, dòng 2"


def test_the_template_offers_topics_and_positions() -> None:
    data = template([("cm_ho_tich", "Hộ tịch"), ("cm_dat", "Đất đai")], [("tp", "Tư pháp")])
    made = load_workbook(BytesIO(data))
    lists = {rule.formula1 for rule in made["Câu hỏi"].data_validations.dataValidation}
    assert {"'Danh mục'!$A$2:$A$3", "'Danh mục'!$D$2:$D$2"} <= lists
    assert [cell.value for cell in made["Danh mục"]["B"]] == ["Tên", "Hộ tịch", "Đất đai"]
    assert read(data).questions == ()
