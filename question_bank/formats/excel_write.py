"""Questions as an Excel workbook, and the empty workbook that people fill in."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from question_bank.formats.base import Writing, true_false_options
from question_bank.formats.vietnamese import KIND_LABELS, LEVEL_LABELS
from question_bank.kinds.base import letter
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.question import Citation, Level, Option, Question

LONGEST_CELL = 32767
_USUAL_OPTIONS = 6
_TEMPLATE_ROWS = 1000
_SHEET = "Câu hỏi"
_FIRST = [("STT", 6), ("Loại", 16), ("Nội dung câu hỏi", 60)]
_LAST = [
    ("Đáp án", 9),
    ("Mức độ", 16),
    ("Chuyên đề", 20),
    ("Vị trí", 18),
    ("Giải thích", 40),
    ("Căn cứ", 32),
    ("Điểm", 8),
    ("Thời gian (giây)", 10),
    ("Nhãn", 14),
    ("Cố định", 9),
    ("Mã câu", 12),
]
_GUIDE = [
    "Điền mỗi câu hỏi vào một dòng của trang tính “Câu hỏi”; không đổi dòng tiêu đề.",
    "Cột bắt buộc: Nội dung câu hỏi, các phương án, Đáp án. Các cột khác có thể để trống.",
    "Đáp án: ghi chữ cái của phương án đúng, ví dụ B. Câu nhiều lựa chọn: ghi các chữ cái cách nhau bằng dấu phẩy, "
    "ví dụ A, C.",
    "Câu Đúng/Sai: Phương án A ghi “Đúng”, Phương án B ghi “Sai”; Đáp án ghi A hoặc B.",
    "Loại và Mức độ: chọn trong danh sách của ô.",
    "Chuyên đề và Vị trí: ghi mã trong hệ thống; để trống Vị trí nếu câu dùng chung cho mọi vị trí.",
    "Căn cứ: ghi điểm, khoản, điều và số ký hiệu văn bản; nhiều căn cứ cách nhau bằng dấu chấm phẩy.",
    "Điểm: số điểm của câu, ví dụ 1 hoặc 0,5; để trống là 1.",
    "Cố định: chữ cái của phương án phải giữ nguyên chỗ khi trộn, ví dụ D cho “Cả A, B và C”.",
    "Trang tính “Ví dụ” chỉ để tham khảo và không được nhập.",
]
_EXAMPLES = (
    Question(
        "single_choice",
        "Câu dẫn minh họa của câu một lựa chọn?",
        (Option("Phương án đúng", correct=True), Option("Phương án sai 1"), Option("Phương án sai 2")),
        level=Level.RECALL,
        explanation="Giải thích ngắn vì sao phương án A đúng.",
        citations=(Citation("30/2020/NĐ-CP", article="1"),),
    ),
    Question(
        "multiple_response",
        "Câu dẫn minh họa của câu nhiều lựa chọn?",
        (Option("Phương án đúng 1", correct=True), Option("Phương án sai"), Option("Phương án đúng 2", correct=True)),
        level=Level.COMPREHENSION,
    ),
    Question("true_false", "Nhận định minh họa của câu Đúng/Sai.", true_false_options(False), level=Level.APPLICATION),
)


def write(questions: Sequence[Question], media: Mapping[str, bytes] | None = None) -> Writing:
    """The questions in the layout of the template."""
    problems = [
        Problem(_place(item), item, Severity.ERROR, Message(N_("Nội dung dài quá giới hạn của một ô Excel.")))
        for item, question in enumerate(questions, 1)
        if any(len(text) > LONGEST_CELL for text in _cells(question, len(question.options)) if isinstance(text, str))
    ]
    too_long = {problem.item for problem in problems}
    kept = [question for item, question in enumerate(questions, 1) if item not in too_long]
    stream, workbook = _new_workbook()
    _question_sheet(workbook, _SHEET, kept)
    workbook.close()
    return Writing(stream.getvalue(), tuple(problems))


def template() -> bytes:
    """An empty workbook with lists to choose from, a sheet of examples and one of guidance."""
    stream, workbook = _new_workbook()
    sheet = _question_sheet(workbook, _SHEET, ())
    for column, labels in ((1, KIND_LABELS), (_FIRST_AFTER_OPTIONS + 1, LEVEL_LABELS)):
        rule = {
            "validate": "list",
            "source": list(labels.values()),
            "error_title": "Giá trị không có trong danh sách",
            "error_message": "Chọn một giá trị trong danh sách của ô.",
        }
        sheet.data_validation(1, column, _TEMPLATE_ROWS, column, rule)
    _question_sheet(workbook, "Ví dụ", _EXAMPLES)
    guide = workbook.add_worksheet("Hướng dẫn")
    guide.set_column(0, 0, 110, workbook.add_format({"text_wrap": True, "valign": "top"}))
    for row, line in enumerate(_GUIDE):
        guide.write_string(row, 0, line)
    workbook.close()
    return stream.getvalue()


_FIRST_AFTER_OPTIONS = len(_FIRST) + _USUAL_OPTIONS


def _new_workbook() -> tuple[BytesIO, Any]:
    """A workbook in memory whose bytes depend on its content only."""
    stream = BytesIO()
    workbook = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    workbook.set_properties({"created": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)})
    return stream, workbook


def _question_sheet(workbook: Any, name: str, questions: Sequence[Question]) -> Any:
    sheet = workbook.add_worksheet(name)
    head = workbook.add_format(
        {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E8ECF2", "border": 1}
    )
    body = workbook.add_format({"text_wrap": True, "valign": "top"})
    options = max([_USUAL_OPTIONS, *(len(question.options) for question in questions)])
    columns = [*_FIRST, *((f"Phương án {letter(index)}", 24) for index in range(options)), *_LAST]
    for column, (heading, width) in enumerate(columns):
        sheet.set_column(column, column, width, body)
        sheet.write_string(0, column, heading, head)
    for row, question in enumerate(questions, start=1):
        for column, value in enumerate([row, *_cells(question, options)]):
            if isinstance(value, str):
                sheet.write_string(row, column, value, body)
            elif value is not None:
                sheet.write_number(row, column, value, body)
    sheet.freeze_panes(1, 0)
    return sheet


def _cells(question: Question, options: int) -> list[str | float | None]:
    """One row without its number."""
    texts = [option.text for option in question.options] + [""] * (options - len(question.options))
    return [
        KIND_LABELS.get(question.kind, question.kind),
        question.stem,
        *texts,
        ", ".join(letter(index) for index in question.key),
        LEVEL_LABELS[question.level] if question.level else "",
        question.topic,
        ", ".join(question.positions),
        question.explanation,
        "; ".join(map(str, question.citations)),
        question.points / 1000,
        question.seconds,
        ", ".join(question.tags),
        ", ".join(letter(index) for index, option in enumerate(question.options) if option.pinned),
        question.ref,
    ]


def _place(item: int) -> Message:
    return Message(N_("Câu {item}"), item=item)
