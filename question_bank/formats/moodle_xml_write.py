"""Questions as Moodle XML; each is read back, and what is not the same is told."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape as escape_html
from typing import Any
from xml.sax.saxutils import escape

from question_bank import rich_text
from question_bank.formats.bank_fields import Field, field_from, fields_of
from question_bank.formats.base import Source, Writing
from question_bank.formats.carried import lost
from question_bank.formats.moodle_cloze import write_gaps
from question_bank.formats.moodle_kinds import EXACT, GRADINGS, NEXT, pairs_of
from question_bank.formats.moodle_numbers import as_value
from question_bank.formats.moodle_xml_texts import OURS
from question_bank.formats.pictures import given_out, image_type
from question_bank.formats.weights import percent_of, percent_text, percents
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.question import Question

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TYPES = {
    "single_choice": "multichoice",
    "multiple_response": "multichoice",
    "true_false": "truefalse",
    "true_false_cluster": "matching",
    "matching": "matching",
    "ordering": "ordering",
    "numeric": "numerical",
    "short_text": "shortanswer",
    "gap_text": "cloze",
    "essay": "essay",
}
_HAS_PLACE = {"id", "points", "tag", "unit", "case", "words", "lines", "rubric"}
_BEGIN, _END = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n', "</quiz>\n"


def write(questions: Sequence[Question], media: Mapping[str, bytes] | None = None) -> Writing:
    """The whole file; ``media`` are the images by digest."""
    parts = [_BEGIN]
    problems: list[Problem] = []
    topic = ""
    for item, question in enumerate(questions, start=1):
        place = Message(N_("Câu {item}"), item=item)
        if question.kind not in _TYPES:
            template = N_("Moodle XML không có loại câu này (câu tình huống) nên câu bị bỏ: ghi ra định dạng khác.")
            problems.append(Problem(place, item, Severity.ERROR, Message(template)))
            continue
        category = _category(question.topic)
        if question.topic != topic:
            topic = question.topic
            parts.append(category)
        written = _Question(question, media or {}).written()
        parts.append(written)
        if message := lost(question, _only(category + written), "Moodle XML"):
            problems.append(Problem(place, item, Severity.WARNING, message))
    return Writing("".join([*parts, _END]).encode(), tuple(problems))


def _only(written: str) -> Question | None:
    """The one question that the text reads back as."""
    from question_bank.formats.moodle_xml import read

    reading = read(Source(f"{_BEGIN}{written}{_END}".encode()))
    return reading.questions[0] if len(reading.questions) == 1 == reading.read else None


def _category(topic: str) -> str:
    return f'<question type="category">{_element("category", _text(topic.replace("/", "//")))}</question>\n'


def _element(tag: str, /, *inner: str, **attributes: str) -> str:
    written = "".join(f' {key}="{escape(value, {chr(34): "&quot;"})}"' for key, value in attributes.items())
    return f"<{tag}{written}>{''.join(inner)}</{tag}>"


def _text(text: str) -> str:
    return _element("text", escape(_NOT_XML.sub("", text)))


class _Question:
    """One question on its way into the file."""

    def __init__(self, question: Question, media: Mapping[str, bytes]) -> None:
        self._question = question
        self._details = question.details
        self._media = media

    def written(self) -> str:
        question = self._question
        parts = [
            _element("name", _text(" ".join(question.stem.split())[:100])),
            self._stem(),
            self._marked("generalfeedback", question.explanation),
            _element("defaultgrade", f"{question.points / 1000:.7f}"),
            _element("penalty", "0"),
            _element("hidden", "0"),
            _element("idnumber", escape(_NOT_XML.sub("", question.ref))),
            *self._body(),
            self._tags(),
        ]
        return "\n  ".join([f'<question type="{_TYPES[question.kind]}">', *parts]) + "\n</question>\n"

    def _stem(self) -> str:
        question = self._question
        if question.kind != "gap_text":
            return self._marked("questiontext", question.stem, question.stem_html)
        html = question.stem_html or escape_html(question.stem, quote=False).replace("\n", "<br>")
        return self._marked("questiontext", "", write_gaps(html, self._details.get("gaps", [])))

    def _marked(self, tag: str, text: str, html: str = "", *more: str, **attributes: str) -> str:
        """A text with its markup; its images follow as files."""
        if not html:
            return _element(tag, _text(text), *more, format="plain_text", **attributes)
        named = given_out(html, lambda sha: f"@@PLUGINFILE@@/{self._file(sha)}" if sha in self._media else None)
        files = [
            _element("file", _base64(self._media[sha]), name=self._file(sha), path="/", encoding="base64")
            for sha in rich_text.media(html)
            if sha in self._media
        ]
        return _element(tag, _text(named), *files, *more, format="html", **attributes)

    def _file(self, sha256: str) -> str:
        return f"{sha256[:16]}.{image_type(self._media[sha256])}"

    def _tags(self) -> str:
        fields = fields_of(self._question, _HAS_PLACE | self._said_by_body())
        if self._question.kind == "true_false_cluster":
            fields.insert(0, Field("kind", ("true_false_cluster",)))
        ours = [f"{OURS}{field}" for field in fields]
        theirs = [f"{OURS}{Field('tag', (tag,))}" if _looks_ours(tag) else tag for tag in self._question.tags]
        tags = [_element("tag", _text(tag)) for tag in [*ours, *theirs]]
        return _element("tags", *tags) if tags else ""

    def _said_by_body(self) -> set[str]:
        """Fields that the body of this question says already."""
        said = {"scoring"} if self._question.kind == "ordering" else set()
        return said | ({"pinned"} if self._all_pinned() else set())

    def _all_pinned(self) -> bool:
        return bool(self._question.options) and all(option.pinned for option in self._question.options)

    def _body(self) -> Iterable[str]:
        bodies: dict[str, Callable[[], Iterable[str]]] = {
            "single_choice": self._choices,
            "multiple_response": self._choices,
            "true_false": self._true_false,
            "true_false_cluster": self._pairs,
            "matching": self._pairs,
            "ordering": self._ordering,
            "numeric": self._numeric,
            "short_text": self._short_text,
            "gap_text": list,
            "essay": self._essay,
        }
        return bodies[self._question.kind]()

    def _answer(self, text: str, percent: str, feedback: str = "", html: str = "", *more: str) -> str:
        said = [self._marked("feedback", feedback)] if feedback else []
        return self._marked("answer", text, html, *said, *more, fraction=percent)

    def _choices(self) -> Iterable[str]:
        question = self._question
        yield _element("single", "true" if question.kind == "single_choice" else "false")
        yield _element("shuffleanswers", "false" if self._all_pinned() else "true")
        yield _element("answernumbering", "ABCD")
        for option, percent in zip(question.options, percents(question), strict=True):
            yield self._answer(option.text, percent_text(percent), option.feedback, option.html)

    def _true_false(self) -> Iterable[str]:
        for name, option in zip(("true", "false"), self._question.options, strict=False):
            yield self._answer(name, "100" if option.correct else "0", option.feedback)

    def _pairs(self) -> Iterable[str]:
        pairs, extra = pairs_of(self._question)
        yield _element("shuffleanswers", "true")
        for pair in pairs:
            answer = _element("answer", _text(pair["right"]))
            yield self._marked("subquestion", pair["left"], pair.get("left_html", ""), answer)
        for one in extra:
            yield self._marked("subquestion", "", "", _element("answer", _text(one["text"])))

    def _ordering(self) -> Iterable[str]:
        grading = NEXT if self._details.get("scoring") == "pairs" else EXACT
        number = next(number for number, name in GRADINGS.items() if name == grading)
        items = self._details.get("items", [])
        settings = {"layouttype": "0", "selecttype": "0", "selectcount": str(len(items)), "gradingtype": number}
        yield from (_element(name, value) for name, value in settings.items())
        for place, one in enumerate(items, start=1):
            yield self._answer(one["text"], str(place), "", one.get("html", ""))

    def _numeric(self) -> Iterable[str]:
        for one in self._details.get("answers", []):
            value, tolerance = as_value(one)
            yield self._answer(value, _worth(one), one.get("feedback", ""), "", _element("tolerance", tolerance))
        unit = self._details.get("unit", "")
        if unit:
            named = _element("unit", _element("multiplier", "1"), _element("unit_name", escape(unit)))
            yield _element("unitgradingtype", "1" if self._details.get("unit_required") else "0")
            yield _element("units", named)

    def _short_text(self) -> Iterable[str]:
        yield _element("usecase", "1" if self._details.get("match_case") else "0")
        for one in self._details.get("accepted", []):
            yield self._answer(one["text"], _worth(one), one.get("feedback", ""))

    def _essay(self) -> Iterable[str]:
        yield _element("responseformat", "editor")
        yield _element("attachments", "0")
        for element, name in (("responsefieldlines", "lines"), ("maxwordlimit", "words")):
            if self._details.get(name):
                yield _element(element, str(self._details[name]))
        lines = [f"{one['text']} ({_points(one['points'])} điểm)" for one in self._details.get("rubric", [])]
        yield self._marked("graderinfo", "\n".join(lines))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _worth(answer: Mapping[str, Any]) -> str:
    return percent_text(percent_of(answer.get("share", 1000)))


def _points(thousandths: int) -> str:
    return f"{thousandths / 1000:.3f}".rstrip("0").rstrip(".").replace(".", ",")


def _looks_ours(tag: str) -> bool:
    return tag.startswith(OURS) and field_from(tag.removeprefix(OURS)) is not None
