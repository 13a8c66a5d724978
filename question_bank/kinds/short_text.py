"""A few words, typed.

``details``: ``{"accepted": [{"text", "share"?: thousandths, "feedback"?}], "match_case": false, "match_marks": true}``.
The accepted text worth most of those that fit counts; what is equal is said in :mod:`question_bank.spelling`, where
``*`` stands for anything. Response: ``["chữ"]``.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from question_bank.kinds.base import Common, Kind, Order, Response
from question_bank.kinds.details import FULL, entries, text_of, thousandths, whole_of
from question_bank.kinds.limits import LONGEST_ANSWER, Part, check_parts, check_stem, check_written
from question_bank.kinds.numeric import Found, check_shares, is_one_text, typed
from question_bank.messages import N_, Message
from question_bank.question import Question
from question_bank.spelling import folded, matches, written_out

MOST_ACCEPTED = 50


class ShortText(Common):
    name = "short_text"
    label = N_("Trả lời ngắn bằng chữ")

    def check(self, question: Question) -> list[Message]:
        return [*check_stem(question), *check_accepted(question.details)]

    def shuffle(self, question: Question, rng: random.Random) -> Order:
        return ()

    def show(self, question: Question, order: Order) -> dict[str, Any]:
        return {}

    def accepts(self, response: Any, order: Order) -> bool:
        return is_one_text(response, LONGEST_ANSWER)

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        return thousandths(self._found(question, response).share)

    def _found(self, question: Question, response: Response) -> Found:
        if not response or not self.accepts(response, ()):
            return Found()
        return best(question.details, response[0])

    def solution(self, question: Question, order: Order) -> Response:
        found = solved(question.details)
        return [found] if found else []

    def describe(self, question: Question, order: Order, response: Response) -> list[str]:
        return typed(response, self.accepts(response, order))

    def feedback(self, question: Question, order: Order, response: Response) -> list[str]:
        said = self._found(question, response).feedback
        return [said] if said else []

    def texts(self, question: Question) -> list[str]:
        return [text_of(one, "text") for one in entries(question.details, "accepted")]


def best(details: Mapping[str, Any], text: str) -> Found:
    """The accepted text worth most of those that ``text`` fits; the first of equals."""
    if not text.strip():
        return Found()
    rules = _rules(details)
    fitting = [one for one in entries(details, "accepted") if matches(text_of(one, "text"), text, **rules)]
    if not fitting:
        return Found()
    one = max(fitting, key=lambda one: whole_of(one, "share", FULL))
    return Found(whole_of(one, "share", FULL), text_of(one, "feedback"))


def solved(details: Mapping[str, Any]) -> str:
    """An answer that earns everything; empty when there is none."""
    full = (one for one in entries(details, "accepted") if whole_of(one, "share", FULL) >= FULL)
    written = (written_out(text_of(one, "text")) for one in full)
    return next((text for text in written if text and best(details, text).share >= FULL), "")


def check_accepted(details: Mapping[str, Any]) -> list[Message]:
    """Texts that can be typed, no two the same, one that earns everything, none that takes whatever is typed."""
    accepted = entries(details, "accepted")
    if not accepted:
        return [Message(N_("Câu hỏi chưa có đáp án: cần nhập ít nhất một câu trả lời được chấp nhận."))]
    if len(accepted) > MOST_ACCEPTED:
        template = N_("Có {count} câu trả lời được chấp nhận: chỉ nhận tối đa {most}.")
        return [Message(template, count=len(accepted), most=MOST_ACCEPTED)]
    parts = [
        Part(Message(N_("Đáp án {number}"), number=number), text_of(one, "text"))
        for number, one in enumerate(accepted, start=1)
    ]
    problems = [
        *check_written(parts),
        *_check_equal(parts, details),
        *check_parts(parts, LONGEST_ANSWER),
        *check_shares(accepted),
        *_check_stars(accepted),
    ]
    if not problems and not solved(details):
        problems.append(Message(N_("Không câu trả lời nào được trọn điểm: cần đặt dấu * ở cuối một từ hoặc bỏ dấu *.")))
    return problems


def _check_equal(parts: Sequence[Part], details: Mapping[str, Any]) -> list[Message]:
    """A case or mark that does not count makes two answers the same, and their shares a riddle."""
    problems = []
    seen: dict[str, Part] = {}
    for part in parts:
        first = seen.setdefault(folded(part.text, **_rules(details)), part)
        if first is not part and part.text.strip():
            template = N_("{first} và {second} được chấm như nhau: cần xóa một trong hai.")
            problems.append(Message(template, first=first.name, second=part.name))
    return problems


def _check_stars(accepted: Sequence[Mapping[str, Any]]) -> list[Message]:
    takes_all = [one for one in accepted if text_of(one, "text").strip() and not text_of(one, "text").strip(" *")]
    if any(whole_of(one, "share", FULL) > 0 for one in takes_all):
        return [Message(N_("Đáp án chỉ có dấu * nhận mọi câu trả lời: cần ghi thêm chữ hoặc cho 0 %."))]
    return []


def _rules(details: Mapping[str, Any]) -> dict[str, bool]:
    return {
        "match_case": details.get("match_case") is True,
        "match_marks": details.get("match_marks", True) is not False,
    }


KIND: Kind = ShortText()
