"""Text from before Unicode: recognised by its words or its fonts, converted, shown before and after."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.formats import encodings, read
from question_bank.formats.encodings import TCVN3, VNI, detect, to_unicode
from question_bank.formats.syllables import is_syllable
from question_bank.messages import Severity

SENTENCE = "Ủy ban nhân dân xã cấp giấy chứng nhận kết hôn cho người đăng ký trong thời hạn ba ngày."
OLD_TCVN3 = "C©u 1: C¬ quan nµo ®­îc cÊp giÊy chøng nhËn?\n*A. ñy ban nh©n d©n x·\nB. Tßa ¸n\nC. Ng­êi kh¸c"
OLD_VNI = (
    "Caâu 1: Cô quan naøo ñöôïc caáp giaáy chöùng nhaän?\n*A. UÛy ban nhaân daân xaõ\nB. Toøa aùn\nC. Ngöôøi khaùc"
)


def as_tcvn3(text: str) -> str:
    table = {new: old for old, new in encodings._TCVN3.items()}
    return "".join(table.get(character, character) for character in text)


def as_vni(text: str) -> str:
    marks = {new: old for old, new in encodings._VNI_MARKS.items() if old.islower()}
    letters = {new: old for old, new in encodings._VNI_LETTERS.items()}
    written = ""
    for character in text:
        base, added = character, ""
        decomposed = unicodedata.normalize("NFD", character)
        for end in range(len(decomposed), 0, -1):
            front, back = unicodedata.normalize("NFC", decomposed[:end]), decomposed[end:]
            ordered = "".join(sorted(back, key="\u0302\u0306\u0300\u0301\u0309\u0303\u0323".index))
            if (front in letters or front.isascii()) and (not back or ordered in marks):
                base, added = letters.get(front, front), marks.get(ordered, "")
                break
        written += base + added
    return written


def test_the_encodings_are_told_apart_and_converted() -> None:
    assert detect(OLD_TCVN3) == TCVN3
    assert detect(OLD_VNI) == VNI
    assert to_unicode("C©u hái tr¾c nghiÖm, §Ò thi", TCVN3) == "Câu hỏi trắc nghiệm, Đề thi"
    assert to_unicode("Caâu hoûi ÑEÀ THI", VNI) == "Câu hỏi ĐỀ THI"
    assert to_unicode("\uf0a7\uf0d2 thi", TCVN3) == "Đề thi"


@given(st.lists(st.sampled_from([word for word in SENTENCE.lower().strip(".").split()]), min_size=1, max_size=12))
def test_both_encodings_convert_back_to_what_was_written(words: list[str]) -> None:
    text = " ".join(words)
    assert to_unicode(as_tcvn3(text), TCVN3) == text
    assert to_unicode(as_vni(text), VNI) == text


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        unicodedata.normalize("NFD", SENTENCE),
        "Hoà giải, thuý, khoá, toà án, quyền; 5 m²; § 3; Köln; 30°C ± 2 © 2025; A¹ có được không? Có.",
        "L'été à la française, déjà vu, naïve",
        "Der Österreicher fährt über Köln, schön und größer",
        "São Paulo não é ação; niño, año, mañana",
        "hái bé", "Caâu", "plain ASCII", "",
    ],
)  # fmt: skip
def test_other_text_is_left_alone(text: str) -> None:
    assert detect(text) is None


@given(st.text(max_size=80))
def test_any_text_may_be_asked_about(text: str) -> None:
    assert detect(text) in (None, TCVN3, VNI)


@pytest.mark.parametrize("old", [OLD_TCVN3.encode("latin-1"), OLD_TCVN3.encode(), OLD_VNI.encode("utf-16")])
def test_a_text_file_is_converted_and_shown_before_and_after(old: bytes) -> None:
    reading = read(old, filename="de.txt")
    (question,) = reading.questions
    assert question.stem == "Cơ quan nào được cấp giấy chứng nhận?"
    assert [option.correct for option in question.options] == [True, False, False]
    assert [(problem.item, problem.severity) for problem in reading.problems] == [(None, Severity.WARNING)]
    assert "bảng mã cũ" in reading.problems[0].message
    assert reading.converted[0].place == "Dòng 1"
    assert reading.converted[0].after == "Câu 1: Cơ quan nào được cấp giấy chứng nhận?"
    assert reading.converted[0].before != reading.converted[0].after


def test_gift_is_converted_too() -> None:
    reading = read("§Ò thi tr¾c nghiÖm nµo? {=C¬ quan ~Ng­êi}".encode("latin-1"))
    assert reading.questions[0].stem == "Đề thi trắc nghiệm nào?"
    assert reading.questions[0].options[1].text == "Người"


def test_text_of_the_windows_page_needs_only_composing() -> None:
    text = "Đê\u0300 thi có câu ho\u0309i na\u0300o? {=Mô\u0323t ~Hai}"
    reading = read(text.encode("cp1258"))
    assert reading.questions[0].stem == "Đề thi có câu hỏi nào?"


def test_syllables() -> None:
    assert all(
        map(is_syllable, ["nghiêng", "quyết", "giếng", "gì", "ngoằn", "khuỷu", "ương", "hoà", "hòa", "Ước", "yêu"])
    )
    assert not any(map(is_syllable, ["thơng", "quyyền", "cĩn", "xyz", "ngiệm", "àà", "gìn gì"]))
