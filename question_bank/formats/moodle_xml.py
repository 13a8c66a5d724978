"""Moodle XML: categories, questions of the kinds both sides know, their images, and the fields of this bank as tags.

What Moodle has a place for is written there: the topic as category, ``idnumber`` for our identity, ``defaultgrade`` for
points, ``generalfeedback`` for the explanation, ``graderinfo`` for the rubric of an essay, a line each ("Nêu đúng căn
cứ (0,5 điểm)"). The rest travels as tags that begin with "td:", one for each field of
:mod:`question_bank.formats.bank_fields`: "td:level:nhan_biet", "td:cite:60/2014/QH13|5". Moodle keeps tags, so they
survive a stay there; other programs see words without a meaning. A tag of the question itself stays as it is.

A cluster of true/false statements is written as matching with "td:kind:true_false_cluster", because the plugins that
know such questions are seldom installed; those of the plugins (mtf, kprime) are read. Gap text is written as cloze. A
case has no counterpart and is named. Hints, penalties and the feedback for whole classes of answers have no place here.
"""

from __future__ import annotations

from question_bank.formats.base import Collector, Format, Reading, Source
from question_bank.formats.gift_text import last_of_path
from question_bank.formats.moodle_text import plain
from question_bank.formats.moodle_xml_kinds import read_question
from question_bank.formats.moodle_xml_texts import Item
from question_bank.formats.moodle_xml_tree import Element, read_questions
from question_bank.formats.moodle_xml_write import write
from question_bank.messages import N_, Message

_WITHOUT_PLACE = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback", "hint")


class _Import:
    """What is carried from one question of the file to the next."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._topic = ""
        self._without_place = False

    def take(self, element: Element) -> None:
        if element.name != "question":
            template = N_("Phần tử <{name}> không phải câu hỏi nên không được nhập.")
            self._collector.skip(Message(template, name=element.name), Message(N_("Dòng {line}"), line=element.line))
        elif element.attributes.get("type") == "category":
            self._take_category(element)
        else:
            read_question(Item(element, self._collector), self._topic)
            self._without_place = self._without_place or any(
                inner.value("text") for name in _WITHOUT_PLACE for inner in element.all(name)
            )

    def _take_category(self, element: Element) -> None:
        path = element.value("category", "text")
        self._topic = last_of_path(path)
        about = plain(element.value("info", "text")[:3000], "moodle")
        if about:
            template = N_("Mô tả của chuyên đề “{topic}”: {about}")
            self._collector.note(Message(template, topic=self._topic, about=about[:300]))

    def finish(self) -> Reading:
        if self._without_place:
            template = N_("Gợi ý và lời nhận xét chung theo mức đúng của Moodle không được giữ.")
            self._collector.note(Message(template))
        return self._collector.reading()


def read(source: Source) -> Reading:
    collector = Collector("moodle-xml")
    reading = _Import(collector)

    def report(begun: int, line: int, reason: Message) -> None:
        template = N_(
            "Phần tử <question> bắt đầu ở dòng {begun} bị hỏng tại dòng {line}: {reason}. Các câu khác vẫn được đọc."
        )
        collector.skip(Message(template, begun=begun, line=line, reason=reason), Message(N_("Dòng {line}"), line=begun))

    read_questions(source, reading.take, report)
    return reading.finish()


FORMAT = Format("moodle-xml", Message(N_("Moodle XML")), ".xml", "application/xml", read, write)
