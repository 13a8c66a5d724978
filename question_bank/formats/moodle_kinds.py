"""Kinds of this bank that Moodle says by another kind, and gradings that both know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from question_bank.formats.assemble import truth
from question_bank.formats.weights import thousandths
from question_bank.kinds.true_false import FALSE, TRUE
from question_bank.messages import N_, Message
from question_bank.question import Option, Question

EXACT, NEXT = "ALL_OR_NOTHING", "RELATIVE_NEXT_EXCLUDE_LAST"
GRADINGS = {
    "-1": EXACT,
    "0": "ABSOLUTE_POSITION",
    "1": NEXT,
    "2": "RELATIVE_NEXT_INCLUDE_LAST",
    "3": "RELATIVE_ONE_PREVIOUS_AND_NEXT",
    "4": "RELATIVE_ALL_PREVIOUS_AND_NEXT",
    "5": "LONGEST_ORDERED_SUBSET",
    "6": "LONGEST_CONTIGUOUS_SUBSET",
    "7": "RELATIVE_TO_CORRECT",
}
"""How Moodle grades an ordering, by the numbers its XML uses."""


MOST_PARTS = 500
"""Answers, gaps and the like of one question; no question of the bank has nearly as many."""


def too_many(count: int) -> Message:
    template = N_("Câu có {count} đáp án hoặc chỗ trống, quá giới hạn {most}: kiểm tra xem có thiếu dấu đóng không.")
    return Message(template, count=count, most=MOST_PARTS)


def description(text: str) -> Message:
    """What is said of a text between questions that asks nothing."""
    template = N_("Đoạn hướng dẫn không phải câu hỏi nên không được nhập; thêm vào phần hỏi nếu cần: “{text}”.")
    return Message(template, text=" ".join(text.split())[:100])


def grading_of(name: str) -> tuple[dict[str, Any], list[Message]]:
    """The scoring of an ordering; where Moodle counts in another way, the nearest is taken and told."""
    if name == EXACT:
        return {}, []
    if name == NEXT:
        return {"scoring": "pairs"}, []
    template = N_("Cách tính điểm sắp xếp “{name}” không có ở đây; câu được tính theo từng cặp liền nhau.")
    return {"scoring": "pairs"}, [Message(template, name=name)]


def as_gap(question: Question) -> Question:
    """A question with one missing word as gap text; itself when it is of another kind."""
    details = question.details
    match question.kind:
        case "single_choice":
            gap: dict[str, Any] = {"choices": [_choice(option) for option in question.options]}
        case "short_text":
            gap = {"accepted": details["accepted"]}
        case "numeric":
            gap = {"numeric": details["answers"]}
        case _:
            return question
    return replace(question, kind="gap_text", options=(), details={"gaps": [gap]})


def choice(text: str, percent: Fraction, feedback: str = "") -> dict[str, Any]:
    """One choice of a drop-down; its share only where it is neither all nor nothing."""
    share = thousandths(percent)
    return {
        "text": text,
        "correct": share >= 1000,
        **({} if share in (0, 1000) else {"share": share}),
        **({"feedback": feedback} if feedback else {}),
    }


def _choice(option: Option) -> dict[str, Any]:
    share = option.share if option.share is not None else 1000 * option.correct
    return choice(option.text, Fraction(share, 10), option.feedback)


def as_cluster(question: Question) -> Question:
    """Pairs of statement and "Đúng" or "Sai" as a cluster; the question itself where they are not."""
    pairs = question.details.get("pairs", []) if question.kind == "matching" else []
    truths = [truth(pair["right"]) for pair in pairs]
    if not pairs or None in truths:
        return question
    options = tuple(
        Option(pair["left"], correct=answer is True, html=pair.get("left_html", ""))
        for pair, answer in zip(pairs, truths, strict=True)
    )
    return replace(question, kind="true_false_cluster", options=options, details={})


def pairs_of(question: Question) -> tuple[list[Mapping[str, str]], list[Mapping[str, str]]]:
    """The pairs and extra choices of a matching question, or the statements of a cluster as pairs."""
    if question.kind == "matching":
        return question.details.get("pairs", []), question.details.get("extra", [])
    pairs = [
        {"left": option.text, "left_html": option.html, "right": TRUE if option.correct else FALSE}
        for option in question.options
    ]
    return list(pairs), []
