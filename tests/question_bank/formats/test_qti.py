"""QTI 2.1, 2.2 and 3.0: items, packages, rules that are understood and those that are told, bad input, writing."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from question_bank.formats import Reading, read, write
from question_bank.formats.carried import lost
from question_bank.kinds import KINDS
from question_bank.messages import Severity
from question_bank.question import Citation, Level, Option, Question
from tests.question_bank.sound import SOUND

TEMPLATE = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/"
EXACT = ("single_choice", "multiple_response", "true_false", "true_false_cluster", "matching", "ordering", "essay")
"""Kinds of which nothing is lost."""


def item(body: str, declared: str = "", rules: str = "match_correct", more: str = "", name: str = "i1") -> bytes:
    processing = f'<responseProcessing template="{TEMPLATE}{rules}"/>' if rules else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE assessmentItem>'
        f'<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="{name}" title="Câu">'
        f"{declared}{more}<itemBody>{body}</itemBody>{processing}</assessmentItem>"
    ).encode()


def declared(*right: str, cardinality: str = "single", base: str = "identifier", mapping: str = "") -> str:
    values = "".join(f"<value>{value}</value>" for value in right)
    correct = f"<correctResponse>{values}</correctResponse>" if right else ""
    shape = f'identifier="RESPONSE" cardinality="{cardinality}" baseType="{base}"'
    return f"<responseDeclaration {shape}>{correct}{mapping}</responseDeclaration>"


def mapping(**scores: str) -> str:
    entries = "".join(f'<mapEntry mapKey="{key}" mappedValue="{score}"/>' for key, score in scores.items())
    return f'<mapping defaultValue="0">{entries}</mapping>'


def choices(*texts: str, most: int = 1, shuffle: str = "true") -> str:
    inner = "".join(f'<simpleChoice identifier="{chr(65 + n)}">{text}</simpleChoice>' for n, text in enumerate(texts))
    shape = f'responseIdentifier="RESPONSE" maxChoices="{most}" shuffle="{shuffle}"'
    return f"<choiceInteraction {shape}>{inner}</choiceInteraction>"


def one(data: bytes) -> Question:
    reading = read(data)
    assert reading.format == "qti"
    assert len(reading.questions) == 1, [str(problem.message) for problem in reading.problems]
    return reading.questions[0]


def said(reading: Reading) -> str:
    return " ".join(f"{problem.place}: {problem.message}" for problem in reading.problems)


def package(**files: bytes | str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_png", ".png"), data)
    return out.getvalue()


def test_a_single_choice_with_feedback_and_explanation() -> None:
    wrong = 'Bảy<feedbackInline outcomeIdentifier="F" identifier="B" showHide="show">Xem lại</feedbackInline>'
    after = '<modalFeedback outcomeIdentifier="F" identifier="x" showHide="show">Vì luật nói vậy.</modalFeedback>'
    data = item(f"<p>Mấy <b>ngày</b>?</p>{choices('Năm', wrong)}", declared("A")).replace(
        b"</assessmentItem>", after.encode() + b"</assessmentItem>"
    )
    found = one(data)
    assert (found.kind, found.stem, found.stem_html) == ("single_choice", "Mấy ngày?", "<p>Mấy <b>ngày</b>?</p>")
    assert found.options == (Option("Năm", correct=True), Option("Bảy", feedback="Xem lại"))
    assert (found.explanation, found.ref) == ("Vì luật nói vậy.", "i1")


def test_version_3_bears_other_names_for_the_same() -> None:
    data = """<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="q3" title="t">
      <qti-response-declaration identifier="RESPONSE" cardinality="ordered" base-type="identifier">
      <qti-correct-response><qti-value>B</qti-value><qti-value>A</qti-value></qti-correct-response>
      </qti-response-declaration><qti-item-body><p>Xếp thứ tự</p>
      <qti-order-interaction response-identifier="RESPONSE" shuffle="true">
      <qti-simple-choice identifier="A">Sau</qti-simple-choice>
      <qti-simple-choice identifier="B">Trước</qti-simple-choice>
      </qti-order-interaction></qti-item-body></qti-assessment-item>"""
    found = one(data.encode())
    assert found.kind == "ordering"
    assert [part["text"] for part in found.details["items"]] == ["Trước", "Sau"]


@pytest.mark.parametrize(
    ("scores", "kind", "details"),
    [
        ({"A": "1", "B": "1"}, "multiple_response", {"scoring": "per_right"}),
        ({"A": "1", "B": "1", "C": "-1"}, "multiple_response", {"scoring": "right_minus_wrong"}),
        ({"A": "2", "B": "1", "C": "-1"}, "multiple_response", {"scoring": "weights"}),
    ],
)
def test_mapped_scores_become_the_scoring_they_say(scores: dict[str, str], kind: str, details: dict[str, str]) -> None:
    right = declared("A", "B", cardinality="multiple", mapping=mapping(**scores))
    found = one(item(f"<p>Chọn</p>{choices('x', 'y', 'z', most=0)}", right, "map_response"))
    assert (found.kind, found.key, found.details) == (kind, (0, 1), details)


def test_points_are_what_the_item_says() -> None:
    worth = (
        '<outcomeDeclaration identifier="MAXSCORE"><defaultValue><value>2.5</value></defaultValue></outcomeDeclaration>'
    )
    assert one(item(f"<p>?</p>{choices('x', 'y')}", declared("A"), more=worth)).points == 2500


def test_a_choice_between_true_and_false() -> None:
    found = one(item(f"<p>Trái đất tròn.</p>{choices('Sai', 'Đúng')}", declared("B")))
    assert (found.kind, found.key) == ("true_false", (0,))


MATCH = (
    '<matchInteraction responseIdentifier="RESPONSE"><prompt>Ghép</prompt>'
    '<simpleMatchSet><simpleAssociableChoice identifier="a">Khai sinh</simpleAssociableChoice>'
    '<simpleAssociableChoice identifier="b">Kết hôn</simpleAssociableChoice></simpleMatchSet>'
    '<simpleMatchSet><simpleAssociableChoice identifier="x">{}</simpleAssociableChoice>'
    '<simpleAssociableChoice identifier="y">{}</simpleAssociableChoice>'
    '<simpleAssociableChoice identifier="z">Thừa</simpleAssociableChoice></simpleMatchSet></matchInteraction>'
)


def test_pairs_and_what_is_left_over() -> None:
    right = declared("a x", "b y", cardinality="multiple", base="directedPair")
    found = one(item(MATCH.format("Trẻ em", "Vợ chồng"), right))
    assert found.stem == "Ghép"
    assert [(pair["left"], pair["right"]) for pair in found.details["pairs"]] == [
        ("Khai sinh", "Trẻ em"),
        ("Kết hôn", "Vợ chồng"),
    ]
    assert found.details["extra"] == [{"text": "Thừa"}]


def test_a_table_with_several_ticks_a_row_turns_round_or_is_told() -> None:
    turned = read(
        item(MATCH.format("p", "q"), declared("a x", "a y", "b z", cardinality="multiple", base="directedPair"))
    )
    assert [pair["left"] for pair in turned.questions[0].details["pairs"]] == ["p", "q", "Thừa"]
    assert "đổi chỗ" in said(turned)
    both = read(
        item(MATCH.format("p", "q"), declared("a x", "a y", "b x", cardinality="multiple", base="directedPair"))
    )
    assert both.skipped == 1
    assert "nhiều – nhiều" in said(both)


def test_gaps_typed_and_chosen_stand_in_the_text() -> None:
    inline = (
        '<p>Thủ đô là <inlineChoiceInteraction responseIdentifier="RESPONSE"><inlineChoice identifier="A">Hà Nội'
        '</inlineChoice><inlineChoice identifier="B">Huế</inlineChoice></inlineChoiceInteraction>, có '
        '<textEntryInteraction responseIdentifier="R2"/> quận.</p>'
    )
    second = declared("12", base="integer").replace("RESPONSE", "R2")
    found = one(item(inline, declared("A") + second))
    assert (found.kind, found.stem) == ("gap_text", "Thủ đô là [[1]], có [[2]] quận.")
    assert found.details["gaps"] == [
        {"choices": [{"text": "Hà Nội", "correct": True}, {"text": "Huế", "correct": False}]},
        {"numeric": [{"value": "12"}]},
    ]


def test_a_number_with_the_tolerance_of_its_rule() -> None:
    rule = (
        '<responseProcessing><responseCondition><responseIf><equal toleranceMode="relative" tolerance="5 5">'
        '<variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></equal>'
        '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>'
        "</responseIf></responseCondition></responseProcessing></assessmentItem>"
    )
    body = '<p>Diện tích?</p><p><textEntryInteraction responseIdentifier="RESPONSE"/></p>'
    data = item(body, declared("12.5", base="float"), rules="").replace(b"</assessmentItem>", rule.encode())
    found = one(data)
    assert (found.kind, found.stem) == ("numeric", "Diện tích?")
    assert found.details["answers"] == [{"value": "12.5", "mode": "relative", "tolerance": "0.05"}]


def test_several_interactions_are_a_case() -> None:
    second = (
        choices("Có", "Không có", "Chưa rõ")
        .replace('"RESPONSE"', '"R2"')
        .replace("<simpleChoice", "<prompt>Có phải nộp phí?</prompt><simpleChoice", 1)
    )
    body = f"<p>Ông A đến nộp hồ sơ.</p>{choices('Nhận', 'Từ chối')}{second}"
    found = one(item(body, declared("A") + declared("B").replace("RESPONSE", "R2")))
    assert (found.kind, found.stem) == ("case", "Ông A đến nộp hồ sơ.")
    assert [part["stem"] for part in found.details["questions"]] == ["Ý 1", "Có phải nộp phí?"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (item('<hotspotInteraction responseIdentifier="RESPONSE"/>'), "hotspotInteraction"),
        (item("<p>Chỉ có chữ</p>"), "không có phần trả lời"),
        (item(choices("a", "b"), more='<templateDeclaration identifier="X"/>'), "theo biến"),
        (item(f'<p><textEntryInteraction responseIdentifier="R2"/></p>{choices("a", "b")}'), "tách thành nhiều câu"),
    ],
)
def test_what_this_bank_does_not_know_is_listed(data: bytes, told: str) -> None:
    reading = read(data)
    assert (len(reading.questions), reading.skipped) == (0, 1)
    assert told in said(reading)


def test_rules_of_their_own_are_told_and_the_key_is_kept() -> None:
    rule = "<responseProcessing><lookupOutcomeValue identifier='S'/></responseProcessing></assessmentItem>"
    data = item(f"<p>?</p>{choices('a', 'b')}", declared("A"), rules="").replace(b"</assessmentItem>", rule.encode())
    reading = read(data)
    assert reading.questions[0].key == (0,)
    assert "quy tắc chấm riêng" in said(reading)


def test_a_choice_without_a_key_is_asked_about() -> None:
    reading = read(item(f"<p>?</p>{choices('a', 'b')}", declared()))
    assert "không khai đáp án" in said(reading)
    assert reading.storable() == ()


def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG")
    return out.getvalue()


MANIFEST = '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>{}</resources></manifest>'


def resource(href: str) -> str:
    return f'<resource identifier="r" type="imsqti_item_xmlv2p1" href="{href}"/>'


def test_a_package_brings_its_images_and_goes_on_past_a_broken_item() -> None:
    good = item(f'<p>Hình <img src="h.png" alt="sơ đồ"/></p>{choices("a", "b")}', declared("A"))
    listed = resource("q/one.xml") + resource("q/two.xml") + resource("q/none.xml")
    reading = read(
        package(imsmanifest_xml=MANIFEST.format(listed), q__one_xml=good, q__h_png=png(), q__two_xml=b"<a><b>")
    )
    assert len(reading.questions) == 1
    assert reading.questions[0].media == tuple(reading.media)
    assert reading.skipped == 2
    assert "q/two.xml" in said(reading)
    assert "q/none.xml" in said(reading)


def test_an_image_that_is_none_is_told_and_the_question_stays() -> None:
    good = item(f'<p>Hình <img src="h.png" alt="sơ đồ"/></p>{choices("a", "b")}', declared("A"))
    reading = read(package(imsmanifest_xml=MANIFEST.format(resource("one.xml")), one_xml=good, h_png=b"no image"))
    assert reading.questions[0].stem == "Hình"
    assert "không nhập được" in said(reading)


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><assessmentItem identifier="i">&z;</assessmentItem>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><assessmentItem identifier="i">&x;</assessmentItem>',
        b'<assessmentItem identifier="i"><itemBody>',
        b'<assessmentTest xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="t"/>',
        b'<assessmentItem identifier="i">' + b"<div>" * 300 + b"</div>" * 300 + b"</assessmentItem>",
    ],
)
def test_entities_and_broken_files_are_refused_with_a_reason(data: bytes) -> None:
    reading = read(data)
    assert reading.questions == ()
    assert [problem.severity for problem in reading.problems] == [Severity.ERROR]


def test_scripts_do_not_come_along() -> None:
    found = one(item(f"<p onclick='x()'>Hỏi <b>gì</b><script>alert(1)</script></p>{choices('a', 'b')}", declared("A")))
    assert "script" not in found.stem_html
    assert "onclick" not in found.stem_html


@given(st.sampled_from(EXACT).flatmap(SOUND.__getitem__))
def test_what_is_written_reads_back_the_same(question: Question) -> None:
    writing = write([question], "qti")
    assert writing.problems == ()
    reading = read(writing.data)
    assert [lost(question, found, "") for found in reading.questions] == [None]


@given(st.sampled_from(sorted(set(KINDS) - set(EXACT))).flatmap(SOUND.__getitem__))
def test_what_is_lost_of_other_kinds_is_told(question: Question) -> None:
    writing = write([question], "qti")
    found = read(writing.data).questions
    same = [lost(question, one, "") for one in found] == [None]
    assert same is (writing.problems == ())


def test_the_fields_of_the_bank_and_images_travel() -> None:
    data = png()
    from question_bank.images import prepare

    image = prepare(data)
    question = Question(
        "single_choice",
        "Xem hình\n[Hình: sơ đồ]",
        (Option("a", correct=True), Option("b", pinned=True)),
        level=Level.APPLICATION,
        topic="tp_ho_tich",
        positions=("tp_tu_phap",),
        explanation="Theo luật.\nDòng hai.",
        citations=(Citation("60/2014/QH13", "5", "2", "a"),),
        tags=("mẫu",),
        points=1500,
        seconds=60,
        ref="tp-1",
        stem_html=f'<p>Xem hình</p><p><img src="media:{image.sha256}" alt="sơ đồ"></p>',
    )
    writing = write([question], "qti", {image.sha256: image.data})
    assert writing.problems == ()
    reading = read(writing.data)
    assert reading.questions == (question,)
    assert set(reading.media) == {image.sha256}
    assert write([question], "qti", {image.sha256: image.data}).data == writing.data
