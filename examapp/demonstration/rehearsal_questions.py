"""Invented questions of every kind for the rehearsal: about working at a computer and with people, not the law."""

from __future__ import annotations

from typing import Any

from question_bank.question import Level, Option, Question

TOPIC = "thi_thu"
TOPIC_NAME = "Làm quen các dạng câu hỏi (mẫu)"
RECALL, COMPREHENSION, APPLICATION = Level.RECALL, Level.COMPREHENSION, Level.APPLICATION
SITUATION = (
    "Bộ phận một cửa nhận 12 hồ sơ trong buổi sáng, trong đó 3 hồ sơ còn thiếu giấy tờ. Buổi chiều nhận thêm 8 hồ sơ, "
    "đều đủ giấy tờ. (Tình huống mẫu.)"
)


def questions() -> list[Question]:
    """One of each kind besides single choice, and an essay that stands on no paper."""
    return [*_choices(), *_arranged(), *_typed(), _case(), _essay()]


PER_LEVEL = {RECALL: 4, COMPREHENSION: 3, APPLICATION: 2}
"""Questions of the matrix: all of the topic but the essay."""


def _ask(ref: str, kind: str, level: Level, stem: str, options: tuple[Option, ...] = (), **details: Any) -> Question:
    return Question(
        kind, stem, options, level=level, topic=TOPIC, ref=f"thu-{ref}", tags=("mẫu",), seconds=60, details=details
    )


def _options(right: tuple[str, ...], wrong: tuple[str, ...]) -> tuple[Option, ...]:
    return (*(Option(text, correct=True) for text in right), *(Option(text) for text in wrong))


def _choices() -> list[Question]:
    return [
        _ask(
            "dung-sai",
            "true_false",
            RECALL,
            "Khi mất mạng giữa giờ, câu trả lời vẫn được giữ trên thiết bị và tự gửi khi có mạng lại. (mẫu)",
            (Option("Đúng", correct=True), Option("Sai")),
        ),
        _ask(
            "nhieu-lua-chon",
            "multiple_response",
            RECALL,
            "Những việc nào nên làm trước giờ thi trên thiết bị của mình? (chọn các phương án đúng) (mẫu)",
            _options(
                ("Sạc đầy pin hoặc cắm nguồn", "Đăng nhập và mở phòng chờ sớm vài phút"),
                ("Xóa dữ liệu của trình duyệt giữa giờ thi", "Cho người khác mượn tài khoản"),
            ),
        ),
        _ask(
            "chum-y",
            "true_false_cluster",
            COMPREHENSION,
            "Xét từng ý về việc giữ mật khẩu của tài khoản công vụ. (mẫu)",
            _options(
                ("Mỗi người tự giữ mật khẩu của mình", "Nghi bị lộ thì đổi mật khẩu ngay"),
                ("Nên ghi mật khẩu lên giấy dán ở màn hình", "Cả phòng dùng chung một tài khoản cho tiện"),
            ),
        ),
    ]


def _arranged() -> list[Question]:
    pairs = (("Ctrl + C", "Sao chép"), ("Ctrl + V", "Dán"), ("Ctrl + Z", "Hoàn tác"), ("Ctrl + P", "In"))
    steps = ("Đọc kỹ yêu cầu của câu hỏi", "Chọn câu trả lời", "Xem lại các câu còn bỏ trống", "Nộp bài")
    return [
        _ask(
            "ghep-cap",
            "matching",
            RECALL,
            "Ghép mỗi tổ hợp phím với việc của nó. (mẫu)",
            pairs=[{"left": left, "right": right} for left, right in pairs],
            extra=[{"text": "Tìm kiếm"}],
        ),
        _ask(
            "sap-xep",
            "ordering",
            COMPREHENSION,
            "Sắp xếp các bước làm một bài thi trên máy theo thứ tự hợp lý. (mẫu)",
            items=[{"text": step} for step in steps],
            scoring="pairs",
        ),
    ]


def _typed() -> list[Question]:
    return [
        _ask(
            "so",
            "numeric",
            APPLICATION,
            "Một phòng có 24 máy, 3 máy đang sửa. Còn bao nhiêu phần trăm số máy dùng được? (mẫu)",
            answers=[{"value": "87.5", "tolerance": "0.05", "mode": "absolute"}],
            unit="%",
        ),
        _ask(
            "chu",
            "short_text",
            RECALL,
            "Thiết bị dùng để in văn bản ra giấy gọi là gì? (mẫu)",
            accepted=[{"text": "máy in"}],
            match_marks=False,
        ),
        _ask(
            "dien-khuyet",
            "gap_text",
            COMPREHENSION,
            "Khi hết giờ, trang bài thi tự [[1]] bài; người dự thi nhận một [[2]] gồm [[3]] chữ và số. (mẫu)",
            gaps=[
                {"choices": [{"text": "nộp", "correct": True}, {"text": "xóa", "correct": False}]},
                {"accepted": [{"text": "mã biên nhận"}, {"text": "biên nhận"}], "match_marks": False},
                {"numeric": [{"value": "10"}]},
            ],
        ),
    ]


def _case() -> Question:
    inner = [
        Question("numeric", "Cả ngày nhận bao nhiêu hồ sơ?", details={"answers": [{"value": "20"}], "unit": "hồ sơ"}),
        Question(
            "single_choice",
            "Việc nào nên làm ngay với 3 hồ sơ còn thiếu?",
            _options(
                ("Hướng dẫn bổ sung một lần, đầy đủ",),
                ("Trả lại, không nêu lý do", "Giữ lại chờ đến hết hạn"),
            ),
        ),
        Question("numeric", "Có bao nhiêu hồ sơ đủ giấy tờ?", details={"answers": [{"value": "17"}], "unit": "hồ sơ"}),
    ]
    return _ask("tinh-huong", "case", APPLICATION, SITUATION, questions=[one.as_json() for one in inner])


def _essay() -> Question:
    return _ask(
        "tu-luan",
        "essay",
        Level.ADVANCED_APPLICATION,
        "Nêu cách anh, chị hướng dẫn một người cao tuổi nộp hồ sơ trực tuyến lần đầu. (mẫu)",
        rubric=[{"text": "Hỏi rõ việc cần làm", "points": 500}, {"text": "Hướng dẫn từng bước", "points": 500}],
        words=300,
        lines=12,
    )
