"""What each draft of a paper says of its answer: looks, stars, answer lines and keys at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from question_bank.formats import paper_lines as lines_of
from question_bank.formats.assemble import letters_key, texts_key, truth
from question_bank.formats.paper_drafts import Draft, Paper
from question_bank.formats.paper_keys import KeyList
from question_bank.formats.rich import Rich
from question_bank.messages import N_, Message

T = TypeVar("T")


@dataclass(slots=True)
class Answered:
    """A draft with the texts of its options and what marks them."""

    draft: Draft
    texts: list[str] = field(default_factory=list)
    marked: dict[str, frozenset[int]] = field(default_factory=dict)

    def mark(self, name: str, index: int) -> None:
        self.marked[name] = self.marked.get(name, frozenset()) | {index}


def answered(draft: Draft) -> Answered:
    """The options of a draft; "Đúng" and "Sai" without letters, or an answer alone, make a statement."""
    result = Answered(draft)
    for index, option in enumerate(draft.options):
        lines = [line for line in option.lines if line.text]
        last, ticked = lines_of.without_tick(lines[-1]) if lines else (Rich("", ()), False)
        lines = [*lines[:-1], last]
        result.texts.append(" ".join(line.text for line in lines).replace("\t", " ").strip())
        looks = [line.common() for line in lines if line.text]
        borne = option.label.common() | (frozenset.intersection(*looks) if looks else frozenset())
        for name in borne - option.inherited:
            result.mark(name, index)
        if option.star:
            result.mark("star", index)
        if ticked:
            result.mark("tick", index)
    if not draft.options:
        _statement(result)
    _answer_lines(result)
    return result


def _statement(result: Answered) -> None:
    draft = result.draft
    tail = [line.text.lstrip("-•+* ").strip() for line in draft.stem[-2:]]
    if len(draft.stem) > 2 and {truth(text) for text in tail} == {True, False} and all(len(text) > 1 for text in tail):
        for index, line in enumerate(draft.stem[-2:]):
            for name in line.common():
                result.mark(name, index)
            if line.text.startswith("*"):
                result.mark("star", index)
        result.texts = tail
        draft.stem = draft.stem[:-2]
    elif draft.answers and all(truth(answer) is not None for answer in draft.answers):
        result.texts = ["Đúng", "Sai"]


def _answer_lines(result: Answered) -> None:
    """The options that the lines "Đáp án: …" of the question name."""
    if not result.texts:
        return
    found: set[frozenset[int]] = set()
    for answer in result.draft.answers:
        key = _stated(answer, result.texts)
        if key is None:
            template = N_("Đáp án “{answer}” không khớp phương án nào: ghi chữ cái của phương án đúng (A, B, C, …).")
            result.draft.errors.append(Message(template, answer=answer[:80]))
        else:
            found.add(key)
    if len(found) > 1:
        result.draft.errors.append(Message(N_("Câu này có nhiều dòng đáp án khác nhau: chỉ giữ dòng đúng.")))
    elif found:
        result.marked["line"] = found.pop()


def _stated(answer: str, texts: Sequence[str]) -> frozenset[int] | None:
    key = letters_key(answer, len(texts))
    if key is None:
        key = texts_key(answer, texts)
    if key is None and truth(answer) is not None:
        key = frozenset(index for index, text in enumerate(texts) if truth(text) == truth(answer)) or None
    return key


def apply_keys(paper: Paper, found: Sequence[Answered]) -> list[tuple[Message, Message]]:
    """Give every question its letters from the keys; returns what is wrong with a key, with its place."""
    problems: list[tuple[Message, Message]] = []
    begin = 0
    for key in paper.keys:
        if key.mixed or not key.pairs:
            if key.mixed:
                template = N_("Bảng đáp án có nhiều mã đề nên không được dùng: chỉ giữ cột của mã đề này.")
                problems.append((_place(key), Message(template)))
            continue
        part = [item for item in found[begin : key.after] if item.texts]
        begin = key.after
        if _covered(key, part) * 2 < len(key.pairs):
            part = [item for item in found if item.texts]
        problems += [(_place(key), message) for message in _apply(key, part)]
    return problems


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


def _apply_run(run: Sequence[Answered], letters: dict[int, str]) -> list[Message]:
    unused = dict(letters)
    for item in run:
        stated = unused.pop(item.draft.number or 0, None)
        if stated is None:
            continue
        key = letters_key(stated, len(item.texts))
        if key is None:
            template = N_("Bảng đáp án ghi “{answer}” nhưng câu này không có phương án đó.")
            item.draft.errors.append(Message(template, answer=stated))
        else:
            item.marked["table"] = key
    if not unused:
        return []
    template = N_("Bảng đáp án có số câu không tìm thấy trong đề: {numbers}.")
    return [Message(template, numbers=", ".join(map(str, sorted(unused))))]


def _runs(items: Sequence[T], numbers: Sequence[int]) -> list[Sequence[T]]:
    """Cut where a number is not larger than the one before."""
    cuts = [0, *(i for i in range(1, len(items)) if numbers[i] <= numbers[i - 1]), len(items)]
    return [items[start:end] for start, end in pairwise(cuts)]


def _place(key: KeyList) -> Message:
    return Message(N_("Bảng đáp án, đoạn {paragraph}"), paragraph=key.paragraph)
