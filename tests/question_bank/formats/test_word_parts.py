"""What stands in Word documents beside words: images, equations, merged cells, old fonts, old files."""

from __future__ import annotations

import os
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from PIL import Image

from question_bank.formats import Reading, read
from question_bank.formats.word_math import latex
from question_bank.messages import Severity

from .papers import paper

MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le")


def png(colour: tuple[int, int, int] = (200, 0, 0)) -> BytesIO:
    stream = BytesIO()
    Image.new("RGB", (30, 20), colour).save(stream, "PNG")
    return BytesIO(stream.getvalue())


def reading_of(document: Any) -> Reading:
    stream = BytesIO()
    document.save(stream)
    return read(stream.getvalue())


def with_options(document: Any) -> Any:
    for text in ("*A. một", "B. hai"):
        document.add_paragraph(text)
    return document


def typed(document: Any, font: str, *texts: str) -> Any:
    """A paragraph of runs in that font."""
    paragraph = document.add_paragraph()
    for text in texts:
        run = paragraph.add_run(text)
        run.font.name = font
    return paragraph


def test_images_come_along_with_their_descriptions() -> None:
    document = Document()
    run = document.add_paragraph("Câu 1: Biển báo ").add_run()
    shape = run.add_picture(png())
    shape._inline.docPr.set("descr", "Biển cấm đỗ xe")
    document.add_paragraph("*A. Cấm đỗ")
    document.add_paragraph("B. ").add_run().add_picture(png((0, 0, 200)))
    reading = reading_of(document)
    (question,) = reading.questions
    assert question.stem == "Biển báo [Hình: Biển cấm đỗ xe]"
    assert set(question.media) == set(reading.media)
    assert len(reading.media) == 2
    assert [(problem.item, problem.severity) for problem in reading.problems] == [(1, Severity.WARNING)]
    assert "chưa có lời mô tả" in reading.problems[0].message


def test_an_image_that_is_none_is_named_and_the_rest_goes_on() -> None:
    document = Document()
    shape = document.add_paragraph("Câu 1: Xem ").add_run().add_picture(png())
    name = shape._inline.graphic.graphicData.pic.blipFill.blip.embed
    document.part.related_parts[name]._blob = b"GIF8 nothing of the kind"
    reading = reading_of(with_options(document))
    assert reading.questions[0].stem == "Xem [hình]"
    assert {str(problem.place) for problem in reading.problems} == {"Đoạn 1", "Câu 1, đoạn 1"}
    assert len(reading.storable()) == 1


def test_a_text_box_is_told_of() -> None:
    document = Document()
    box = (
        f'<w:pict {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:textbox><w:txbxContent><w:p/>'
        "</w:txbxContent></v:textbox></v:shape></w:pict>"
    )
    document.add_paragraph("Câu 1: Hỏi gì?").add_run()._r.append(parse_xml(box))
    reading = reading_of(with_options(document))
    assert reading.questions[0].stem == "Hỏi gì?"
    assert ["Khung chữ" in problem.message for problem in reading.problems] == [True]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<m:r><m:t>x+α≤2</m:t></m:r>", r"x+\alpha \le 2"),
        ("<m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>", r"\frac{1}{2}"),
        ("<m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>", "{x}^{2}"),
        ("<m:rad><m:deg/><m:e><m:r><m:t>x</m:t></m:r></m:e></m:rad>", r"\sqrt{x}"),
        ("<m:d><m:e><m:r><m:t>a</m:t></m:r></m:e></m:d>", r"\left(a\right)"),
        ('<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub><m:r><m:t>i</m:t></m:r></m:sub><m:sup/>'
         "<m:e><m:r><m:t>i</m:t></m:r></m:e></m:nary>", r"\sum_{i} i"),
        ("<m:func><m:fName><m:r><m:t>sin</m:t></m:r></m:fName><m:e><m:r><m:t>x</m:t></m:r></m:e></m:func>", r"\sin x"),
        ("<m:m><m:mr><m:e><m:r><m:t>a</m:t></m:r></m:e><m:e><m:r><m:t>b</m:t></m:r></m:e></m:mr></m:m>",
         r"\begin{matrix}a & b\end{matrix}"),
        ("<m:strange/>", None),
        ("", None),
    ],
)  # fmt: skip
def test_equations_become_latex_or_are_left(inner: str, expected: str | None) -> None:
    assert latex(parse_xml(f"<m:oMath {MATH}>{inner}</m:oMath>")) == expected


def test_cells_that_reach_over_others_keep_doing_so() -> None:
    document = Document()
    document.add_paragraph("Câu 1: Theo bảng sau:")
    table = document.add_table(rows=3, cols=3)
    for row in range(3):
        for column in range(3):
            table.cell(row, column).text = f"ô {row}{column}"
    table.cell(0, 0).merge(table.cell(0, 1)).text = "ngang"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "dọc"
    html = reading_of(with_options(document)).questions[0].stem_html
    assert '<td colspan="2">ngang</td><td>ô 02</td>' in html
    assert '<td rowspan="2">dọc</td><td>ô 11</td>' in html
    assert "<tr><td>ô 21</td><td>ô 22</td></tr>" in html


@pytest.mark.parametrize(
    ("font", "texts", "expected"),
    [
        (".VnTime", ["C©u 1: C¬ quan ", "nµo cÊp", " giÊy?"], "Cơ quan nào cấp giấy?"),
        (".VnTime", ["C©u 1: Co ma"], "Co ma"),
        (".VnTimeH", ["C©u 1: ®Êt ®ai"], "ĐẤT ĐAI"),
        ("VNI-Times", ["Caâu 1: Cô quan na", "øo ñöô", "ïc caáp?"], "Cơ quan nào được cấp?"),
    ],
)
def test_fonts_of_old_encodings(font: str, texts: list[str], expected: str) -> None:
    document = Document()
    typed(document, font, *texts)
    reading = reading_of(with_options(document))
    assert reading.questions[0].stem == expected
    if "Co ma" not in texts[0]:
        assert reading.converted[0].before == "".join(texts)
    assert len(reading.storable()) == 1


def test_unicode_that_kept_the_name_of_an_old_font_is_left_alone() -> None:
    document = Document()
    typed(document, ".VnTime", "Câu 1: Cơ quan nào có thẩm quyền cấp giấy chứng nhận quyền sử dụng đất?")
    typed(document, ".VnTime", "*A. Ủy ban nhân dân có hai lá cờ")
    typed(document, ".VnTime", "B. Tòa án nhân dân")
    reading = reading_of(document)
    assert reading.questions[0].options[0].text == "Ủy ban nhân dân có hai lá cờ"
    assert (reading.problems, reading.converted) == ((), ())


def test_a_font_that_a_style_brings_along() -> None:
    document = Document()
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("ascii", "hAnsi"):
        fonts.set(qn(f"w:{name}"), ".VnTime")
    document.add_paragraph("C©u 1: Ng­êi nµo ®­îc h­ëng?")
    assert reading_of(with_options(document)).questions[0].stem == "Người nào được hưởng?"


STAND_IN = """#!{python}
import sys, shutil, pathlib
arguments = sys.argv[1:]
assert any(a.startswith("-env:UserInstallation=file:") for a in arguments) and "--headless" in arguments
out = pathlib.Path(arguments[arguments.index("--outdir") + 1])
out.mkdir()
if {works}:
    shutil.copy({result!r}, out / "de.docx")
"""


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for LibreOffice is a script")
@pytest.mark.parametrize("works", [True, False])
def test_old_word_files_go_through_libreoffice(works: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = tmp_path / "made.docx"
    result.write_bytes(paper("Câu 1: Hỏi gì?", "*A. một", "B. hai"))
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    program.write_text(STAND_IN.format(python=sys.executable, works=works, result=str(result)), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    reading = read(OLE, filename="de.doc")
    if works:
        assert (len(reading.storable()), reading.problems) == (1, ())
    else:
        assert "Không chuyển được" in reading.problems[0].message


def test_old_word_files_are_refused_with_advice_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "lưu lại dạng .docx" in read(OLE, filename="de.doc").problems[0].message
