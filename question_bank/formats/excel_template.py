"""The workbook that examiners fill in: lists to choose from, one example of every kind, and guidance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from question_bank.formats.base import true_false_options
from question_bank.formats.excel_cells import rows_for
from question_bank.formats.excel_columns import columns_for, place_of
from question_bank.formats.excel_write import SHEET, Sheet, new_workbook
from question_bank.formats.vietnamese import KIND_LABELS, LEVEL_LABELS
from question_bank.question import Citation, Level, Option, Question

Codes = Sequence[tuple[str, str]]
"""Codes and the names they stand for."""

_ROWS = 1000
_LISTS = "Danh mục"
_GUIDE = (
    ("", "Điền mỗi câu hỏi vào một dòng của trang tính “Câu hỏi”; không đổi dòng tiêu đề."),
    (
        "",
        "Trang tính “Ví dụ” có một câu mẫu của mỗi loại; trang đó, trang này và trang “Danh mục” không được nhập.",
    ),
    ("Loại", "Chọn trong danh sách của ô. Để trống thì loại được nhận theo các phương án và đáp án."),
    (
        "Nội dung câu hỏi",
        "Phần hỏi. Chữ đậm, nghiêng, gạch chân, chỉ số trên và dưới trong ô được giữ lại; công thức ghi theo "
        "LaTeX giữa \\( và \\).",
    ),
    (
        "Hình ảnh",
        "Chèn hình lên ô nội dung hoặc ô phương án và ghi văn bản thay thế (Alt Text) cho hình; bảng trong "
        "câu hỏi thì nhập bằng Word.",
    ),
    (
        "Một lựa chọn, Nhiều lựa chọn",
        "Mỗi phương án một ô. Đáp án: ghi chữ cái của phương án đúng, ví dụ B; nhiều đáp án thì cách nhau "
        "bằng dấu phẩy, ví dụ A, C.",
    ),
    ("Đúng/Sai", "Phương án A ghi “Đúng”, Phương án B ghi “Sai”, hoặc để trống; Đáp án ghi Đ hoặc S."),
    ("Đúng/Sai từng ý", "Mỗi ý một ô phương án. Đáp án: ghi Đ hoặc S cho từng ý, ví dụ Đ, S, S, Đ."),
    ("Ghép đôi", "Mỗi ô phương án một cặp theo mẫu “vế trái = vế phải”; vế phải thừa ghi “(thêm) = vế phải”."),
    (
        "Sắp xếp",
        "Mỗi bước một ô phương án. Đáp án: ghi thứ tự đúng bằng chữ cái, ví dụ C, A, B; để trống nếu các ô đã"
        " theo thứ tự đúng.",
    ),
    (
        "Trả lời bằng số",
        "Đáp án: 12,5 hoặc 12 ± 0,5 hoặc 12 ± 5% hoặc từ 1 đến 2. Đơn vị ghi trong cột Chi tiết.",
    ),
    (
        "Trả lời ngắn",
        "Đáp án: các cách viết được chấp nhận, mỗi cách một dòng trong ô (Alt+Enter) hoặc cách nhau bằng dấu "
        "chấm phẩy. Ghi (50%) trước cách viết chỉ được một nửa số điểm; dấu * thay cho chữ bất kỳ.",
    ),
    (
        "Điền chỗ trống",
        "Trong nội dung ghi [[1]], [[2]], … tại chỗ trống. Phương án A là chỗ trống 1, Phương án B là chỗ "
        "trống 2, …: ghi “xã | *tỉnh | trung ương” để chọn trong danh sách (dấu * trước ý đúng), ghi “[số] 12"
        " ± 1” để điền số, hoặc ghi các chữ được chấp nhận.",
    ),
    (
        "Tình huống",
        "Dòng đầu ghi tình huống chung; mỗi câu nhỏ một dòng ngay bên dưới, có dấu x ở cột Thuộc tình huống, "
        "có loại, phương án, đáp án và điểm riêng.",
    ),
    (
        "Tự luận",
        "Đáp án: mỗi ý chấm một dòng trong ô, kết thúc bằng số điểm, ví dụ: Nêu đúng thẩm quyền (0,5 điểm).",
    ),
    ("Mức độ", "Chọn trong danh sách của ô."),
    (
        "Chuyên đề, Vị trí",
        "Chọn hoặc ghi mã; nhiều vị trí cách nhau bằng dấu phẩy; để trống Vị trí nếu câu dùng chung cho mọi vị trí.",
    ),
    ("Căn cứ", "Ghi điểm, khoản, điều và số ký hiệu văn bản; nhiều căn cứ cách nhau bằng dấu chấm phẩy."),
    ("Điểm", "Số điểm của câu, ví dụ 1 hoặc 0,5; để trống là 1."),
    ("Cố định", "Chữ cái của phương án phải giữ nguyên chỗ khi trộn, ví dụ D cho “Cả A, B và C”."),
    ("Chi tiết", "Chỉ ghi khi cần, mỗi nội dung một dòng trong ô:"),
    (
        "",
        "Cách chấm: từng phương án đúng; đúng trừ sai; theo trọng số (nhiều lựa chọn); đúng hết mới có điểm "
        "(ghép đôi); từng cặp liền nhau (sắp xếp).",
    ),
    ("", "Trọng số: A 100%; B -50%; C 0% (chấm theo trọng số). Trọng số 2: 3 (chỗ trống 2 bằng ba phần)."),
    (
        "",
        "Phản hồi B: lời nói với người chọn phương án B. Phản hồi 2: lời nói với người trả lời theo đáp án thứ hai.",
    ),
    ("", "Thang điểm: 0%; 10%; 25%; 50%; 100% (đúng/sai từng ý, theo số ý đúng)."),
    ("", "Đơn vị: triệu đồng; thêm (bắt buộc) nếu phải ghi đơn vị. So sánh: phân biệt hoa thường; bỏ qua dấu."),
    ("", "Số chữ tối đa: 300. Số dòng: 20 (tự luận)."),
)


def _example(kind: str, stem: str, *options: Option, **details: object) -> Question:
    return Question(kind, stem, options, details=details)


_FIRST_PART = Question("single_choice", "Câu nhỏ minh họa thứ nhất?", (Option("Việc đúng", True), Option("Việc sai")))
_SECOND_PART = Question("true_false", "Câu nhỏ minh họa thứ hai.", true_false_options(True), points=500)
_EXAMPLES = (
    Question(
        "single_choice",
        "Câu dẫn minh họa của câu một lựa chọn?",
        (
            Option("Phương án đúng", correct=True),
            Option("Phương án sai", feedback="Xem lại."),
            Option("Cả hai", pinned=True),
        ),
        level=Level.RECALL,
        explanation="Giải thích ngắn vì sao phương án A đúng.",
        citations=(Citation("30/2020/NĐ-CP", article="1"),),
    ),
    Question(
        "multiple_response",
        "Câu dẫn minh họa của câu nhiều lựa chọn?",
        (Option("Phương án đúng 1", correct=True), Option("Phương án sai"), Option("Phương án đúng 2", correct=True)),
        level=Level.COMPREHENSION,
        details={"scoring": "right_minus_wrong"},
    ),
    Question("true_false", "Nhận định minh họa của câu Đúng/Sai.", true_false_options(False), level=Level.APPLICATION),
    _example(
        "true_false_cluster",
        "Các nhận định minh họa sau đúng hay sai?",
        Option("Ý đúng", correct=True),
        Option("Ý sai"),
        Option("Ý sai khác"),
        Option("Ý đúng khác", correct=True),
    ),
    _example(
        "matching",
        "Ghép mỗi việc với nơi giải quyết (minh họa).",
        pairs=[{"left": "Việc 1", "right": "Nơi 1"}, {"left": "Việc 2", "right": "Nơi 2"}],
        extra=[{"text": "Nơi không giải quyết việc nào"}],
    ),
    _example(
        "ordering",
        "Sắp xếp các bước theo thứ tự thực hiện (minh họa).",
        items=[{"text": "Tiếp nhận"}, {"text": "Thẩm tra"}, {"text": "Trả kết quả"}],
    ),
    _example(
        "numeric",
        "Một hồ sơ minh họa được giải quyết trong bao nhiêu ngày làm việc?",
        answers=[{"value": "5", "tolerance": "0", "mode": "absolute"}],
        unit="ngày",
    ),
    _example(
        "short_text",
        "Tên cơ quan minh họa là gì?",
        accepted=[{"text": "Ủy ban nhân dân xã"}, {"text": "UBND xã"}, {"text": "Ủy ban", "share": 500}],
    ),
    _example(
        "gap_text",
        "Hồ sơ minh họa nộp tại [[1]] trong [[2]] ngày, theo mẫu [[3]].",
        gaps=[
            {"choices": [{"text": "xã", "correct": True}, {"text": "tỉnh", "correct": False}]},
            {"numeric": [{"value": "3", "tolerance": "0", "mode": "absolute"}]},
            {"accepted": [{"text": "số 01"}, {"text": "01"}]},
        ],
    ),
    _example(
        "case",
        "Tình huống minh họa: một người đến nộp hồ sơ thiếu giấy tờ.",
        questions=[
            _FIRST_PART.as_json(),
            _SECOND_PART.as_json(),
        ],
    ),
    _example(
        "essay",
        "Trình bày cách xử lý tình huống minh họa.",
        rubric=[{"text": "Nêu đúng thẩm quyền", "points": 500}, {"text": "Nêu đúng trình tự", "points": 500}],
        words=300,
        lines=20,
    ),
)


def template(topics: Codes = (), positions: Codes = ()) -> bytes:
    """An empty workbook with lists to choose from, those of topics and positions where they are given."""
    stream, workbook = new_workbook()
    filled = Sheet(workbook, SHEET, {})
    filled.fill(())
    _add_lists(workbook, filled.sheet, topics, positions)
    Sheet(workbook, "Ví dụ", {}).fill([rows_for(example) for example in _EXAMPLES])
    _add_guide(workbook)
    if topics or positions:
        _add_codes(workbook, topics, positions)
    workbook.close()
    return stream.getvalue()


def _add_lists(workbook: Any, sheet: Any, topics: Codes, positions: Codes) -> None:
    rules: list[tuple[str, Any, str]] = [
        ("kind", list(KIND_LABELS.values()), "stop"),
        ("within", ["x"], "stop"),
        ("level", list(LEVEL_LABELS.values()), "stop"),
    ]
    rules += [("topic", f"='{_LISTS}'!$A$2:$A${len(topics) + 1}", "warning")] if topics else []
    rules += [("position", f"='{_LISTS}'!$D$2:$D${len(positions) + 1}", "information")] if positions else []
    columns = columns_for()
    for name, source, strictness in rules:
        place = place_of(name, columns)
        rule = {
            "validate": "list",
            "source": source,
            "error_type": strictness,
            "error_title": "Giá trị không có trong danh sách",
            "error_message": "Chọn một giá trị trong danh sách của ô."
            if strictness == "stop"
            else "Giá trị này không có trong danh sách; nhiều mã thì cách nhau bằng dấu phẩy.",
        }
        sheet.data_validation(1, place, _ROWS, place, rule)


def _add_guide(workbook: Any) -> None:
    guide = workbook.add_worksheet("Hướng dẫn")
    bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    guide.set_column(0, 0, 28, bold)
    guide.set_column(1, 1, 110, workbook.add_format({"text_wrap": True, "valign": "top"}))
    for row, (about, line) in enumerate(_GUIDE):
        guide.write_string(row, 0, about)
        guide.write_string(row, 1, line)


def _add_codes(workbook: Any, topics: Codes, positions: Codes) -> None:
    sheet = workbook.add_worksheet(_LISTS)
    head = workbook.add_format({"bold": True})
    for first, title, codes in ((0, "Mã chuyên đề", topics), (3, "Mã vị trí", positions)):
        sheet.set_column(first, first, 24)
        sheet.set_column(first + 1, first + 1, 60)
        sheet.write_string(0, first, title, head)
        sheet.write_string(0, first + 1, "Tên", head)
        for row, (code, name) in enumerate(codes, start=1):
            sheet.write_string(row, first, code)
            sheet.write_string(row, first + 1, name)
