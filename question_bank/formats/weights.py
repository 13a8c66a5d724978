"""Answers with percentages, as Moodle counts them, and the scoring of this bank that says the same.

One right answer with other percentages beside it is single choice by weights. Several right answers that share the
100 % equally are marked by the percentage that a wrong one takes away: all of it, all or nothing; nothing, a part for
each right one; as much as a right one gives, right minus wrong. Everything else is marked by weights as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from question_bank.formats.moodle_text import Marked
from question_bank.messages import N_, Message
from question_bank.question import Option, Question

GRADES = tuple(
    Fraction(100 * part, whole)
    for part, whole in [
        (1, 1), (9, 10), (5, 6), (4, 5), (3, 4), (7, 10), (2, 3), (3, 5), (1, 2), (2, 5), (1, 3), (3, 10), (1, 4),
        (1, 5), (1, 6), (1, 7), (1, 8), (1, 9), (1, 10), (1, 20),
    ]
)  # fmt: skip
"""The percentages that Moodle takes; others it refuses or rounds."""

_NEAR = Fraction(1, 20)
_PERCENT = re.compile(r"-?\d{1,4}(?:[.,]\d{0,10})?")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, what it earns in percent, and what is said to who chose it."""

    text: Marked
    percent: Fraction
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """The answers as options, with the kind and scoring they make."""

    kind: str
    options: tuple[Option, ...]
    details: dict[str, Any]


def single(answers: Sequence[Answer], wanted: str = "") -> Choices:
    """Whoever chooses gets what his answer is worth; a full answer is the right one."""
    weighed = any(answer.percent and not _full(answer) for answer in answers) or wanted == "weights"
    options = tuple(_option(answer, _full(answer), weighed) for answer in answers)
    return Choices("single_choice", options, {"scoring": "weights"} if weighed else {})


def several(answers: Sequence[Answer], wanted: str = "") -> Choices:
    """``wanted`` is the scoring that the file states in a field of ours; it counts where the percentages agree."""
    implied = _implied([answer.percent for answer in answers])
    scoring = wanted if wanted in (*implied, "weights") else (implied or ("weights",))[0]
    options = tuple(_option(answer, answer.percent > 0, scoring == "weights") for answer in answers)
    return Choices("multiple_response", options, {} if scoring == "all_or_nothing" else {"scoring": scoring})


def how_marked(question: Question) -> Message | None:
    """What is to be told once of a file whose percentages are marked here a little otherwise than in Moodle."""
    if question.kind != "multiple_response":
        return None
    if not question.details.get("scoring"):
        return Message(N_("Câu nhiều lựa chọn trừ 100 % cho phương án sai: chọn đúng hết mới được điểm."))
    if question.details["scoring"] == "per_right":
        template = N_(
            "Câu nhiều lựa chọn không trừ điểm phương án sai: mỗi phương án đúng được một phần điểm, chọn nhiều hơn "
            "số đáp án thì không được điểm."
        )
        return Message(template)
    return None


def _implied(percents: Sequence[Fraction]) -> tuple[str, ...]:
    """The scorings that these percentages say; none where they are weights of their own."""
    right = [percent for percent in percents if percent > 0]
    wrong = [percent for percent in percents if percent <= 0]
    if not right or any(abs(percent - Fraction(100, len(right))) > _NEAR for percent in right):
        return ()
    taken = {
        "all_or_nothing": Fraction(100),
        "right_minus_wrong": Fraction(100, len(right)),
        "per_right": Fraction(0),
    }
    return tuple(name for name, part in taken.items() if all(abs(percent + part) <= _NEAR for percent in wrong))


def _full(answer: Answer) -> bool:
    return answer.percent >= 100 - _NEAR


def _option(answer: Answer, correct: bool, weighed: bool) -> Option:
    share = thousandths(answer.percent) if weighed else None
    return Option(answer.text.text, correct, html=answer.text.html, feedback=answer.feedback, share=share)


def percents(question: Question) -> list[Fraction]:
    """What each option of a single or multiple choice earns, in percent."""
    scoring = question.details.get("scoring", "all_or_nothing")
    if scoring == "weights":
        return [percent_of(option.share or 0) for option in question.options]
    right = Fraction(100, max(len(question.key), 1))
    wrong = {"per_right": Fraction(0), "right_minus_wrong": -right}.get(scoring, Fraction(-100))
    if question.kind == "single_choice":
        right, wrong = Fraction(100), Fraction(0)
    return [right if option.correct else wrong for option in question.options]


def percent_of(share: int) -> Fraction:
    """A share in thousandths as a percentage, as one of Moodle's own where it is that one rounded."""
    grades = (grade * sign for grade in GRADES for sign in (1, -1))
    return next((grade for grade in grades if thousandths(grade) == share), Fraction(share, 10))


def thousandths(percent: Fraction) -> int:
    return round(percent * 10)


def percent_text(percent: Fraction) -> str:
    """ "33.33333", "50", "-12.5": at most five places, as Moodle writes them."""
    return f"{float(percent):.5f}".rstrip("0").rstrip(".")


def percent_from(text: str) -> Fraction:
    """A percentage as written in a file; ``ValueError`` when it is none."""
    if not _PERCENT.fullmatch(text.strip()):
        raise ValueError(text)
    return Fraction(text.strip().replace(",", "."))
