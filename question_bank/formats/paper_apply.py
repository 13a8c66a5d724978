"""Answers that stand apart from the questions, given to the questions they are for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from question_bank.formats.assemble import letters_key
from question_bank.formats.paper_answers import Answered, reconsider
from question_bank.formats.paper_keys import KeyList
from question_bank.formats.paper_parts import Paper
from question_bank.formats.paper_sections import ESSAY
from question_bank.formats.paper_truths import truths_of
from question_bank.messages import N_, Message

MIXED = N_("Bảng đáp án có nhiều mã đề nên không được dùng: chỉ giữ cột của mã đề này.")

T = TypeVar("T")


def apply_keys(paper: Paper, found: Sequence[Answered]) -> list[tuple[Message, Message]]:
    """Give every question its answer from the keys; returns what is wrong with a key, with its place."""
    problems: list[tuple[Message, Message]] = []
    begin = 0
    for key in paper.keys:
        if key.mixed or not key.pairs:
            if key.mixed:
                problems.append((place_of(key), Message(MIXED)))
            continue
        part = _part(key, found, begin)
        begin = key.after
        problems += [(place_of(key), message) for message in _apply(key, part)]
    return problems


def _part(key: KeyList, found: Sequence[Answered], begin: int) -> list[Answered]:
    """The questions that a key is for: those of the part it names, those before it, or all."""
    named = [item for item in found if key.part and item.draft.section.part == key.part]
    if named:
        return named
    part = [item for item in found[begin : key.after] if _takes_key(item)]
    if _covered(key, part) * 2 < len(key.pairs):
        part = [item for item in found if _takes_key(item)]
    return part


def _takes_key(item: Answered) -> bool:
    return bool(item.texts) or (item.kind != "essay" and item.draft.section.hint != ESSAY)


def _covered(key: KeyList, part: Sequence[Answered]) -> int:
    numbers = {item.draft.number for item in part}
    return sum(number in numbers for number, _ in key.pairs)


def _apply(key: KeyList, part: Sequence[Answered]) -> list[Message]:
    """By number; where numbers begin anew, run by run."""
    if any(item.draft.number is None for item in part):
        for number, item in enumerate(part, start=1):
            item.draft.number = number
    questions = _runs(part, [item.draft.number or 0 for item in part])
    letters = _runs(key.pairs, [number for number, _ in key.pairs])
    if len(questions) == 1 and len({number for number, _ in key.pairs}) == len(key.pairs):
        letters = [key.pairs]
    if len(questions) != len(letters):
        template = N_("Số câu lặp lại giữa các phần nên bảng đáp án không được dùng: ghi đáp án riêng sau mỗi phần.")
        return [Message(template)]
    messages: list[Message] = []
    for run, pairs in zip(questions, letters, strict=True):
        messages += _apply_run(run, dict(pairs))
    return messages


def _apply_run(run: Sequence[Answered], answers: dict[int, str]) -> list[Message]:
    unused = dict(answers)
    for item in run:
        stated = unused.pop(item.draft.number or 0, None)
        if stated is not None:
            _answer(item, stated)
    if not unused:
        return []
    template = N_("Bảng đáp án có số câu không tìm thấy trong đề: {numbers}.")
    return [Message(template, numbers=", ".join(map(str, sorted(unused))))]


def _answer(item: Answered, stated: str) -> None:
    if item.kind == "true_false_cluster":
        truths = truths_of(stated)
        known = [truth for truth in item.truths if truth is not None]
        if truths is None or len(truths) != len(item.texts) or (known and known != truths):
            _contradicted(item, stated)
        else:
            item.truths = list(truths)
    elif not item.chooses:
        if stated not in item.draft.answers:
            item.draft.answers.append(stated)
            reconsider(item)
    elif (key := letters_key(stated, len(item.texts))) is not None:
        item.marked["table"] = key
    else:
        _contradicted(item, stated)


def _contradicted(item: Answered, stated: str) -> None:
    template = N_("Bảng đáp án ghi “{answer}” nhưng câu này không có phương án đó.")
    item.draft.errors.append(Message(template, answer=stated))


def _runs(items: Sequence[T], numbers: Sequence[int]) -> list[Sequence[T]]:
    """Cut where a number is not larger than the one before."""
    cuts = [0, *(i for i in range(1, len(items)) if numbers[i] <= numbers[i - 1]), len(items)]
    return [items[start:end] for start, end in pairwise(cuts)]


def place_of(key: KeyList) -> Message:
    return Message(N_("Bảng đáp án, đoạn {paragraph}"), paragraph=key.paragraph)
