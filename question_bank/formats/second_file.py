"""A key that came in a file of its own, given to the questions of another file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from question_bank.formats import paper_typed
from question_bank.formats.assemble import letters_key, with_options
from question_bank.formats.base import Reading, whole_file
from question_bank.formats.marks import is_doubt
from question_bank.formats.paper_kinds import UNSURE
from question_bank.formats.paper_truths import truths_of
from question_bank.kinds import KINDS
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.question import Question

CHOICES = ("single_choice", "multiple_response", "true_false")


def apply_key(reading: Reading, key: Mapping[int, str]) -> Reading:
    """The reading with the answers of ``key``, by number; an answer that disagrees leaves the question without one."""
    questions = list(reading.questions)
    problems = list(reading.problems)
    unused = dict(key)
    for index, question in enumerate(questions):
        number = (reading.numbers[index] if index < len(reading.numbers) else None) or index + 1
        if question.kind == "case":
            given = _case(question, number, unused)
        else:
            given = _answered(question, unused.pop(number, None))
        if given is None:
            continue
        answered, errors = given
        item, place = index + 1, reading.places[index]
        before = KINDS[question.kind].check(question)
        problems = [one for one in problems if one.item != item or not _is_settled(one.message, before)]
        messages = [*KINDS[answered.kind].check(answered), *errors]
        problems += [Problem(place, item, Severity.ERROR, message) for message in messages]
        questions[index] = answered
    if unused:
        template = N_("Bảng đáp án có số câu không tìm thấy trong đề: {numbers}.")
        told = Message(template, numbers=", ".join(map(str, sorted(unused))))
        problems.append(Problem(whole_file(), None, Severity.WARNING, told))
    return replace(reading, questions=tuple(questions), problems=tuple(problems))


def _is_settled(message: str, before: list[Message]) -> bool:
    """Whether a problem said that the answer is missing or doubtful, or will be found again if it remains."""
    return message in before or is_doubt(message) or getattr(message, "template", "") in UNSURE


def _answered(question: Question, stated: str | None) -> tuple[Question, list[Message]] | None:
    """The question with the answer of the key and what is wrong with it; ``None`` where the key says nothing."""
    if stated is None:
        return None
    found = _with_answer(question, stated)
    if found is None:
        template = N_("Bảng đáp án ghi “{answer}” nhưng câu này không có phương án đó.")
        return question, [Message(template, answer=stated)]
    if question.key and found.key != question.key:
        template = N_("Bảng đáp án ghi “{answer}”, khác đáp án trong tệp câu hỏi: xem lại và chọn đáp án đúng.")
        options = tuple(replace(option, correct=False) for option in question.options)
        return replace(question, options=options), [Message(template, answer=stated)]
    return found, []


def _with_answer(question: Question, stated: str) -> Question | None:
    if question.kind in CHOICES:
        return _chosen(question, stated)
    if question.kind == "true_false_cluster":
        truths = truths_of(stated)
        if truths is None or len(truths) != len(question.options):
            return None
        pairs = zip(question.options, truths, strict=True)
        return replace(question, options=tuple(replace(option, correct=truth) for option, truth in pairs))
    return _typed(question, stated)


def _chosen(question: Question, stated: str) -> Question | None:
    key = letters_key(stated, len(question.options))
    if key is None:
        return None
    kind = None if question.kind == "single_choice" else question.kind
    made = with_options(question, [option.text for option in question.options], key, kind)
    options = (replace(option, correct=index in key) for index, option in enumerate(question.options))
    return replace(question, kind=made.kind, options=tuple(options))


def _typed(question: Question, stated: str) -> Question | None:
    number = paper_typed.numeric_answer(stated)
    if question.kind == "numeric" or (question.kind == "short_text" and number and not question.details["accepted"]):
        return replace(question, kind="numeric", details={"answers": [number[0]]}) if number else None
    if question.kind == "short_text":
        return replace(question, details={**question.details, "accepted": paper_typed.accepted([(stated, None)])})
    return None


def _case(question: Question, number: int, unused: dict[int, str]) -> tuple[Question, list[Message]] | None:
    """Each question of a situation has a number of its own, one after the other."""
    parts: list[Question] = []
    errors: list[Message] = []
    touched = False
    for place, data in enumerate(question.details["questions"]):
        part = Question.from_json(data)
        given = _answered(part, unused.pop(number + place, None))
        parts.append(given[0] if given else part)
        errors += given[1] if given else []
        touched = touched or given is not None
    if not touched:
        return None
    details = {**question.details, "questions": [part.as_json() for part in parts]}
    return replace(question, details=details), errors
