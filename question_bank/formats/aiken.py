"""Aiken, the plainest text format of Moodle: one line of stem, lettered options, one line with the answer.

Câu dẫn ở đây?
A) Phương án thứ nhất
B) Phương án thứ hai
ANSWER: B

Read more freely than Moodle does: letters as "A)", "A.", "(a)" or "a:", stems of several lines, "ĐÁP ÁN: B", several
letters, a line "Giải thích: …" below the answer. Written as Moodle reads it, so it carries single choice and true/false
with plain one-line texts and nothing else; what is lost is told for each question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from question_bank.formats.assemble import letters_key, texts_key, with_options
from question_bank.formats.base import Collector, Format, Reading, Source, Writing
from question_bank.formats.carried import lost
from question_bank.formats.files import decode
from question_bank.formats.moodle_kinds import MOST_PARTS, too_many
from question_bank.kinds.base import letter
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.question import Question, clean_text

_OPTION = re.compile(r"(?P<open>\(?)(?P<letter>[A-Za-z])(?P<close>[).:])(?:\s+(?P<text>.*))?")
_ANSWER = re.compile(r"(?:ANSWER|CORRECT|ĐÁP ÁN(?: ĐÚNG)?)\s*[:：]\s*(?P<answer>.*)", re.IGNORECASE)
_EXPLANATION = re.compile(r"(?:EXPLANATION|FEEDBACK|GIẢI THÍCH)\s*[:：]\s*(?P<text>.*)", re.IGNORECASE)
_CARRIED = ("single_choice", "true_false")
NOTE = "// "
"""How a first line begins that says who exported the file."""


@dataclass(slots=True)
class _Draft:
    """What has been read of one question; ``gap`` tells that an empty line stands before the next line."""

    line: int = 0
    stem: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    options: list[list[str]] = field(default_factory=list)
    style: tuple[str, str, bool] = ("", "", False)
    answer: str | None = None
    answer_line: int = 0
    explanation: list[str] = field(default_factory=list)
    gap: bool = False
    gap_in_stem: bool = False

    @property
    def place(self) -> Message:
        return Message(N_("Dòng {line}"), line=self.line)


def read(source: Source) -> Reading:
    collector = Collector("aiken")
    draft = _Draft()
    for number, raw in enumerate(decode(source).splitlines(), start=1):
        line = clean_text(raw)
        if not line or (number == 1 and line.startswith(NOTE)):
            draft.gap = True
            continue
        if _begins_another(draft, line):
            _finish(draft, collector)
            draft = _Draft()
        _take(draft, line, number)
        draft.gap = False
    _finish(draft, collector)
    return collector.reading()


def _begins_another(draft: _Draft, line: str) -> bool:
    """Whether ``line`` is of the next question: text after an answer, or after an empty line below options."""
    if draft.answer is not None:
        return not _EXPLANATION.match(line) and (draft.gap or not draft.explanation)
    return bool(draft.options) and draft.gap and not (_ANSWER.match(line) or _option(draft, line))


def _take(draft: _Draft, line: str, number: int) -> None:
    draft.line = draft.line or number
    if draft.answer is not None:
        _take_explanation(draft, line)
    elif (answer := _ANSWER.match(line)) and (draft.options or draft.stem):
        draft.answer, draft.answer_line = answer["answer"].strip(), number
    elif option := _option(draft, line):
        draft.style = _style(option)
        draft.letters.append(option["letter"].upper())
        draft.options.append([option["text"] or ""])
    elif draft.options:
        draft.options[-1].append(line)
    else:
        draft.gap_in_stem = draft.gap_in_stem or (draft.gap and bool(draft.stem))
        draft.stem.append(line)


def _take_explanation(draft: _Draft, line: str) -> None:
    found = _EXPLANATION.match(line)
    draft.explanation.append(found["text"] if found else line)


def _option(draft: _Draft, line: str) -> re.Match[str] | None:
    """An option is lettered as those before it; the first is A."""
    found = _OPTION.fullmatch(line)
    if found is None:
        return None
    if not draft.options:
        return found if draft.stem and found["letter"].upper() == "A" else None
    return found if _style(found) == draft.style else None


def _style(option: re.Match[str]) -> tuple[str, str, bool]:
    return option["open"], option["close"], option["letter"].isupper()


def _finish(draft: _Draft, collector: Collector) -> None:
    if not draft.line:
        return
    if not draft.options and draft.answer is None:
        template = N_("Đoạn này không có phương án và dòng ANSWER nên không phải câu hỏi: “{text}”.")
        collector.skip(Message(template, text=" ".join(draft.stem)[:80]), draft.place)
        return
    if len(draft.options) > MOST_PARTS:
        collector.skip(too_many(len(draft.options)), draft.place)
        return
    texts = ["\n".join(filter(None, lines)) for lines in draft.options]
    key, why = _key(draft, texts)
    question = Question("", "\n".join(draft.stem), explanation="\n".join(filter(None, draft.explanation)))
    question = with_options(question, texts, key, None if texts else "single_choice")
    item = collector.add(question, draft.place, why)
    if draft.gap_in_stem:
        template = N_("Phần hỏi gồm nhiều đoạn cách nhau bằng dòng trống: kiểm tra xem có lẫn tiêu đề không.")
        collector.warning(Message(template), draft.place, item)
    expected = [letter(index) for index in range(len(texts))]
    if draft.letters != expected:
        template = N_("Các chữ cái phương án không liên tục ({letters}): kiểm tra lại phương án và đáp án.")
        collector.warning(Message(template, letters=", ".join(draft.letters)), draft.place, item)


def _key(draft: _Draft, texts: Sequence[str]) -> tuple[frozenset[int], list[Message]]:
    """The options that the answer line names by their letters as written, or why it names none."""
    nobody: frozenset[int] = frozenset()
    if not draft.answer:
        template = N_("Câu ở dòng {line} thiếu dòng đáp án: thêm dòng “ANSWER: A” (chữ cái của phương án đúng).")
        return nobody, [Message(template, line=draft.line)]
    named = letters_key(draft.answer, 26)
    letters = [letter(index) for index in sorted(named)] if named is not None else []
    if letters and all(draft.letters.count(one) == 1 for one in letters):
        return frozenset(draft.letters.index(one) for one in letters), []
    if named is None and (found := texts_key(draft.answer, texts)) is not None:
        return found, []
    template = N_("Dòng {line}: đáp án “{answer}” không chỉ đúng một phương án nào trong {letters}; sửa lại chữ cái.")
    return nobody, [Message(template, line=draft.answer_line, answer=draft.answer, letters=", ".join(draft.letters))]


def write(questions: Sequence[Question], media: Mapping[str, bytes] | None = None) -> Writing:
    """One block a question; ``media`` is taken for the sake of the other formats, Aiken has no images."""
    blocks: list[str] = []
    problems: list[Problem] = []
    for item, question in enumerate(questions, start=1):
        place = Message(N_("Câu {item}"), item=item)
        if question.kind not in _CARRIED or len(question.key) != 1:
            template = N_("Aiken chỉ ghi được câu một lựa chọn và câu Đúng/Sai có đúng một đáp án; câu này bị bỏ.")
            problems.append(Problem(place, item, Severity.ERROR, Message(template)))
            continue
        block = _block(question)
        blocks.append(block)
        if message := lost(question, _only(block), "Aiken"):
            problems.append(Problem(place, item, Severity.WARNING, message))
    return Writing("\n".join(blocks).encode(), tuple(problems))


def _block(question: Question) -> str:
    options = [f"{letter(index)}) {_line(option.text)}" for index, option in enumerate(question.options)]
    return "\n".join([_line(question.stem), *options, f"ANSWER: {letter(question.key[0])}", ""])


def _line(text: str) -> str:
    return " ".join(text.split())


def _only(block: str) -> Question | None:
    """The one question that the block reads back as."""
    reading = read(Source(block.encode()))
    return reading.questions[0] if len(reading.questions) == 1 == reading.read else None


FORMAT = Format("aiken", Message(N_("Aiken")), ".txt", "text/plain; charset=utf-8", read, write)
