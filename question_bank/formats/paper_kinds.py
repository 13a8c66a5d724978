"""From a draft with its answer to a question of its kind. What is not sure stays empty, with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from question_bank.formats import paper_groups, paper_typed
from question_bank.formats.assemble import asks_for_several, letters_key, not_understood, points_from, with_options
from question_bank.formats.marks import Decision, Evidence
from question_bank.formats.paper_answers import Answered
from question_bank.formats.paper_fields import values_of, with_fields, with_signs
from question_bank.formats.paper_html import both
from question_bank.formats.paper_sections import ESSAY, SHORT
from question_bank.formats.rich import Look, Rich
from question_bank.formats.vietnamese import fold
from question_bank.messages import N_, Message
from question_bank.question import Option, Question, clean_text

_ASKS_TO_WRITE = re.compile(
    r"(?:(?:anh|chi|anh/chi|dong chi|ong|ba|em|hay|theo anh|theo dong chi|bang kien thuc)\b.{0,40})?"
    r"\b(?:trinh bay|phan tich|neu|so sanh|giai thich|binh luan|soan thao|lam ro|chung minh|xu ly|de xuat|viet)\b"
)
_LEFT = re.compile(r"\(?(\d{1,2})[.)]\s*")
_PAIR = re.compile(r"\(?(\d{1,2})\)?\s*[-–—.:>=→]+\s*\(?([A-Za-z])\)?")
_WORTH = re.compile(
    r"\s*[(\[]\s*(\d+(?:[.,]\d+)?)\s*(?:điểm|đ)\s*[)\]]\s*\.?\s*$|\s+(\d+(?:[.,]\d+)?)\s*(?:điểm|đ)\.?$", re.IGNORECASE
)
_LONG_ANSWER = 80


_UNSURE_TRUTHS = N_("Chưa rõ ý nào đúng, ý nào sai: ghi đáp án như a-Đ, b-S, c-Đ, d-S.")
UNSURE = frozenset([_UNSURE_TRUTHS])
"""What is said of a missing answer that the check of the kind cannot see."""


@dataclass(slots=True)
class Built:
    """A question, why its answer is missing or wrong, and what to look at again."""

    question: Question
    errors: list[Message] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)


def built(item: Answered, decision: Decision, rubric: Sequence[str] = ()) -> Built:
    """The question of a draft."""
    draft = item.draft
    question = Question("single_choice", "", explanation=clean_text("\n".join(draft.explanation)))
    question, stem = with_signs(replace(question, level=draft.section.level), draft.signs, draft.stem)
    if item.kind in ("matching",):
        stem, lefts = _lefts(stem)
    else:
        lefts = []
    question, warnings = with_fields(_with_stem(question, stem), draft.fields)
    result = Built(question, list(draft.errors), [*draft.warnings, *warnings])
    kind = item.kind or ("" if item.texts else _kind_without_options(item, question, rubric))
    build = _BUILDERS.get(kind)
    if build is not None:
        build(result, item, decision)
    elif kind == "matching":
        _matching(result, item, decision, lefts)
    elif kind == "essay":
        _essay(result, item, rubric)
    else:
        _choice(result, item, decision)
    if item.kind not in ("numeric", "short_text", "gap_text", "essay"):
        result.question = _with_scoring(result.question, draft.fields)
    return result


def _with_stem(question: Question, stem: Sequence[Rich]) -> Question:
    text, html = both(stem)
    return replace(question, stem=text, stem_html=html)


def _option(item: Answered, index: int, ignored: Look) -> Option:
    text, html = both(item.options[index], ignored)
    return Option(" ".join(text.split()) if not html else text, html=html)


def _options(item: Answered, decision: Decision) -> list[Option]:
    """The options, without the looks that mark right ones in this document."""
    ignored = frozenset(mark for mark in decision.marks)
    return [_option(item, index, ignored) for index in range(len(item.texts))]


def _choice(result: Built, item: Answered, decision: Decision) -> None:
    question, draft = result.question, item.draft
    several = asks_for_several(f"{draft.signs} {question.stem}") or item.kind == "multiple_response"
    verdict = decision.verdict(Evidence(len(item.texts), item.marked, several))
    key = verdict.key if not draft.errors else frozenset[int]()
    options = _options(item, decision)
    question = with_options(question, [option.text for option in options], key, item.kind)
    if question.kind != "true_false":
        kept = zip(question.options, options, strict=True)
        question = replace(question, options=tuple(replace(option, html=rich.html) for option, rich in kept))
    if verdict.conflict:
        result.errors.append(verdict.conflict)
    if verdict.doubt:
        result.warnings.append(verdict.doubt)
    result.question = _with_notes(_with_pins(question, draft.fields, result.warnings), draft.fields)


def _with_pins(question: Question, fields: Sequence[tuple[str, str]], warnings: list[Message]) -> Question:
    """The options of the line "Cố định: D" keep their places."""
    for value in values_of(fields, "co dinh"):
        pinned = letters_key(value, len(question.options))
        if pinned is None:
            warnings.append(not_understood(Message(N_("phương án cố định")), value))
            continue
        options = tuple(replace(option, pinned=index in pinned) for index, option in enumerate(question.options))
        question = replace(question, options=options)
    return question


def _with_notes(question: Question, fields: Sequence[tuple[str, str]]) -> Question:
    """What is said to who chose an option, and the weights of options."""
    options = list(question.options)
    for name, value in fields:
        if match := re.fullmatch(r"phan hoi \(?([a-j])\)?", name):
            index = ord(match[1]) - ord("a")
            if index < len(options):
                options[index] = replace(options[index], feedback=value)
    for letter, weight in re.findall(
        r"([A-J])\s*:?\s*(-?\d+(?:[.,]\d+)?)\s*%", " ".join(values_of(fields, "trong so"))
    ):
        index = ord(letter) - ord("A")
        if index < len(options):
            options[index] = replace(options[index], share=round(float(weight.replace(",", ".")) * 10))
    return replace(question, options=tuple(options))


_SCORINGS = {
    "multiple_response": {
        "tung phuong an dung": "per_right",
        "dung tru sai": "right_minus_wrong",
        "theo trong so": "weights",
    },
    "single_choice": {"theo trong so": "weights"},
    "matching": {"dung het moi co diem": "all"},
    "ordering": {"tung cap lien nhau": "pairs"},
}


def _with_scoring(question: Question, fields: Sequence[tuple[str, str]]) -> Question:
    for value in values_of(fields, "cach cham"):
        scoring = _SCORINGS.get(question.kind, {}).get(fold(value).strip(" ."))
        if scoring:
            question = replace(question, details={**question.details, "scoring": scoring})
    return question


def _cluster(result: Built, item: Answered, decision: Decision) -> None:
    options = _options(item, decision)
    truths: list[bool | None] = item.truths or [None] * len(options)
    marked = Evidence(len(options), item.marked, allows_several=True)
    if all(truth is None for truth in truths):
        right = next((telling for mark in decision.marks if (telling := marked.telling(mark))), None)
        if right is not None:
            truths = [index in right for index in range(len(options))]
    if any(truth is None for truth in truths):
        result.errors.append(Message(_UNSURE_TRUTHS))
    details: dict[str, Any] = {}
    if table := values_of(item.draft.fields, "thang diem"):
        shares = [share.strip() for share in re.split(r"[;%]+", table[0]) if share.strip()]
        if all(re.fullmatch(r"\d+(?:,\d)?", share) for share in shares):
            details["table"] = [round(float(share.replace(",", ".")) * 10) for share in shares]
    options = [replace(option, correct=bool(truth)) for option, truth in zip(options, truths, strict=True)]
    result.question = replace(result.question, kind="true_false_cluster", options=tuple(options), details=details)
    result.question = _with_pins(result.question, item.draft.fields, result.warnings)
    result.question = _with_notes(result.question, item.draft.fields)


def _ordering(result: Built, item: Answered, decision: Decision) -> None:
    found = [re.findall(r"[A-J]", answer) for answer in item.draft.answers]
    wanted = {chr(ord("A") + index) for index in range(len(item.texts))}
    options = _options(item, decision)
    if len(found) == 1 and len(found[0]) == len(wanted) and set(found[0]) == wanted:
        options = [options[ord(letter) - ord("A")] for letter in found[0]]
    else:
        result.errors.append(Message(N_("Chưa rõ thứ tự đúng: ghi đáp án như C - A - D - B, đủ các chữ cái.")))
    items = [{"text": option.text, **({"html": option.html} if option.html else {})} for option in options]
    result.question = replace(result.question, kind="ordering", options=(), details={"items": items})


def _lefts(stem: Sequence[Rich]) -> tuple[list[Rich], list[list[Rich]]]:
    """The stem and the numbered items below it, 1 and on, each with the lines that continue it."""
    first = next((n for n, line in enumerate(stem) if n and (m := _LEFT.match(line.text)) and m[1] == "1"), len(stem))
    lefts: list[list[Rich]] = []
    for line in stem[first:]:
        match = _LEFT.match(line.text)
        if match and int(match[1]) == len(lefts) + 1:
            lefts.append([line.cut(match.end())])
        else:
            lefts[-1].append(line)
    return list(stem[:first]), lefts


def _matching(result: Built, item: Answered, decision: Decision, lefts: Sequence[Sequence[Rich]]) -> None:
    choices = _options(item, decision)
    pairs = {int(n): ord(letter.upper()) - ord("A") for a in item.draft.answers for n, letter in _PAIR.findall(a)}
    complete = set(pairs) == set(range(1, len(lefts) + 1)) and all(0 <= at < len(choices) for at in pairs.values())
    if not complete:
        result.errors.append(Message(N_("Chưa rõ cách ghép: ghi đáp án như 1-B, 2-A, 3-C, đủ các mục bên trái.")))
    written = []
    for number, lines in enumerate(lefts, start=1):
        left, left_html = both(lines)
        right = choices[pairs[number]] if complete else Option("")
        pair = {"left": left, "right": right.text, "left_html": left_html, "right_html": right.html}
        written.append({name: text for name, text in pair.items() if text or not name.endswith("_html")})
    extra = [
        {"text": choice.text, **({"html": choice.html} if choice.html else {})}
        for index, choice in enumerate(choices)
        if not complete or index not in pairs.values()
    ]
    details: dict[str, Any] = {"pairs": written, **({"extra": extra} if extra else {})}
    result.question = replace(result.question, kind="matching", options=(), details=details)


def _typed_answers(item: Answered) -> list[tuple[str, int | None]]:
    answers: list[tuple[str, int | None]] = [(answer, None) for answer in item.draft.answers]
    shared = [(v, paper_typed.share_of(n)) for n, v in item.draft.fields if re.fullmatch(r"dap an \(.*\)", n)]
    return answers + shared


def _numeric(result: Built, item: Answered, decision: Decision) -> None:
    found = [paper_typed.numeric_answer(text, share) for text, share in _typed_answers(item)]
    known = [answer for answer in found if answer is not None]
    unit = next((unit for _, unit in known if unit), "")
    details: dict[str, Any] = {"answers": [answer for answer, _ in known]}
    for value in values_of(item.draft.fields, "don vi"):
        unit = re.sub(r"\s*\(bắt buộc\)\s*$", "", value)
        if unit != value:
            details["unit_required"] = True
    if unit:
        details["unit"] = unit
    if len(known) < len(found):
        result.errors.append(Message(N_("Đáp án không phải là số: ghi số, như 12,5 hoặc 12,5 ± 0,1.")))
    result.question = replace(result.question, kind="numeric", details=details)


def _short(result: Built, item: Answered, decision: Decision) -> None:
    details: dict[str, Any] = {"accepted": paper_typed.accepted(_typed_answers(item))}
    told = fold(" ".join(values_of(item.draft.fields, "so sanh")))
    if "phan biet hoa thuong" in told:
        details["match_case"] = True
    if "bo qua dau" in told:
        details["match_marks"] = False
    result.question = replace(result.question, kind="short_text", details=details)


def _gap_text(result: Built, item: Answered, decision: Decision) -> None:
    stem, html = paper_groups.with_gaps(result.question.stem), paper_groups.with_gaps(result.question.stem_html)
    count = len(set(re.findall(r"\[\[(\d+)\]\]", stem)))
    gaps, unsure = paper_typed.gaps_from(item.draft.fields, count)
    if unsure or not count:
        template = N_("Chưa rõ đáp án của chỗ trống {numbers}: ghi dòng “Đáp án chỗ trống 1: …” dưới câu.")
        result.errors.append(Message(template, numbers=", ".join(map(str, unsure)) or "1"))
    result.question = replace(result.question, kind="gap_text", stem=stem, stem_html=html, details={"gaps": gaps})


def _essay(result: Built, item: Answered, rubric: Sequence[str]) -> None:
    lines = [*values_of(item.draft.fields, "y cham"), *rubric]
    answers = [line for answer in item.draft.answers for line in answer.split("\n")]
    worth = [(line, _WORTH.search(line)) for line in [*lines, *answers]]
    scored = [
        {"text": line[: m.start()].lstrip("-+•* "), "points": points_from(m[1] or m[2])} for line, m in worth if m
    ]
    others = [line for line, m in worth if m is None]
    details: dict[str, Any] = {"rubric": scored} if scored else {}
    for name, field_name in (("words", "so chu toi da"), ("lines", "so dong")):
        for value in values_of(item.draft.fields, field_name):
            if value.isdigit():
                details[name] = int(value)
    explanation = clean_text(
        "\n".join([*others, *([result.question.explanation] if result.question.explanation else [])])
    )
    result.question = replace(result.question, kind="essay", options=(), details=details, explanation=explanation)


def _kind_without_options(item: Answered, question: Question, rubric: Sequence[str]) -> str:
    """What a question is that offers nothing to choose from: told by its section, its answer and what it asks."""
    hint = item.draft.section.hint
    answers = _typed_answers(item)
    if hint == ESSAY or (rubric and hint != SHORT) or values_of(item.draft.fields, "y cham"):
        return "essay"
    if any(name.startswith(("cho trong", "dap an cho")) for name, _ in item.draft.fields):
        return "gap_text"
    if answers:
        if all(paper_typed.numeric_answer(text) for text, _ in answers):
            return "numeric"
        short = all(len(text) <= _LONG_ANSWER and "\n" not in text for text, _ in answers)
        return "short_text" if short else "essay"
    if hint != SHORT and (_ASKS_TO_WRITE.match(fold(question.stem)) or question.explanation):
        return "essay"
    return "short_text"


_BUILDERS: dict[str, Callable[[Built, Answered, Decision], None]] = {
    "true_false_cluster": _cluster,
    "ordering": _ordering,
    "numeric": _numeric,
    "short_text": _short,
    "gap_text": _gap_text,
}
