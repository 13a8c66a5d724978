"""Questions as GIFT; each is read back, and what is not the same is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from question_bank.formats.bank_fields import Field, fields_of
from question_bank.formats.base import Source, Writing
from question_bank.formats.carried import lost
from question_bank.formats.gift_text import write_left, write_text
from question_bank.formats.moodle_kinds import EXACT, NEXT, pairs_of
from question_bank.formats.moodle_numbers import as_value
from question_bank.formats.pictures import data_uri, given_out
from question_bank.formats.weights import percent_of, percent_text, percents
from question_bank.kinds.true_false import FALSE, TRUE
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.question import Question

_GAP = "[[1]]"


def write(questions: Sequence[Question], media: Mapping[str, bytes] | None = None) -> Writing:
    """One block a question; a question whose answer GIFT cannot say is left out and named.

    ``media`` are the images by digest; they go into the texts as data.
    """
    blocks: list[str] = []
    problems: list[Problem] = []
    topic = ""
    for item, question in enumerate(questions, start=1):
        place = Message(N_("Câu {item}"), item=item)
        block = _Block(question, media or {}).written()
        if block is None:
            template = N_(
                "GIFT không ghi được câu này nên câu bị bỏ: cần có đáp án và phương án sai; câu tình huống và câu "
                "nhiều chỗ trống không có trong GIFT."
            )
            problems.append(Problem(place, item, Severity.ERROR, Message(template)))
            continue
        category = f"$CATEGORY: {question.topic.replace('/', '//')}\n"
        if question.topic != topic:
            topic = question.topic
            blocks.append(category)
        blocks.append(block)
        if message := lost(question, _only(f"{category}\n{block}"), "GIFT"):
            problems.append(Problem(place, item, Severity.WARNING, message))
    return Writing("\n".join(blocks).encode(), tuple(problems))


def _only(text: str) -> Question | None:
    """The one question that the text reads back as."""
    from question_bank.formats.gift import read

    reading = read(Source(text.encode()))
    return reading.questions[0] if len(reading.questions) == 1 == reading.read else None


class _Block:
    """One question on its way into the file."""

    def __init__(self, question: Question, media: Mapping[str, bytes]) -> None:
        self._question = question
        self._details = question.details
        self._media = media
        self._markup = "html" if question.stem_html else "moodle"
        self._kind = ""

    def written(self) -> str | None:
        """``None`` where GIFT has no way to say it."""
        question = self._question
        answers = self._answers()
        if answers is None:
            return None
        explanation = f"####{self._text(question.explanation)}\n" if question.explanation else ""
        stem = write_text(question.stem, self._html(question.stem_html))
        between = f"{{{answers}{explanation}}}"
        whole = stem.replace(_GAP, between) if self._kind == "gap_text" else f"{stem} {between}"
        return f"{self._fields()}{whole}\n"

    def _fields(self) -> str:
        without = {"scoring"} if self._question.kind == "ordering" else set()
        fields = fields_of(self._question, without)
        if self._kind:
            fields.insert(0, Field("kind", (self._kind,)))
        return f"// {' '.join(f'[{field}]' for field in fields)}\n" if fields else ""

    def _text(self, text: str, html: str = "") -> str:
        return write_text(text, self._html(html), self._markup)

    def _html(self, html: str) -> str:
        return given_out(html, self._address) if "<img" in html else html

    def _address(self, sha256: str) -> str | None:
        return data_uri(self._media[sha256]) if sha256 in self._media else None

    def _answers(self) -> str | None:
        """What stands between the braces, before the explanation."""
        written: dict[str, Callable[[], str | None]] = {
            "true_false": self._true_false,
            "single_choice": self._choices,
            "multiple_response": self._choices,
            "true_false_cluster": self._pairs,
            "matching": self._pairs,
            "ordering": self._items,
            "numeric": lambda: self._numbers(self._details.get("answers", [])),
            "short_text": lambda: self._typed(self._details.get("accepted", [])),
            "gap_text": self._gap,
            "essay": str,
        }
        write_kind = written.get(self._question.kind)
        return write_kind() if write_kind else None

    def _true_false(self) -> str | None:
        options, key = self._question.options, self._question.key
        if [option.text for option in options] != [TRUE, FALSE] or len(key) != 1:
            return None
        right, wrong = options[key[0]].feedback, options[1 - key[0]].feedback
        told = [self._text(text) if text else "" for text in (wrong, right)]
        while told and not told[-1]:
            told.pop()
        return "#".join(["T" if key == (0,) else "F", *told]) + "\n"

    def _choices(self) -> str | None:
        question = self._question
        single = question.kind == "single_choice"
        if (single and len(question.key) == len(question.options)) or (not single and not question.key):
            return None
        lines = []
        for option, percent in zip(question.options, percents(question), strict=True):
            mark = "=" if single and option.correct else f"~%{percent_text(percent)}%" if percent or not single else "~"
            lines.append(f"{mark}{self._text(option.text, option.html)}{self._told(option.feedback)}\n")
        return "\n" + "".join(lines)

    def _told(self, feedback: str) -> str:
        return f"#{self._text(feedback)}" if feedback else ""

    def _pairs(self) -> str | None:
        pairs, extra = pairs_of(self._question)
        self._kind = "" if self._question.kind == "matching" else self._question.kind
        lines = []
        for pair in pairs:
            left = write_left(pair["left"], self._html(pair.get("left_html", "")), self._markup)
            lines.append(f"={left} -> {write_text(pair['right'])}\n")
        lines += [f"= -> {write_text(choice['text'])}\n" for choice in extra]
        return "\n" + "".join(lines) if pairs else None

    def _items(self) -> str | None:
        items = self._details.get("items", [])
        grading = NEXT if self._details.get("scoring") == "pairs" else EXACT
        lines = [f"{write_text(one['text'], self._html(one.get('html', '')))}\n" for one in items]
        return f">{len(items)} ALL VERTICAL {grading} HIDE\n{''.join(lines)}" if items else None

    def _numbers(self, answers: Sequence[Mapping[str, Any]]) -> str | None:
        lines = [f"{self._worth(one)}{_number(one)}{self._end(one)}" for one in answers]
        return "#\n" + "".join(lines) if lines else None

    def _typed(self, accepted: Sequence[Mapping[str, Any]]) -> str | None:
        if any("->" in one["text"] for one in accepted):
            self._kind = self._kind or "short_text"
        lines = [f"{self._worth(one)}{self._text(one['text'])}{self._end(one)}" for one in accepted]
        return "\n" + "".join(lines) if lines else None

    def _worth(self, answer: Mapping[str, Any]) -> str:
        share = answer.get("share", 1000)
        return "=" if share == 1000 else f"=%{percent_text(percent_of(share))}%"

    def _end(self, answer: Mapping[str, Any]) -> str:
        return f"{self._told(answer.get('feedback', ''))}\n"

    def _gap(self) -> str | None:
        """One gap is a missing word; several are beyond GIFT."""
        gaps = self._details.get("gaps", [])
        if len(gaps) != 1 or self._question.stem.count(_GAP) != 1:
            return None
        (gap,) = gaps
        self._kind = "gap_text"
        if "choices" in gap:
            return "\n" + "".join(f"{_mark(one)}{self._text(one['text'])}{self._end(one)}" for one in gap["choices"])
        return self._numbers(gap["numeric"]) if "numeric" in gap else self._typed(gap.get("accepted", []))


def _mark(choice: Mapping[str, Any]) -> str:
    if choice.get("correct"):
        return "="
    return f"~%{percent_text(percent_of(choice['share']))}%" if choice.get("share") else "~"


def _number(answer: Mapping[str, Any]) -> str:
    if "low" in answer:
        return f"{answer['low']}..{answer['high']}"
    value, tolerance = as_value(answer)
    return f"{value}:{tolerance}" if tolerance != "0" else value
