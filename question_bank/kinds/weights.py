"""Marking by weights: each option carries a share in thousandths, wrong ones none or a negative one."""

from __future__ import annotations

from collections.abc import Iterable

from question_bank.kinds.base import letter
from question_bank.kinds.details import FULL
from question_bank.messages import N_, Message
from question_bank.question import Option, Question

WEIGHTS = "weights"


def weight(option: Option) -> int:
    return option.share or 0


def check_weights(question: Question) -> list[Message]:
    """Every option has a weight, and none beyond what the question is worth."""
    problems = []
    for index, option in enumerate(question.options):
        if option.share is None:
            template = N_("Phương án {letter} chưa có trọng số: cần nhập, phương án sai ghi 0 hoặc số âm.")
            problems.append(Message(template, letter=letter(index)))
        elif type(option.share) is not int or not -FULL <= option.share <= FULL:
            template = N_("Trọng số của phương án {letter} phải là số từ −100 % đến 100 %.")
            problems.append(Message(template, letter=letter(index)))
    return problems


def check_key(question: Question, right: Iterable[int]) -> list[Message]:
    """The options marked right are those whose weights say so."""
    right = tuple(right)
    letters = ", ".join(map(letter, sorted(set(right) ^ set(question.key))))
    if not letters:
        return []
    template = N_("Trọng số và đáp án đúng không khớp ở phương án {letters}: cần sửa trọng số hoặc đáp án.")
    return [Message(template, letters=letters)]
