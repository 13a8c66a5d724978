"""The lines below a question on paper: its answer in words, its law, its details, its explanation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from question_bank.formats.paper_typed import FULL, written_number, written_share
from question_bank.kinds.base import comparable, letter
from question_bank.kinds.matching import choices_of
from question_bank.question import Question

Lines = list[tuple[str, str]]

_SCORINGS = {
    "per_right": "từng phương án đúng",
    "right_minus_wrong": "đúng trừ sai",
    "weights": "theo trọng số",
    "all": "đúng hết mới có điểm",
    "pairs": "từng cặp liền nhau",
}


def below(question: Question, *, with_key: bool, key_line: bool) -> Lines:
    """Name and value of each line, the explanation last, since it takes all that follows."""
    lines = _of_kind(question)
    if key_line:
        lines += [("Đáp án", key) for key in [statement_key(question)] if key]
    if with_key:
        lines += _key_details(question)
    lines.append(("Căn cứ", "; ".join(map(str, question.citations))))
    pinned = [letter(index) for index, option in enumerate(question.options) if option.pinned]
    points = f"{question.points / 1000:g}".replace(".", ",")
    lines += [
        ("Chuyên đề", question.topic),
        ("Vị trí", ", ".join(question.positions)),
        ("Điểm", points if question.points != FULL else ""),
        ("Thời gian", f"{question.seconds} giây" if question.seconds else ""),
        ("Nhãn", ", ".join(question.tags)),
        ("Cố định", ", ".join(pinned)),
        ("Mã câu", question.ref),
    ]
    return [*lines, ("Giải thích", question.explanation)] if with_key else lines


def statement_key(question: Question) -> str:
    """The answer in the one line that a key holds; empty for kinds whose answer needs more."""
    tell = _KEYS.get(question.kind)
    return tell(question) if tell else ""


def _letters(question: Question) -> str:
    return ", ".join(letter(index) for index in question.key)


def _truths(question: Question) -> str:
    judged = enumerate("Đ" if option.correct else "S" for option in question.options)
    return ", ".join(f"{letter(index).lower()}-{truth}" for index, truth in judged)


def _number(question: Question) -> str:
    answers = question.details.get("answers", ())
    return written_number(answers[0]) if len(answers) == 1 and answers[0].get("share", FULL) == FULL else ""


def _words(question: Question) -> str:
    accepted = question.details.get("accepted", ())
    return "; ".join(one["text"] for one in accepted) if all(one.get("share", FULL) == FULL for one in accepted) else ""


def _order(question: Question) -> str:
    items = list(question.details.get("items", ()))
    by_text = sorted(range(len(items)), key=lambda index: comparable(items[index]["text"]))
    return " - ".join(letter(by_text.index(index)) for index in range(len(items)))


def _pairs(question: Question) -> str:
    places = [comparable(choice.text) for choice in choices_of(question)]
    rights = [places.index(comparable(pair["right"])) for pair in question.details.get("pairs", ())]
    return ", ".join(f"{number}-{letter(place)}" for number, place in enumerate(rights, start=1))


_KEYS: dict[str, Callable[[Question], str]] = {
    "single_choice": _letters,
    "multiple_response": _letters,
    "true_false": _letters,
    "true_false_cluster": _truths,
    "ordering": _order,
    "matching": _pairs,
    "numeric": _number,
    "short_text": _words,
}


def _of_kind(question: Question) -> Lines:
    """What a candidate may know: units, choices of gaps, how the question is marked."""
    details = question.details
    lines: Lines = []
    if unit := details.get("unit"):
        lines.append(("Đơn vị", f"{unit} (bắt buộc)" if details.get("unit_required") else unit))
    if question.kind == "gap_text":
        for number, gap in enumerate(details.get("gaps", ()), start=1):
            lines.append((_gap_name(number, gap), _offered(gap)))
    if scoring := _SCORINGS.get(str(details.get("scoring", ""))):
        lines.append(("Cách chấm", scoring))
    if table := details.get("table"):
        lines.append(("Thang điểm", "; ".join(f"{_percent(share)}%" for share in table)))
    compared = [
        *(["phân biệt hoa thường"] if details.get("match_case") else []),
        *(["bỏ qua dấu"] if details.get("match_marks", True) is False else []),
    ]
    lines.append(("So sánh", "; ".join(compared)))
    for name, value in (("Số chữ tối đa", details.get("words")), ("Số dòng", details.get("lines"))):
        lines.append((name, str(value) if value else ""))
    return lines


def _gap_name(number: int, gap: Mapping[str, Any]) -> str:
    weight = gap.get("points", 1)
    return f"Chỗ trống {number}" + (f" ({weight})" if weight != 1 else "")


def _offered(gap: Mapping[str, Any]) -> str:
    if "choices" in gap:
        return " | ".join(choice["text"] for choice in gap["choices"])
    return "[số]" if "numeric" in gap else "[chữ]"


def _key_details(question: Question) -> Lines:
    """What only markers may see."""
    details = question.details
    lines: Lines = []
    if not statement_key(question):
        for answer in details.get("answers", ()):
            lines.append((f"Đáp án{written_share(answer.get('share')) or ' (100%)'}", written_number(answer)))
        for one in details.get("accepted", ()):
            lines.append((f"Đáp án{written_share(one.get('share')) or ' (100%)'}", one["text"]))
    for number, gap in enumerate(details.get("gaps", ()), start=1):
        lines += _gap_answers(number, gap)
    lines += [("Ý chấm", f"{one['text']} ({_comma(one['points'] / 1000)} điểm)") for one in details.get("rubric", ())]
    weights = [
        f"{letter(index)} {_percent(option.share)}%"
        for index, option in enumerate(question.options)
        if option.share is not None and details.get("scoring") == "weights"
    ]
    lines.append(("Trọng số", "; ".join(weights)))
    lines += [
        (f"Phản hồi {letter(index)}", " ".join(option.feedback.split("\n")))
        for index, option in enumerate(question.options)
        if option.feedback
    ]
    return lines


def _gap_answers(number: int, gap: Mapping[str, Any]) -> Lines:
    name = f"Đáp án chỗ trống {number}"
    if "choices" in gap:
        right = [choice for choice in gap["choices"] if choice.get("correct")]
        return [(name + written_share(choice.get("share")), choice["text"]) for choice in right]
    if "numeric" in gap:
        return [(name + written_share(answer.get("share")), written_number(answer)) for answer in gap["numeric"]]
    return [(name + written_share(one.get("share")), one["text"]) for one in gap.get("accepted", ())]


def _percent(share: int | None) -> str:
    return _comma((share or 0) / 10)


def _comma(number: float) -> str:
    return f"{number:g}".replace(".", ",")
