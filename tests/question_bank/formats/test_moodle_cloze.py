"""Gaps of cloze questions: every way Moodle writes them, and what gap text cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats.carried import normal
from question_bank.formats.moodle_cloze import GapError, read_gaps, write_gaps

from .shapes import GAPS


def gap(written: str) -> dict[str, Any]:
    text, (found,) = read_gaps(f"Trước {written} sau")
    assert text == "Trước [[1]] sau"
    return found


@pytest.mark.parametrize("name", ["MULTICHOICE", "MC", "MCV", "MULTICHOICE_H", "MCS", "MULTICHOICE_VS"])
def test_drop_downs(name: str) -> None:
    found = gap(f"{{2:{name}:Huế#Không phải~=Hà Nội~%50%Thăng Long}}")
    assert found == {
        "choices": [
            {"text": "Huế", "correct": False, "feedback": "Không phải"},
            {"text": "Hà Nội", "correct": True},
            {"text": "Thăng Long", "correct": False, "share": 500},
        ],
        "points": 2,
    }


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{:SA:=hộ tịch~%50%hộ khẩu}", {"accepted": [{"text": "hộ tịch"}, {"text": "hộ khẩu", "share": 500}]}),
        ("{1:SHORTANSWER_C:%100%UBND}", {"accepted": [{"text": "UBND"}], "match_case": True}),
        ("{1:MW:=a &amp; b &#125;}", {"accepted": [{"text": "a & b }"}]}),
        (r"{1:SA:=a\}b\#c}", {"accepted": [{"text": "a}b#c"}]}),
        ("{1:NM:=5,5:0.1#Gần~%50%6~*#Sai}", {"numeric": [
            {"value": "5.5", "tolerance": "0.1", "mode": "absolute", "feedback": "Gần"},
            {"value": "6", "share": 500}]}),
        ("{1:MC:=x &lt; 5~x &gt; 5}", {"choices": [
            {"text": "x < 5", "correct": True}, {"text": "x > 5", "correct": False}]}),
    ],
)  # fmt: skip
def test_typed_gaps_and_entities(written: str, expected: dict[str, Any]) -> None:
    assert gap(written) == expected


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("{1:MULTIRESPONSE:=a~=b~c}", "MULTIRESPONSE"),
        ("{1:MRH:=a~=b}", "Chỗ trống 1"),
        ("{1:MC:=a~b", "thiếu dấu đóng"),
        ("{1:NUMERICAL:=nhiều}", "không phải số"),
        ("{1:SA:=a}" * 501, "giới hạn"),
        ("{1:SA:" + "=a~" * 600 + "}", "giới hạn"),
    ],
)
def test_what_gap_text_cannot_be(written: str, part: str) -> None:
    with pytest.raises(GapError) as caught:
        read_gaps(written)
    assert part in caught.value.message


def test_braces_that_are_no_gap_stay() -> None:
    assert read_gaps("Tập {1, 2} và {x:y}") == ("Tập {1, 2} và {x:y}", [])


@settings(max_examples=100, deadline=None)
@given(st.lists(GAPS, min_size=1, max_size=3))
def test_what_is_written_reads_back(gaps: list[dict[str, Any]]) -> None:
    exact = [found for found in gaps if not any("low" in one or one["mode"] == "relative" for one in _numbers(found))]
    text = " ".join(f"[[{number}]]" for number in range(1, len(exact) + 1))
    again, found = read_gaps(write_gaps(text, exact))
    assert (again, normal(found)) == (text, normal(exact))


def _numbers(gap: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"mode": "absolute", **one} for one in gap.get("numeric", [])]
