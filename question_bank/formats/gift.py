"""GIFT, the plain text format of Moodle, with the fields of this bank in the comment before a question.

$CATEGORY: tp_ho_tich

// [id:tp-001] [level:nhan_biet] [position:tp_tu_phap] [cite:60/2014/QH13|5|2|a]
Câu dẫn ở đây? {
=Phương án đúng
~Phương án sai
####Giải thích.
}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from question_bank.formats.base import Collector, Format, Reading, Source, Writing, true_false_options, unsupported
from question_bank.formats.files import decode
from question_bank.formats.gift_text import (
    escape,
    escape_field,
    field_parts,
    find_unescaped,
    plain,
    split_unescaped,
)
from question_bank.kinds.true_false import FALSE, TRUE
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.question import Citation, Level, Option, Question, clean_text

_CATEGORY = re.compile(r"\s*\$CATEGORY:(.*)", re.DOTALL)
_FIELD = re.compile(r"\[([a-z]+):((?:\\.|[^\]\\])*)\]")
_TITLE = re.compile(r"\A\s*::((?:\\.|[^\\:]|:(?!:))*)::", re.DOTALL)
_TRUE_FALSE = re.compile(r"(T|TRUE|F|FALSE)\s*(?:#.*)?", re.DOTALL | re.IGNORECASE)
_WEIGHT = re.compile(r"\s*%(-?\d+(?:[.,]\d+)?)%")
_GAP = "_____"


@dataclass(slots=True)
class _Block:
    """The lines of one question, its comment lines before it, and where it begins."""

    line: int
    comments: list[str]
    text: str
    topic: str

    @property
    def place(self) -> Message:
        title = _TITLE.match(self.text)
        if title and title.group(1).strip():
            return Message(N_("Dòng {line}, câu “{title}”"), line=self.line, title=plain(title.group(1))[0])
        return Message(N_("Dòng {line}"), line=self.line)


@dataclass(slots=True)
class _Answer:
    """One answer between the braces: its marker, weight, text and feedback."""

    right: bool
    weight: float | None
    text: str
    feedback: str


def read(source: Source) -> Reading:
    collector = Collector("gift")
    for block in _blocks(decode(source)):
        _read_block(block, collector)
    return collector.reading()


def _blocks(text: str) -> Iterator[_Block]:
    """Blocks divided by empty lines; an empty line inside braces divides only when the next block has its own."""
    topic = ""
    pending: list[tuple[int, str]] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate([*lines, ""], start=1):
        category = _CATEGORY.fullmatch(line)
        if category is None and line.strip():
            pending.append((number, line))
        elif category is not None or not _continues(pending, lines[number:]):
            if block := _block(pending, topic):
                yield block
            pending = []
        if category is not None:
            topic = re.split(r"(?<!/)/(?!/)", category.group(1))[-1].replace("//", "/").strip()
    if block := _block(pending, topic):
        yield block


def _block(lines: Sequence[tuple[int, str]], topic: str) -> _Block | None:
    """A block of text; ``None`` where there are only comments."""
    first = next((index for index, (_, line) in enumerate(lines) if not _is_comment(line)), None)
    if first is None:
        return None
    comments = [line for _, line in lines[:first]]
    text = "\n".join(line for _, line in lines[first:] if not _is_comment(line))
    return _Block(lines[first][0], comments, text, clean_text(topic))


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("//")


def _continues(pending: Sequence[tuple[int, str]], following: Sequence[str]) -> bool:
    """Whether an open brace of ``pending`` is closed further down before another one opens."""
    text = "\n".join(line for _, line in pending if not _is_comment(line))
    opened = find_unescaped(text, "{")
    if opened is None or find_unescaped(text, "}", opened + 1) is not None:
        return False
    for line in following:
        if _CATEGORY.fullmatch(line):
            return False
        found = find_unescaped(line, "{}")
        if found is not None and not _is_comment(line):
            return line[found] == "}"
    return False


def _read_block(block: _Block, collector: Collector) -> None:
    place = block.place
    body = _TITLE.sub("", block.text, count=1)
    opened = find_unescaped(body, "{")
    if opened is None:
        collector.skip(unsupported(Message(N_("đoạn hướng dẫn, không có phần trả lời"))), place)
        return
    closed = find_unescaped(body, "}", opened + 1)
    if closed is None:
        collector.skip(Message(N_("Thiếu dấu “}” đóng phần trả lời: thêm dấu này vào cuối câu.")), place)
        return
    before, after = body[:opened], body[closed + 1 :]
    stem, markup = plain(f"{before.rstrip()} {_GAP} {after.lstrip()}" if after.strip() else before)
    answers, explanation = _general_feedback(body[opened + 1 : closed], markup)
    question = Question("", stem, topic=block.topic, explanation=explanation)
    other = _other_kind(answers)
    if other:
        collector.skip(unsupported(other), place)
        return
    read_answers = _true_false if _TRUE_FALSE.fullmatch(answers) else _choices
    question, warnings = read_answers(question, answers, markup)
    question, doubts = _with_fields(question, block.comments)
    item = collector.add(question, place)
    for message in warnings + doubts:
        collector.warning(message, place, item)


def _other_kind(answers: str) -> Message | None:
    """The kind that the marks between the braces mean where the bank has no such kind."""
    if not answers:
        return Message(N_("tự luận"))
    if answers.startswith("#"):
        return Message(N_("trả lời bằng số"))
    if _TRUE_FALSE.fullmatch(answers) or find_unescaped(answers, "~") is not None:
        return None
    pairs = split_unescaped(answers, "=")[1:]
    return Message(N_("ghép đôi") if pairs and all("->" in pair for _, pair in pairs) else N_("trả lời ngắn"))


def _general_feedback(answers: str, markup: str) -> tuple[str, str]:
    """The answers without the ``####`` part, and that part as plain text."""
    position = answers.find("####")
    while position > 0 and answers[position - 1] == "\\":
        position = answers.find("####", position + 1)
    if position < 0:
        return answers.strip(), ""
    return answers[:position].strip(), plain(answers[position + 4 :], markup)[0]


def _true_false(question: Question, answers: str, markup: str) -> tuple[Question, list[Message]]:
    """``{T#if chosen wrongly#if chosen rightly}``: the feedback for the right choice explains best."""
    parts = [plain(part, markup)[0] for _, part in split_unescaped(answers, "#")]
    explanation = question.explanation or next((part for part in reversed(parts[1:]) if part), "")
    options = true_false_options(parts[0].upper().startswith("T"))
    return replace(question, kind="true_false", options=options, explanation=explanation), []


def _choices(question: Question, answers: str, markup: str) -> tuple[Question, list[Message]]:
    """Single choice where an ``=`` stands, multiple response where only weights tell what is right."""
    lead, *parts = split_unescaped(answers, "~=")
    found = [_answer(marker, part, markup) for marker, part in parts]
    single = any(answer.right for answer in found) or all(answer.weight is None for answer in found)
    warnings = []
    if lead[1].strip():
        warnings.append(Message(N_("Có chữ trước phương án đầu tiên; phần này bị bỏ: “{text}”."), text=lead[1].strip()))
    options = tuple(Option(a.text, correct=a.right if single else (a.weight or 0) > 0) for a in found)
    weights = {answer.weight for answer in found if answer.weight and answer.weight > 0}
    if single and any(answer.weight and 0 < answer.weight < 100 for answer in found):
        warnings.append(Message(N_("Câu một lựa chọn không cho điểm từng phần: phương án có trọng số bị coi là sai.")))
    elif not single and len(weights) > 1:
        warnings.append(Message(N_("Trọng số khác nhau của các phương án đúng không được giữ.")))
    told = [answer for answer in found if answer.feedback]
    explanation = question.explanation or next((a.feedback for a in told if a.right or (a.weight or 0) > 0), "")
    if any(answer.feedback != explanation for answer in told):
        warnings.append(Message(N_("Lời nhận xét riêng của từng phương án không được giữ.")))
    kind = "single_choice" if single else "multiple_response"
    return replace(question, kind=kind, options=options, explanation=explanation), warnings


def _answer(marker: str, text: str, markup: str) -> _Answer:
    weight = _WEIGHT.match(text)
    if weight:
        text = text[weight.end() :]
    (_, body), *feedback = split_unescaped(text, "#")
    return _Answer(
        right=marker == "=",
        weight=float(weight.group(1).replace(",", ".")) if weight else None,
        text=plain(body, markup)[0],
        feedback=plain(feedback[0][1], markup)[0] if feedback else "",
    )


def _with_fields(question: Question, comments: Sequence[str]) -> tuple[Question, list[Message]]:
    """The question with what the comment before it says, and what of that could not be understood."""
    warnings: list[Message] = []
    for name, raw in _FIELD.findall("\n".join(comments)):
        parts = field_parts(raw)
        try:
            question = _with_field(question, name, parts)
        except ValueError:
            template = N_("Không hiểu giá trị “{value}” của trường “{name}”; trường này bị bỏ qua.")
            warnings.append(Message(template, value="|".join(parts), name=name))
    return question, warnings


def _with_field(question: Question, name: str, parts: Sequence[str]) -> Question:
    """The question with one field set; ``ValueError`` when the value makes no sense. Unknown fields change nothing."""
    value = "|".join(parts)
    changes: dict[str, Any] = {}
    match name:
        case "id":
            return replace(question, ref=value)
        case "level":
            return replace(question, level=Level(value))
        case "position" | "tag":
            changes = {f"{name}s": (*getattr(question, f"{name}s"), value)}
        case "cite":
            changes = {"citations": (*question.citations, _citation(parts))}
        case "points" | "seconds":
            changes = {name: _positive(value)}
        case "pinned":
            changes = {"options": _pinned(question.options, _positive(value))}
    return replace(question, **changes)


def _citation(parts: Sequence[str]) -> Citation:
    if not parts[0] or len(parts) > 4:
        raise ValueError(parts)
    return Citation(*parts)


def _positive(value: str) -> int:
    number = int(value)
    if number <= 0:
        raise ValueError(value)
    return number


def _pinned(options: Sequence[Option], place: int) -> tuple[Option, ...]:
    """The options with the one at ``place``, counted from 1, pinned."""
    if place > len(options):
        raise ValueError(place)
    return tuple(replace(option, pinned=option.pinned or i == place) for i, option in enumerate(options, 1))


def write(questions: Sequence[Question]) -> Writing:
    """One block a question; a question whose answer GIFT cannot say is left out and named."""
    blocks: list[str] = []
    problems: list[Problem] = []
    topic = ""
    for item, question in enumerate(questions, start=1):
        answers = _written_answers(question)
        if answers is None:
            template = N_("GIFT không ghi được câu này: cần có phương án, có đáp án, và ít nhất một phương án sai.")
            problems.append(Problem(Message(N_("Câu {item}"), item=item), item, Severity.ERROR, Message(template)))
            continue
        if question.topic != topic:
            topic = question.topic
            blocks.append(f"$CATEGORY: {topic.replace('/', '//')}\n")
        explanation = f"####{escape(question.explanation)}\n" if question.explanation else ""
        blocks.append(f"{_written_fields(question)}{escape(question.stem)} {{{answers}{explanation}}}\n")
    return Writing("\n".join(blocks).encode(), tuple(problems))


def _written_answers(question: Question) -> str | None:
    """What stands between the braces, before the explanation."""
    options, key = question.options, question.key
    if question.kind == "true_false" and [option.text for option in options] == [TRUE, FALSE] and len(key) == 1:
        return "T\n" if key == (0,) else "F\n"
    if question.kind == "single_choice" and len(key) < len(options):
        return "\n" + "".join(f"{'=' if option.correct else '~'}{escape(option.text)}\n" for option in options)
    if question.kind == "multiple_response" and key:
        share = f"{100 / len(key):.5f}".rstrip("0").rstrip(".")
        return "\n" + "".join(f"~%{share if o.correct else -100}%{escape(o.text)}\n" for o in options)
    return None


def _written_fields(question: Question) -> str:
    fields: list[tuple[str, Sequence[str]]] = []
    if question.ref:
        fields.append(("id", [question.ref]))
    if question.level:
        fields.append(("level", [question.level.value]))
    fields += [("position", [position]) for position in question.positions]
    for citation in question.citations:
        fields.append(("cite", [citation.document, citation.article, citation.clause, citation.point]))
    if question.seconds is not None:
        fields.append(("seconds", [str(question.seconds)]))
    if question.points != 1000:
        fields.append(("points", [str(question.points)]))
    fields += [("pinned", [str(index)]) for index, option in enumerate(question.options, 1) if option.pinned]
    fields += [("tag", [tag]) for tag in question.tags]
    written = [f"[{name}:{'|'.join(map(escape_field, parts)).rstrip('|')}]" for name, parts in fields]
    return f"// {' '.join(written)}\n" if written else ""


FORMAT = Format("gift", Message(N_("GIFT (Moodle)")), ".gift", "text/plain; charset=utf-8", read, write)
