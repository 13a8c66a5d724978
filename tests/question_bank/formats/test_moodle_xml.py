"""Moodle XML: what Moodle writes is read, what is written reads back the same, what is broken is named."""

from __future__ import annotations

import base64
from io import BytesIO

import pytest
from hypothesis import given, settings
from PIL import Image

from question_bank.formats import Reading, read, write
from question_bank.formats.carried import lost
from question_bank.formats.moodle_xml import FORMAT
from question_bank.messages import Severity
from question_bank.question import Citation, Level, Option, Question

from .shapes import shapes


def quiz(*questions: str) -> Reading:
    return read(f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{"".join(questions)}</quiz>'.encode())


def question(kind: str, inner: str, stem: str = "<p>Câu hỏi?</p>") -> str:
    text = f'<questiontext format="html"><text><![CDATA[{stem}]]></text></questiontext>'
    return f'<question type="{kind}"><name><text>Tên</text></name>{text}{inner}</question>\n'


def answer(text: str, fraction: str, feedback: str = "", more: str = "") -> str:
    said = f'<feedback format="html"><text>{feedback}</text></feedback>'
    return f'<answer fraction="{fraction}" format="html"><text><![CDATA[{text}]]></text>{said}{more}</answer>'


def only(*parts: str) -> Question:
    reading = quiz(*parts)
    assert [problem.message for problem in reading.problems] == []
    (found,) = reading.questions
    return found


def png() -> bytes:
    stream = BytesIO()
    Image.new("RGB", (8, 6), "red").save(stream, "PNG")
    return stream.getvalue()


def test_a_single_choice_with_everything_around_it() -> None:
    found = only(
        '<question type="category"><category><text>$course$/top/Hộ tịch/Khai sinh</text></category></question>',
        question(
            "multichoice",
            "<generalfeedback format='html'><text>Theo luật.</text></generalfeedback>"
            "<defaultgrade>1.5000000</defaultgrade><idnumber>tp-001</idnumber><single>true</single><shuffleanswers>false</shuffleanswers>"
            + answer("<b>Đúng</b> hạn", "100", "Tốt")
            + answer("Trễ", "50")
            + answer("Không", "-25")
            + "<tags><tag><text>mẫu</text></tag><tag><text>td:level:nhan_biet</text></tag>"
            "<tag><text>td:cite:60/2014/QH13|5|2|a</text></tag><tag><text>td:position:tp_tu_phap</text></tag></tags>",
            "<p>Thời hạn <i>đăng ký</i>?</p>",
        ),
    )
    assert found == Question(
        "single_choice",
        "Thời hạn đăng ký?",
        (
            Option("Đúng hạn", True, pinned=True, html="<b>Đúng</b> hạn", feedback="Tốt", share=1000),
            Option("Trễ", pinned=True, share=500),
            Option("Không", pinned=True, share=-250),
        ),
        level=Level.RECALL,
        topic="Khai sinh",
        positions=("tp_tu_phap",),
        explanation="Theo luật.",
        citations=(Citation("60/2014/QH13", "5", "2", "a"),),
        tags=("mẫu",),
        points=1500,
        stem_html="<p>Thời hạn <i>đăng ký</i>?</p>",
        details={"scoring": "weights"},
    )
    assert found.ref == "tp-001"


@pytest.mark.parametrize(
    ("fractions", "scoring"),
    [
        (["50", "50", "-100"], None),
        (["50", "50", "0"], "per_right"),
        (["50", "50", "-50"], "right_minus_wrong"),
        (["60", "40", "0"], "weights"),
        (["33.33333", "33.33333", "33.33333", "-33.33333"], "right_minus_wrong"),
    ],
)
def test_fractions_tell_how_several_right_answers_are_marked(fractions: list[str], scoring: str | None) -> None:
    answers = "".join(answer(f"Ý {number}", fraction) for number, fraction in enumerate(fractions))
    found = only(question("multichoice", f"<single>false</single>{answers}"))
    assert (found.kind, found.details.get("scoring")) == ("multiple_response", scoring)


@pytest.mark.parametrize(
    ("kind", "inner", "expected"),
    [
        ("truefalse", answer("false", "100", "Phải") + answer("true", "0"), {}),
        ("shortanswer", f"<usecase>1</usecase>{answer('Huế', '100')}{answer('*', '0', 'Sai')}",
         {"accepted": [{"text": "Huế"}, {"text": "*", "share": 0, "feedback": "Sai"}], "match_case": True}),
        ("numerical", answer("12,5", "100", more="<tolerance>0.1</tolerance>") +
         "<units><unit><multiplier>1</multiplier><unit_name>ha</unit_name></unit></units>",
         {"answers": [{"value": "12.5", "tolerance": "0.1", "mode": "absolute"}], "unit": "ha"}),
        ("matching", "<subquestion format='html'><text>A</text><answer><text>1</text></answer></subquestion>"
         "<subquestion><text>B</text><answer><text>2</text></answer></subquestion>"
         "<subquestion><text></text><answer><text>3</text></answer></subquestion>",
         {"pairs": [{"left": "A", "right": "1"}, {"left": "B", "right": "2"}], "extra": [{"text": "3"}]}),
        ("essay", "<graderinfo format='plain_text'><text>Nêu căn cứ (0,5 điểm)\n"
         "Nêu cách làm (1 điểm)</text></graderinfo>"
         "<maxwordlimit>300</maxwordlimit><responsefieldlines>15</responsefieldlines>",
         {"rubric": [{"text": "Nêu căn cứ", "points": 500}, {"text": "Nêu cách làm", "points": 1000}],
          "words": 300, "lines": 15}),
        ("ordering", "<gradingtype>1</gradingtype>" + answer("Một", "1") + answer("Hai", "2"),
         {"scoring": "pairs", "items": [{"text": "Một"}, {"text": "Hai"}]}),
    ],
)  # fmt: skip
def test_kinds(kind: str, inner: str, expected: dict[str, object]) -> None:
    assert only(question(kind, inner)).details == expected


def test_missing_words_become_gaps_of_their_group() -> None:
    words = "".join(
        f"<selectoption><text>{text}</text><group>{group}</group></selectoption>"
        for text, group in [("một", 1), ("hai", 1), ("đỏ", 2), ("xanh", 2)]
    )
    found = only(question("gapselect", words, "Số [[2]] màu [[3]]."))
    assert found.stem == "Số [[1]] màu [[2]]."
    assert [[choice["text"] for choice in gap["choices"] if choice["correct"]] for gap in found.details["gaps"]] == [
        ["hai"], ["đỏ"],
    ]  # fmt: skip
    assert "kéo thả" in str(quiz(question("ddwtos", words.replace("selectoption", "dragbox"), "[[1]]")).problems)
    assert "[[9]]" in quiz(question("gapselect", words, "[[9]]")).problems[0].message


def rows(*columns: str, method: str = "kprime") -> str:
    inner = "".join(
        f"<row number='{n}'><optiontext format='html'><text>Ý {n}</text></optiontext></row>"
        f"<weight rownumber='{n}' columnnumber='{1 + n % 2}'><value> 1.000 </value></weight>"
        for n in (1, 2)
    )
    named = "".join(f"<column number='{n}'><responsetext><text>{c}</text></responsetext></column>"
                    for n, c in enumerate(columns, 1))  # fmt: skip
    return f"<scoringmethod><text>{method}</text></scoringmethod>{inner}{named}"


def test_rows_of_true_and_false_are_a_cluster_and_others_are_pairs() -> None:
    found = only(question("kprime", rows("Đúng", "Sai")))
    assert [(option.text, option.correct) for option in found.options] == [("Ý 1", False), ("Ý 2", True)]
    assert found.details == {"table": [0, 500, 1000]}
    (pairs,) = quiz(question("mtf", rows("Tăng", "Giảm"))).questions
    assert (pairs.kind, pairs.details["pairs"][0]) == ("matching", {"left": "Ý 1", "right": "Giảm"})


def test_images_come_along_in_both_directions() -> None:
    data = base64.b64encode(png()).decode()
    stem = '<p>Biển <img src="@@PLUGINFILE@@/bi%E1%BB%83n.png" alt="biển báo"> nghĩa là gì?</p>'
    file = f'<file name="biển.png" path="/" encoding="base64">{data}</file>'
    text = f'<questiontext format="html"><text><![CDATA[{stem}]]></text>{file}</questiontext>'
    reading = quiz(f'<question type="essay">{text}</question>')
    (sha,) = reading.media
    assert reading.questions[0].media == (sha,)
    written = FORMAT.write(reading.questions, reading.media)
    assert written.problems == ()
    again = read(written.data)
    assert (again.questions, again.media) == (reading.questions, reading.media)
    without = write(reading.questions, "moodle-xml")
    assert ["hình" in problem.message for problem in without.problems] == [True]


@pytest.mark.parametrize(
    ("stem", "file", "part"),
    [
        ('<img src="@@PLUGINFILE@@/a.png">', "", "a.png"),
        ('<img src="http://nơi.khác/b.png">', "", "b.png"),
        ('<img src="@@PLUGINFILE@@/c.png">', '<file name="c.png" encoding="base64">###</file>', "c.png"),
        ('<img src="@@PLUGINFILE@@/d.png">', '<file name="d.png" encoding="base64">eHh4</file>', "d.png"),
    ],
)
def test_an_image_that_is_none_is_named_and_the_question_stays(stem: str, file: str, part: str) -> None:
    text = f'<questiontext format="html"><text><![CDATA[Hình? {stem}]]></text>{file}</questiontext>'
    reading = quiz(f'<question type="essay">{text}</question>')
    assert len(reading.storable()) == 1
    assert [part in problem.message for problem in reading.problems] == [True]


def test_scripts_are_gone_and_markup_that_should_have_been_escaped_stays() -> None:
    found = only(question("essay", "", "<p onclick='x()'>Chào <b>anh</b><script>alert(1)</script></p>"))
    assert found.stem_html == "<p>Chào <b>anh</b></p>"
    (bare,) = quiz(
        '<question type="essay"><questiontext><text><p>Thủ <b>đô</b>?</p></text></questiontext></question>'
    ).questions
    assert bare.stem_html == "<p>Thủ <b>đô</b>?</p>"


@pytest.mark.parametrize("kind", ["calculated", "ddimageortext", "stack", "random", ""])
def test_other_types_are_listed_and_never_guessed(kind: str) -> None:
    reading = quiz(question(kind, answer("1", "100")), question("essay", ""))
    assert (len(reading.questions), reading.read) == (1, 2)
    assert kind in reading.problems[0].message
    assert reading.problems[0].place.startswith("Dòng 3")


BROKEN = [
    '<question type="essay"><questiontext><text>a</questiontext></question>\n',
    '<question type="essay"><questiontext><text>a & b</text></questiontext></question>\n',
    '<question type="essay"><questiontext><text>a&nbsp;b</text></questiontext></question>\n',
    '<question type="essay"><questiontext><text>chưa đóng</text></questiontext>\n',
    '<question type="essay"><name><text><![CDATA[mở mãi</text></name></question>\n',
    '<question type="essay" type="essay"></question>\n',
]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("between", ["\n", " "])
def test_a_broken_question_is_named_and_the_rest_is_read(broken: str, between: str) -> None:
    """Also where the whole file is one line, and letters take several bytes."""
    sound = [question("essay", "", f"<p>Cảnh báo số {number}</p>") for number in (1, 2, 3)]
    text = "<quiz>\n" + "".join([sound[0], broken, *sound[1:]]) + "</quiz>"
    reading = read(text.replace("\n", between).encode(), format="moodle-xml")
    assert [found.stem for found in reading.questions] == ["Cảnh báo số 1", "Cảnh báo số 2", "Cảnh báo số 3"]
    assert any(problem.place == ("Dòng 3" if between == "\n" else "Dòng 1") for problem in reading.problems)
    assert reading.read >= 4


def test_a_file_cut_short_keeps_what_came_before() -> None:
    text = "<quiz>" + "".join(question("essay", "", f"Câu {number}") for number in range(5))
    reading = read(text[: text.rindex("Câu 4")].encode(), format="moodle-xml")
    assert len(reading.questions) == 4
    assert "cắt cụt" in reading.problems[0].message or "CDATA" in reading.problems[0].message


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE quiz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE quiz SYSTEM "http://127.0.0.1/quiz.dtd">',
    ],
)
def test_entities_and_dtds_are_refused(prologue: str) -> None:
    reading = read(f"{prologue}<quiz>{question('essay', '', '&x;&b;')}</quiz>".encode(), format="moodle-xml")
    assert (reading.questions, len(reading.problems)) == ((), 1)
    assert "DTD" in reading.problems[0].message


def test_a_text_beyond_all_measure_is_named() -> None:
    reading = quiz(question("essay", "", "x" * 5_000_000), question("essay", ""))
    assert (len(reading.questions), reading.read) == (1, 2)
    assert "<questiontext>" in reading.problems[0].message


def test_encodings() -> None:
    text = f"<quiz>{question('essay', '', 'Câu hỏi là gì?')}</quiz>"
    declared = b'<?xml version="1.0" encoding="windows-1252"?>' + text.encode("cp1252", "xmlcharrefreplace")
    for data in (b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16"), declared):
        assert [found.stem for found in read(data).questions] == ["Câu hỏi là gì?"]
    wrong = b'<?xml version="1.0" encoding="windows-1253"?><quiz>\xd2</quiz>'
    assert "bảng mã" in read(wrong).problems[0].message


def test_what_has_no_place_is_said() -> None:
    hint = "<hint format='html'><text>Nghĩ đi</text></hint><hidden>1</hidden><defaultgrade>0</defaultgrade>"
    reading = quiz(question("essay", f"{hint}<responsetemplate><text>Mẫu</text></responsetemplate>"))
    assert "Gợi ý" in reading.notes[0]
    messages = [str(problem.message) for problem in reading.problems]
    assert all(part in message for message, part in zip(messages, ("ẩn", "1 điểm", "Mẫu"), strict=True))


@settings(max_examples=150, deadline=None)
@given(shapes())
def test_what_is_written_reads_back_the_same(given_question: Question) -> None:
    writing = write([given_question], "moodle-xml")
    assert writing.problems == ()
    reading = read(writing.data)
    assert [lost(given_question, found, "") for found in reading.questions] == [None]


def test_a_case_has_no_counterpart() -> None:
    case = Question("case", "Tình huống", details={"questions": []})
    writing = write([case, Question("essay", "Viết")], "moodle-xml")
    assert [(problem.item, problem.severity) for problem in writing.problems] == [(1, Severity.ERROR)]
    assert [found.stem for found in read(writing.data).questions] == ["Viết"]
