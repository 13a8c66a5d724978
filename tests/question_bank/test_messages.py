"""Sentences that can be translated after they were made."""

from __future__ import annotations

import copy
import pickle

import pytest

from question_bank.messages import N_, Message, Problem, Severity, has_errors

ENGLISH = {
    "Phương án {letter} để trống.": "Option {letter} is empty.",
    "Câu {number}: {what}": "Question {number}: {what}",
    "Tệp trống.": "The file is empty.",
}


def english(template: str) -> str:
    return ENGLISH[template]


def test_the_marker_changes_nothing() -> None:
    assert N_("Tệp trống.") == "Tệp trống."


def test_a_message_is_its_vietnamese_sentence() -> None:
    message = Message("Phương án {letter} để trống.", letter="B")

    assert message == "Phương án B để trống."
    assert isinstance(message, str)
    assert message.template == "Phương án {letter} để trống."
    assert message.values == {"letter": "B"}


def test_a_message_is_translated_with_its_values() -> None:
    assert Message("Phương án {letter} để trống.", letter="B").translated(english) == "Option B is empty."


def test_a_message_inside_a_message_is_translated_too() -> None:
    inner = Message("Phương án {letter} để trống.", letter="C")

    assert Message("Câu {number}: {what}", number=3, what=inner).translated(english) == "Question 3: Option C is empty."


def test_braces_of_a_plain_message_are_kept() -> None:
    message = Message("Câu {1} của tệp GIFT")

    assert message == "Câu {1} của tệp GIFT"
    assert message.translated(str) == "Câu {1} của tệp GIFT"


@pytest.mark.parametrize("again", [copy.deepcopy, lambda message: pickle.loads(pickle.dumps(message))])
def test_a_copy_can_still_be_translated(again: type) -> None:
    message = again(Message("Phương án {letter} để trống.", letter="B"))

    assert message == "Phương án B để trống."
    assert message.translated(english) == "Option B is empty."


def test_a_problem_as_json_has_plain_values() -> None:
    problem = Problem("Trang tính 1, ô C4", 3, Severity.ERROR, Message("Tệp trống."))

    assert problem.as_json() == {
        "place": "Trang tính 1, ô C4",
        "item": 3,
        "severity": "error",
        "message": "Tệp trống.",
    }


@pytest.mark.parametrize(
    ("severities", "expected"),
    [([], False), ([Severity.WARNING], False), ([Severity.WARNING, Severity.ERROR], True)],
)
def test_only_errors_are_errors(severities: list[Severity], expected: bool) -> None:
    assert has_errors(Problem("", None, severity, Message("Tệp trống.")) for severity in severities) is expected
