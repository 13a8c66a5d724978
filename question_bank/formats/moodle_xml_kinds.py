"""Each type of question of a Moodle XML file as a kind of this bank; types that are none are named, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from question_bank.formats.assemble import truth
from question_bank.formats.bank_fields import Field, first, with_fields
from question_bank.formats.base import true_false_options, unsupported
from question_bank.formats.moodle_cloze import GapError, read_gaps
from question_bank.formats.moodle_kinds import (
    GRADINGS,
    MOST_PARTS,
    as_cluster,
    choice,
    description,
    grading_of,
    too_many,
)
from question_bank.formats.moodle_numbers import value_with
from question_bank.formats.moodle_text import marked, plain
from question_bank.formats.moodle_xml_texts import Item, ItemError
from question_bank.formats.moodle_xml_tree import Element
from question_bank.formats.weights import how_marked, several, single, thousandths
from question_bank.messages import N_, Message
from question_bank.question import Option, Question, clean_text

_NO = ("false", "0")
_GAP = re.compile(r"\[\[(\d{1,3})\]\]")
_RUBRIC = re.compile(r"(?P<text>.+?)\s*\((?P<points>\d{1,4}(?:[.,]\d{1,3})?) điểm\)")
_FULL = Fraction(100)


def read_question(item: Item, topic: str) -> None:
    """Give the question to the collector, or say why it is none."""
    try:
        found = _read(item, topic)
    except (ItemError, GapError) as error:
        found = error.message
    if isinstance(found, Message):
        item.collector.skip(found, item.place)
        return
    _, fields = item.fields()
    question, doubts = with_fields(found, fields)
    if (note := how_marked(question)) and note not in item.collector.notes:
        item.collector.note(note)
    number = item.collector.add(question, item.place)
    for message in [*item.doubts, *doubts]:
        item.collector.warning(message, item.place, number)


def _read(item: Item, topic: str) -> Question | Message:
    if item.kind == "description":
        return description(item.plain(item.element.first("questiontext")))
    if len(item.element.children) > MOST_PARTS:
        return too_many(len(item.element.children))
    reader = _READERS.get(item.kind)
    if reader is None:
        return unsupported(Message(item.kind[:60] or "?"))
    return reader(item, item.question(topic), item.fields()[1])


def _multichoice(item: Item, question: Question, fields: Sequence[Field]) -> Question:
    several_right = item.value("single") in _NO
    choices = (several if several_right else single)(item.answers(), first(fields, "scoring"))
    options = choices.options
    if item.value("shuffleanswers") in _NO:
        options = tuple(replace(option, pinned=True) for option in options)
    return replace(question, kind=choices.kind, options=options, details=choices.details)


def _all_or_nothing(item: Item, question: Question, fields: Sequence[Field]) -> Question:
    """The plugin "multichoiceset": right options without weights."""
    answers = item.answers()
    options = tuple(Option(a.text.text, a.percent > 0, html=a.text.html, feedback=a.feedback) for a in answers)
    return replace(question, kind="multiple_response", options=options)


def _true_false(item: Item, question: Question, fields: Sequence[Field]) -> Question:
    """Old files say "Đúng" and "Sai" in their own language; then the first answer is the true one."""
    answers = item.element.all("answer")[:2]
    said = [truth(item.bare(answer)) is True for answer in answers]
    if set(said) != {True, False}:
        said = [True, False][: len(answers)]
    right = {true for true, answer in zip(said, answers, strict=True) if item.percent(answer) >= _FULL}
    told = {true: item.plain(answer.first("feedback")) for true, answer in zip(said, answers, strict=True)}
    options = true_false_options(right.pop() if len(right) == 1 else None)
    options = (replace(options[0], feedback=told.get(True, "")), replace(options[1], feedback=told.get(False, "")))
    return replace(question, kind="true_false", options=options)


def _worth(item: Item, answer: Element) -> dict[str, Any]:
    share, feedback = thousandths(item.percent(answer)), item.plain(answer.first("feedback"))
    return {**({} if share == 1000 else {"share": share}), **({"feedback": feedback} if feedback else {})}


def _short_answer(item: Item, question: Question, fields: Sequence[Field]) -> Question:
    accepted = [{"text": item.bare(answer), **_worth(item, answer)} for answer in item.element.all("answer")]
    details: dict[str, Any] = {"accepted": accepted}
    if item.value("usecase") in ("1", "true"):
        details["match_case"] = True
    return replace(question, kind="short_text", details=details)


def _numerical(item: Item, question: Question, fields: Sequence[Field]) -> Question:
    found = []
    for answer in item.element.all("answer"):
        written, worth = item.bare(answer), _worth(item, answer)
        if written == "*":
            if worth.get("feedback"):
                item.doubt(N_("Lời nhận xét chung cho mọi trả lời sai không được giữ."))
            continue
        try:
            found.append({**value_with(written, answer.value("tolerance")), **worth})
        except ValueError:
            template = N_("Đáp án “{text}” của phần tử <answer> ở dòng {line} không phải số hoặc sai số không phải số.")
            raise ItemError(Message(template, text=written[:40], line=answer.line)) from None
    return replace(question, kind="numeric", details={"answers": found, **_units(item)})


def _units(item: Item) -> dict[str, Any]:
    """The unit the values are in; Moodle may know others by a factor."""
    names: list[str] = []
    others: list[str] = []
    for unit in item.element.first("units").all("unit"):
        name = clean_text(unit.value("unit_name"))
        (names if _is_one(unit.value("multiplier")) else others).append(name)
    if others:
        item.doubt(N_("Các đơn vị quy đổi khác ({units}) không được giữ."), units=", ".join(others)[:200])
    if not names or not names[0]:
        return {}
    required = item.value("unitgradingtype") not in ("", "0")
    return {"unit": names[0], **({"unit_required": True} if required else {})}


def _is_one(multiplier: str) -> bool:
    try:
        return Decimal(multiplier[:40] or "1") == 1
    except InvalidOperation:
        return False


def _matching(item: Item, question: Question, fields: Sequence[Field]) -> Question:
    pairs, extra = [], []
    for sub in item.element.all("subquestion"):
        left, right = item.marked(sub), item.bare(sub.first("answer"))
        if left.text or left.html:
            pairs.append({"left": left.text, "right": right, **({"left_html": left.html} if left.html else {})})
        elif right:
            extra.append({"text": right})
    details = {"pairs": pairs, **({"extra": extra} if extra else {})}
    question = replace(question, kind="matching", details=details)
    return as_cluster(question) if first(fields, "kind") == "true_false_cluster" else question


def _essay(item: Item, question: Question, fields: Sequence[Field]) -> Question:
    details: dict[str, Any] = {}
    rubric = item.plain(item.element.first("graderinfo"))
    if rubric:
        details["rubric"] = _rubric(rubric, question.points)
    for name, element in (("words", "maxwordlimit"), ("lines", "responsefieldlines")):
        if re.fullmatch(r"[1-9]\d{0,5}", item.value(element)):
            details[name] = int(item.value(element))
    if item.value("responsetemplate", "text"):
        item.doubt(N_("Mẫu trả lời có sẵn không được giữ."))
    if item.value("attachments") not in ("", "0"):
        item.doubt(N_("Câu này cho nộp tệp kèm theo; ở đây chỉ trả lời bằng chữ."))
    return replace(question, kind="essay", details=details)


def _rubric(text: str, points: int) -> list[dict[str, Any]]:
    """Lines that end with their points, or everything as one line that is worth the question."""
    lines = [_RUBRIC.fullmatch(line) for line in text.split("\n") if line]
    if not all(lines):
        return [{"text": text, "points": points}]
    return [
        {"text": line["text"], "points": round(Decimal(line["points"].replace(",", ".")) * 1000)}
        for line in lines
        if line
    ]


def _cloze(item: Item, question: Question, fields: Sequence[Field]) -> Question | Message:
    element = item.element.first("questiontext")
    text, gaps = read_gaps(item.raw(element))
    if not gaps:
        return Message(N_("Câu điền khuyết (cloze) không có chỗ trống nào: kiểm tra lại cách viết trong Moodle."))
    stem = marked(text, item.markup(element))
    points = item.points(1000 * max(sum(gap.get("points", 1) for gap in gaps), 1))
    return replace(
        question, kind="gap_text", stem=stem.text, stem_html=stem.html, points=points, details={"gaps": gaps}
    )


def _missing_words(item: Item, question: Question, fields: Sequence[Field]) -> Question | Message:
    """Words of one group to choose from; a gap names the right one by its number among all words."""
    words = [
        (plain(item.raw(option), "moodle"), option.value("group") or option.value("draggroup") or "1")
        for option in [*item.element.all("selectoption"), *item.element.all("dragbox")]
    ]
    element = item.element.first("questiontext")
    gaps: list[dict[str, Any]] = []

    def replaced(found: re.Match[str]) -> str:
        number = int(found[1])
        if not 1 <= number <= len(words):
            template = N_("Chỗ trống [[{number}]] không có từ nào mang số này: sửa lại trong tệp.")
            raise ItemError(Message(template, number=number))
        group = words[number - 1][1]
        same = [index for index, (_, other) in enumerate(words, start=1) if other == group]
        gaps.append({"choices": [choice(words[i - 1][0], Fraction(100 * (i == number))) for i in same]})
        return f"[[{len(gaps)}]]"

    if (count := len(_GAP.findall(item.raw(element)))) > MOST_PARTS:
        return too_many(count)
    stem = marked(_GAP.sub(replaced, item.raw(element)), item.markup(element))
    if not gaps:
        return Message(N_("Câu chọn từ không có chỗ trống nào: kiểm tra lại cách viết trong Moodle."))
    if item.kind == "ddwtos":
        item.doubt(N_("Câu kéo thả từ vào chỗ trống được chuyển thành chọn trong danh sách."))
    return replace(question, kind="gap_text", stem=stem.text, stem_html=stem.html, details={"gaps": gaps})


def _ordering(item: Item, question: Question, fields: Sequence[Field]) -> Question:
    written = item.value("gradingtype")
    details, doubts = grading_of(GRADINGS.get(written, written or "RELATIVE_NEXT_EXCLUDE_LAST"))
    item.doubts += doubts
    texts = [item.marked(answer) for answer in item.element.all("answer")]
    count = item.value("selectcount")
    if item.value("selecttype") not in ("", "0", "ALL") and count.isdigit() and 0 < int(count[:4]) < len(texts):
        item.doubt(N_("Câu sắp xếp chỉ đưa ra một phần các mục; ở đây luôn đưa ra đủ các mục."))
    details["items"] = [{"text": text, **({"html": html} if html else {})} for text, html in texts]
    return replace(question, kind="ordering", details=details)


def _rows(item: Item, question: Question, fields: Sequence[Field]) -> Question | Message:
    """Rows against columns, of the plugins mtf and kprime: a cluster where the columns say so, else pairs."""
    columns = [item.plain(column.first("responsetext")) for column in item.element.all("column")]
    right: dict[str, list[str]] = {}
    for weight in item.element.all("weight"):
        number = weight.attributes.get("columnnumber", "")
        if _is_one(weight.value("value")) and number.isdigit() and 0 < int(number[:3]) <= len(columns):
            right.setdefault(weight.attributes.get("rownumber", ""), []).append(columns[int(number) - 1])
    rows = item.element.all("row")
    answers = [right.get(row.attributes.get("number", ""), []) for row in rows]
    if not rows or any(len(answer) != 1 for answer in answers):
        return Message(N_("Bảng đúng/sai phải có đúng một cột đúng ở mỗi dòng: sửa lại trong tệp."))
    texts = [item.marked(row.first("optiontext")) for row in rows]
    method = item.value("scoringmethod", "text")
    if {truth(column) for column in columns} == {True, False}:
        options = tuple(
            Option(text, truth(answer) is True, html=html, feedback=item.plain(row.first("feedbacktext")))
            for (text, html), (answer,), row in zip(texts, answers, rows, strict=True)
        )
        return replace(question, kind="true_false_cluster", options=options, details=_table(method, len(rows)))
    item.doubt(N_("Bảng có các cột {columns} được đọc thành câu ghép cặp."), columns=", ".join(columns)[:200])
    pairs = [
        {"left": text, "right": answer, **({"left_html": html} if html else {})}
        for (text, html), (answer,) in zip(texts, answers, strict=True)
    ]
    details = {"pairs": pairs, **({"scoring": "all"} if method.endswith("onezero") else {})}
    return replace(question, kind="matching", details=details)


def _table(method: str, count: int) -> dict[str, Any]:
    """What the methods of the plugins pay for each number of rows judged rightly."""
    if method == "kprime" and count > 1:
        return {"table": [0] * (count - 1) + [500, 1000]}
    if method.endswith("onezero"):
        return {"table": [0] * count + [1000]}
    return {"table": [0, 250, 500, 750, 1000]} if count == 4 else {}


_READERS: dict[str, Callable[[Item, Question, Sequence[Field]], Question | Message]] = {
    "multichoice": _multichoice,
    "multichoiceset": _all_or_nothing,
    "truefalse": _true_false,
    "shortanswer": _short_answer,
    "numerical": _numerical,
    "matching": _matching,
    "match": _matching,
    "essay": _essay,
    "cloze": _cloze,
    "multianswer": _cloze,
    "gapselect": _missing_words,
    "ddwtos": _missing_words,
    "ordering": _ordering,
    "mtf": _rows,
    "kprime": _rows,
}
