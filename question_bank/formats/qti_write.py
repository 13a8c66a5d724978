"""Questions as a QTI 2.2 package; each is read back, and what is not the same is told."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

from question_bank import rich_text
from question_bank.formats.bank_fields import fields_of
from question_bank.formats.base import Source, Writing
from question_bank.formats.carried import lost
from question_bank.formats.pictures import image_type
from question_bank.formats.qti_write_kinds import Body, cannot_carry, written_body
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.question import Question

_ITEM_SPACE = "http://www.imsglobal.org/xsd/imsqti_v2p2"
_MANIFEST_SPACE = "http://www.imsglobal.org/xsd/imscp_v1p1"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MEDIA = re.compile(r"media:([0-9a-f]{64})")
_DAY = (1980, 1, 1, 0, 0, 0)
"""The same questions give the same bytes."""


def write(questions: Sequence[Question], media: Mapping[str, bytes] | None = None) -> Writing:
    """The package; ``media`` are the images by digest."""
    images = media or {}
    items: list[tuple[str, Question, str]] = []
    problems: list[Problem] = []
    for item, question in enumerate(questions, start=1):
        place = Message(N_("Câu {item}"), item=item)
        if reason := cannot_carry(question):
            problems.append(Problem(place, item, Severity.ERROR, reason))
            continue
        entry = (f"item-{item:05d}", question, _item(question, f"item-{item:05d}", images))
        items.append(entry)
        if message := lost(question, _only(entry, images), "QTI"):
            problems.append(Problem(place, item, Severity.WARNING, message))
    return Writing(_package(items, images), tuple(problems))


def _only(entry: tuple[str, Question, str], images: Mapping[str, bytes]) -> Question | None:
    """The one question that the package of this entry reads back as."""
    from question_bank.formats.qti import read

    reading = read(Source(_package([entry], images)))
    return reading.questions[0] if len(reading.questions) == 1 == reading.read else None


def _package(items: Sequence[tuple[str, Question, str]], images: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    used = dict.fromkeys(sha for _, question, _ in items for sha in question.media if sha in images)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "imsmanifest.xml", _manifest(items, images).encode())
        for name, _, text in items:
            _put(archive, f"items/{name}.xml", text.encode())
        for sha256 in used:
            _put(archive, f"items/{_file(sha256, images)}", images[sha256])
    return out.getvalue()


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    member = zipfile.ZipInfo(name, _DAY)
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, data)


def _file(sha256: str, images: Mapping[str, bytes]) -> str:
    return f"images/{sha256[:20]}.{image_type(images[sha256])}"


def _manifest(items: Sequence[tuple[str, Question, str]], images: Mapping[str, bytes]) -> str:
    resources = []
    for name, question, _ in items:
        fields = "".join(f"<field>{_text(str(field))}</field>" for field in fields_of(question))
        bank = f'<bank xmlns="urn:thuoc-do:bank" kind="{question.kind}" topic="{_text(question.topic)}">{fields}</bank>'
        files = [f"items/{name}.xml", *(f"items/{_file(sha, images)}" for sha in question.media if sha in images)]
        listed = "".join(f"<file href={quoteattr(path)}/>" for path in files)
        resources.append(
            f'<resource identifier="{name}" type="imsqti_item_xmlv2p2" href="items/{name}.xml">'
            f"<metadata>{bank}</metadata>{listed}</resource>"
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest xmlns="{_MANIFEST_SPACE}" identifier="manifest">'
        "<metadata><schema>QTIv2.2 Package</schema><schemaversion>1.0.0</schemaversion></metadata><organizations/>"
        f"<resources>\n{chr(10).join(resources)}\n</resources></manifest>\n"
    )


def _item(question: Question, name: str, images: Mapping[str, bytes]) -> str:
    def rich(text: str, html: str) -> str:
        return _as_xml(html or rich_text.from_plain(text), images)

    body: Body = written_body(question, rich)
    title = _text(" ".join(question.stem.split())[:100])
    outcomes = "".join(
        f'<outcomeDeclaration identifier="{key}" cardinality="single" baseType="{kind}">{value}</outcomeDeclaration>'
        for key, kind, value in (
            ("SCORE", "float", "<defaultValue><value>0</value></defaultValue>"),
            ("MAXSCORE", "float", f"<defaultValue><value>{question.points / 1000:g}</value></defaultValue>"),
            ("FEEDBACK", "identifier", ""),
        )
    )
    said = ""
    if question.explanation:
        inner = rich(question.explanation, "")
        named = 'outcomeIdentifier="FEEDBACK" identifier="explanation" showHide="show"'
        said = f"<modalFeedback {named}>{inner}</modalFeedback>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<assessmentItem xmlns="{_ITEM_SPACE}" identifier="{name}" '
        f'title="{title}" adaptive="false" timeDependent="false">\n{body.declarations}\n{outcomes}\n'
        f"<itemBody>{body.markup}</itemBody>\n{body.processing}\n{said}</assessmentItem>\n"
    )


def _as_xml(html: str, images: Mapping[str, bytes]) -> str:
    """Cleaned HTML as XML: void elements closed, images under their paths."""
    html = _MEDIA.sub(lambda found: _file(found[1], images) if found[1] in images else found[0], _NOT_XML.sub("", html))
    html = html.replace("&nbsp;", "\u00a0")
    return re.sub(r"<(br|img)\b([^>]*?)/?>", r"<\1\2/>", html)


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text), {'"': "&quot;"})
