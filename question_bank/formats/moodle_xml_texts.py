"""The texts, files and common fields of one question in a Moodle XML file."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from question_bank.formats.bank_fields import Field, field_from
from question_bank.formats.base import Collector
from question_bank.formats.moodle_text import LONGEST, Marked, marked
from question_bank.formats.moodle_xml_tree import Element
from question_bank.formats.pictures import Pictures, decoded
from question_bank.formats.weights import Answer, percent_from
from question_bank.messages import N_, Message
from question_bank.question import Question, clean_text

OURS = "td:"
_MARKUPS = {"moodle_auto_format": "moodle", "plain_text": "plain", "markdown": "markdown"}


class ItemError(Exception):
    """The question cannot be read; the message says what is wrong with which element."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


class Item:
    """One ``<question>`` and where its problems go."""

    def __init__(self, element: Element, collector: Collector) -> None:
        self.element = element
        self.collector = collector
        self.kind = element.attributes.get("type", "")
        self.doubts: list[Message] = []
        self._pictures = Pictures(collector, self.place)

    @property
    def place(self) -> Message:
        title = clean_text(self.element.value("name", "text"))[:80]
        if title:
            template = N_("Dòng {line}, <question> “{kind}”, câu “{title}”")
            return Message(template, line=self.element.line, kind=self.kind, title=title)
        return Message(N_("Dòng {line}, <question> “{kind}”"), line=self.element.line, kind=self.kind)

    def value(self, *path: str) -> str:
        return self.element.value(*path)

    def raw(self, element: Element) -> str:
        """The text as written, with its images named by digest."""
        inner = element.all("text")
        text = inner[0].text if inner else "".join(part for part in element.content if isinstance(part, str))
        if "<img" in text:
            files = {file.attributes.get("name", ""): decoded(file.text) for file in element.all("file")}
            text = self._pictures.named(text, files)
        if len(text) > LONGEST:
            template = N_("Phần tử <{name}> ở dòng {line} dài {count} ký tự, quá giới hạn {most}: rút gọn rồi nhập.")
            message = Message(template, name=element.name, line=element.line, count=len(text), most=LONGEST)
            raise ItemError(message)
        return text

    def marked(self, element: Element) -> Marked:
        return marked(self.raw(element), self.markup(element))

    def markup(self, element: Element) -> str:
        return _MARKUPS.get(element.attributes.get("format", ""), "html")

    def plain(self, element: Element) -> str:
        return self.marked(element).text

    def bare(self, element: Element) -> str:
        """A text that Moodle itself takes as it stands, on one line."""
        return " ".join(clean_text(self.raw(element)).split())

    def doubt(self, template: str, **values: object) -> None:
        self.doubts.append(Message(template, **values))

    def answers(self) -> list[Answer]:
        return [
            Answer(self.marked(answer), self.percent(answer), self.plain(answer.first("feedback")))
            for answer in self.element.all("answer")
        ]

    def percent(self, answer: Element) -> Fraction:
        written = answer.attributes.get("fraction", "0")
        try:
            return percent_from(written)
        except ValueError:
            template = N_("Thuộc tính fraction=“{value}” của phần tử <answer> ở dòng {line} không phải số.")
            raise ItemError(Message(template, value=written[:40], line=answer.line)) from None

    def fields(self) -> tuple[list[str], list[Field]]:
        """The tags of the question, and the fields of this bank among them."""
        tags, fields = [], []
        for tag in self.element.first("tags").all("tag"):
            text = clean_text(tag.value("text"))
            field = field_from(text.removeprefix(OURS)) if text.startswith(OURS) else None
            if field:
                fields.append(field)
            elif text:
                tags.append(text)
        return tags, fields

    def question(self, topic: str) -> Question:
        """What is the same for every kind; the kind itself is still to be set."""
        stem = self.marked(self.element.first("questiontext"))
        tags, _ = self.fields()
        if self.value("hidden") == "1":
            self.doubt(N_("Câu này bị ẩn (đã xóa) trong Moodle: kiểm tra xem có cần nhập không."))
        return Question(
            "",
            stem.text,
            topic=topic,
            explanation=self.plain(self.element.first("generalfeedback")),
            tags=tuple(tags),
            points=self.points(),
            ref=clean_text(self.value("idnumber")),
            stem_html=stem.html,
        )

    def points(self, default: int = 1000) -> int:
        """Thousandths from ``defaultgrade``."""
        written = self.value("defaultgrade")
        if not written:
            return default
        points = round(Decimal(written) * 1000) if re.fullmatch(r"\d{1,6}(\.\d{0,20})?", written) else 0
        if points <= 0:
            self.doubt(N_("Điểm “{value}” không dùng được nên câu này lấy 1 điểm."), value=written[:40])
            return default
        return points
