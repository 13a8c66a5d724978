"""What is noticed beside the checklist."""

from __future__ import annotations

from dataclasses import replace

import pytest

from examapp.bank.review_hints import hints_for
from examapp.bank.reviews import CHECKLIST
from question_bank.question import Citation, Level, Option, Question
from tests.bank.builders import content

SITUATION = "Ông A đến bộ phận một cửa nộp hồ sơ chứng thực chữ ký nhưng không mang theo giấy tờ tùy thân còn hạn. "


def options(*texts: str) -> tuple[Option, ...]:
    """The first is right."""
    return tuple(Option(text, correct=index == 0) for index, text in enumerate(texts))


def said(**columns: object) -> dict[str, list[str]]:
    sound = {"stem": SITUATION + "Việc này xử lý thế nào?", "options": options("Tiếp nhận", "Từ chối", "Báo cáo")}
    return hints_for(content(**{**sound, **columns}))


def test_a_sound_question_raises_no_hint(app):
    with app.test_request_context():
        assert said() == {}


@pytest.mark.parametrize(
    ("columns", "point", "words"),
    [
        (
            {
                "options": options(
                    "Từ chối tiếp nhận, giải thích rõ lý do và hướng dẫn người dân bổ sung", "Ký ngay", "Im lặng"
                )
            },
            "no_hint",
            "Đáp án A dài hơn hẳn",
        ),
        (
            {"options": options("Hẹn", "Từ chối tiếp nhận và báo cáo cấp trên", "Tiếp nhận rồi chờ bổ sung hồ sơ")},
            "no_hint",
            "Đáp án A ngắn hơn hẳn",
        ),
        ({"options": options("Giấy tờ tùy thân", "Sổ hộ khẩu", "Bằng lái xe")}, "no_hint", "Đáp án A lặp lại"),
        (
            {"options": (*options("Ký", "Đọc", "Hỏi"), Option("Cả A và B đều đúng"))},
            "no_hint",
            "Phương án D nói về các phương án khác",
        ),
        ({"explanation": ""}, "one_answer", "Chưa có giải thích"),
        ({"stem": "Ai ký?", "level": Level.APPLICATION}, "level", "chỉ có 2 từ"),
        ({"citations": (Citation("23/2015/NĐ-CP"),)}, "law", "23/2015/NĐ-CP chưa ghi điều"),
        ({"stem": "từ " * 91}, "wording", "dài 91 từ"),
    ],
)
def test_each_look_sees_its_fault(app, columns, point, words):
    with app.test_request_context():
        found = said(**columns)
    assert set(found) <= set(CHECKLIST)
    assert any(words in sentence for sentence in found[point]), found


@pytest.mark.parametrize(
    ("stem", "word"),
    [
        ("Việc nào sau đây không thuộc thẩm quyền của xã?", "không"),
        ("Công chức không được làm việc nào sau đây?", "không"),
        ("Phát biểu nào sau đây là sai?", "sai"),
        ("Các giấy tờ sau đều hợp lệ, ngoại trừ:", "ngoại trừ"),
        ("Việc nào sau đây KHÔNG thuộc thẩm quyền của xã?", ""),
        ("Hồ sơ không đủ thì công chức xử lý thế nào?", ""),
        ("Trường hợp này có được chứng thực không?", ""),
        ("Phát biểu nào đúng hay sai?", ""),
        ("Ông A chưa nộp đủ. Việc nào phải làm trước?", ""),
    ],
)
def test_a_plain_negative_in_what_is_asked_is_noticed(app, stem, word):
    with app.test_request_context():
        found = hints_for(content(stem=stem, level=Level.RECALL)).get("wording", [])
    assert ([word] if word else []) == [sentence.split("“")[1].split("”")[0] for sentence in found]


def test_emphasis_and_the_questions_of_a_situation_are_seen(app):
    plain = content(stem="Việc nào sau đây không thuộc thẩm quyền của xã?", level=Level.RECALL)
    told = replace(plain, stem_html="<p>Việc nào sau đây <strong>không</strong> thuộc thẩm quyền của xã?</p>")
    case = Question(
        kind="case", stem=SITUATION, explanation="x", details={"questions": [plain.as_json(), told.as_json()]}
    )
    with app.test_request_context():
        assert "wording" not in hints_for(told)
        assert len(hints_for(case)["wording"]) == 1
