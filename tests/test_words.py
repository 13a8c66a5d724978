"""The word list of docs/words.md, kept over every text of the interface."""

from __future__ import annotations

import re

import pytest

from config import ROOT
from examapp.core.words import catalogue_files, english
from tools.words import texts, untranslated

FORBIDDEN = {
    "sát hạch": r"sát hạch",
    "thí sinh": r"thí sinh",
    "chứng chỉ, chứng nhận": r"chứng (chỉ|nhận)",
    "mật": r"(?<!bảo )(?<!bí )\b(tuyệt mật|tối mật|tài liệu mật|độ mật)\b",
    "chữ ký số": r"chữ ký số",
    "điểm %": r"điểm %(?!\()",
    "bạn": r"\bbạn\b",
    "huỷ, xoá, hoà, thuỷ": r"(huỷ|xoá|hoà\b)",
}


@pytest.fixture(scope="module")
def every_text():
    return texts(ROOT / "examapp") | texts(ROOT / "question_bank")


def test_every_text_has_an_english_translation():
    assert untranslated() == {}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_forbidden_words_are_not_used(every_text, name):
    pattern = re.compile(FORBIDDEN[name], re.IGNORECASE)
    found = {text: place for text, place in every_text.items() if pattern.search(text)}
    assert found == {}


def test_phuc_khao_is_only_for_work_marked_by_people(every_text):
    found = [text for text in every_text if "phúc khảo" in text.lower() and "người chấm" not in text.lower()]
    assert found == []


def test_placeholders_survive_translation():
    broken = []
    for text, forms in english().items():
        wanted = set(re.findall(r"%\((\w+)\)[sd]|\{(\w*)\}", text))
        broken += [text for form in forms if set(re.findall(r"%\((\w+)\)[sd]|\{(\w*)\}", form)) - wanted - {("n", "")}]
    assert broken == []


def test_english_texts_hold_no_vietnamese_letters():
    vietnamese = re.compile("[ăâđêôơưạảãàáằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)
    kept = re.compile(r"“[^”]*”|\([^)]*\)|Thước Đo|Căn cứ|Câu|Đáp án|Đúng|Sai|NĐ|QĐ|Tiếng Việt|Điều")
    odd = [form for forms in english().values() for form in forms if vietnamese.search(kept.sub("", form))]
    assert odd == []


def test_catalogues_have_no_entry_that_no_text_uses(every_text):
    from examapp.core.form_messages import MESSAGES

    known = set(every_text) | set(MESSAGES.values())
    assert [text for text in english() if text not in known] == []
    assert len(catalogue_files()) >= 9


def test_an_organisation_may_call_it_a_test(app, reader, build):
    from dataclasses import replace

    from examapp.accounts.models import Role

    settings = app.config["SETTINGS"]
    account = build.account(None, Role.ORGANISER)
    app.config["SETTINGS"] = replace(settings, exam_word="kỳ kiểm tra")
    try:
        page = reader(account).open("/rounds/")
        assert page.heading == "Kỳ kiểm tra"
        assert "kỳ thi" not in page.text.lower()
    finally:
        app.config["SETTINGS"] = settings
    assert reader(account).open("/rounds/").heading == "Kỳ thi"
