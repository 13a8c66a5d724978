"""Rich text: what comes through the door, how it reads without markup, how it is shown."""

from __future__ import annotations

from time import process_time

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from question_bank import rich_text
from question_bank.kinds import get_kind
from question_bank.question import Option, Question, clean_text

SHA = "0123456789abcdef" * 4
IMAGE = f'<img src="media:{SHA}" alt="Sơ đồ">'
URI = "data:image/png;base64,AAAA"
SOUP = st.lists(
    st.sampled_from(
        [
            *[
                "<p>",
                "</p>",
                "<b>",
                "</b>",
                "<i x=y>",
                "<sup>",
                "</sup>",
                "<ul>",
                "<li>",
                "</ul>",
                "<br/>",
                "<div>",
                "</div>",
            ],
            *[
                "<table>",
                "<tr>",
                "<td colspan=2 onclick=x>",
                "</table>",
                "<script>",
                "</script>",
                "<style>",
                "<!--",
                "-->",
            ],
            *[
                IMAGE,
                '<img src="https://x.example/a.png" onerror="x">',
                "<svg><a xlink:href=javascript:x>",
                "<math><mi>",
            ],
            *[
                "\\(x^2\\)",
                "\\[",
                "\\]",
                "\\(\\frac{1}",
                "&lt;b&gt;",
                "&amp;",
                "&nbsp;",
                "<",
                ">",
                '"',
                "\u0338",
                "\u200b",
            ],
            *[
                "chữ",
                " ",
                "\n",
                "ế",
                "e\u0302\u0301",
                "[[1]]",
                "onload=x",
                "<p title='>'",
                "</",
                "<template>",
                "<noscript>",
            ],
        ]
    )
    | st.text(max_size=4),
    max_size=14,
).map("".join)
ALLOWED = rich_text.TAGS | {"html", "head", "body", "colgroup"}


def elements(html: str) -> list[tuple[str, dict[str, str]]]:
    """As a browser would build them."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    return [(str(element.tag), dict(element.attrib)) for element in tree.iter() if isinstance(element.tag, str)]


@given(SOUP)
@example("<b>\u0338<b>&nbsp;")
@example("\u0338 \u0338<i>q</i>")
@example("<li><table><li>0")
@example("<i>q</i>x <b> <u> </u></b> y")
@settings(max_examples=300)
def test_nothing_but_the_allowed_comes_through_and_once_is_enough(soup: str) -> None:
    kept = rich_text.clean(soup)

    assert rich_text.clean(kept) == kept
    for tag, attributes in elements(kept):
        assert tag in ALLOWED
        assert attributes.keys() <= {"img": {"src", "alt"}, "td": {"colspan", "rowspan"}}.get(tag, set())
        assert attributes.get("src", f"media:{SHA}") == f"media:{SHA}"


@given(SOUP)
@settings(max_examples=200)
def test_what_is_shown_holds_no_more_than_images_and_formulas_besides(soup: str) -> None:
    for tag, attributes in elements(rich_text.shown(soup, {SHA: URI})):
        assert tag in ALLOWED or tag.startswith(("{http://www.w3.org/1998/Math/MathML}", "m"))
        assert not any(name.startswith("on") or name in {"style", "href", "class"} for name in attributes)
        assert attributes.get("src", URI) == URI


@given(SOUP)
@settings(max_examples=200)
def test_the_plain_text_is_that_of_the_clean_one(soup: str) -> None:
    plain, html = rich_text.both(soup)

    assert clean_text(plain) == plain
    assert not html or rich_text.plain(html) == plain


@given(st.text(max_size=40))
def test_a_plain_text_survives(text: str) -> None:
    assert rich_text.plain(rich_text.from_plain(text)) == "\n".join(
        " ".join(line.split()) for line in clean_text(text).split("\n")
    )


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<p>một</p><p>hai</p>", "một\nhai"),
        ("<div>một<br>hai</div>", "một\nhai"),
        ("<h2>Đề</h2>một", "Đề\nmột"),
        ("<ul><li>a</li><li><p>b</p></li></ul>c", "- a\n- b\nc"),
        ("<table><tr><th>a<th>b</tr><tr><td><p>c</p><p>d</p></td><td>e</td></table>f", "a | b\nc d | e\nf"),
        (f"xem {IMAGE}.", "xem [Hình: Sơ đồ]."),
        ("10<sup>3</sup> m<sup>2</sup>, H<sub>2</sub>O", "10³ m², H₂O"),
        ("x<sup>a+b</sup>", "x^(a+b)"),
        ("a &lt; b &amp; c", "a < b & c"),
        ("<b>đậm</b>, <i>nghiêng</i>", "đậm, nghiêng"),
    ],
)
def test_plain_text(html: str, plain: str) -> None:
    assert rich_text.plain(html) == plain


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p>một</p><p>hai</p>", ""),
        ("  ", ""),
        ("<p><b></b></p>", ""),
        ("<p><b>một</b><i> </i>hai<u></u></p>", "<p><b>một</b> hai</p>"),
        ("<h1>một</h1><strike>hai</strike>", "<p>một</p><s>hai</s>"),
        (r"Tính \(x\)", r"Tính \(x\)"),
        ("<p>\n  <b>a</b>\n</p>\n<p>b</p>", "<p><b>a</b></p><p>b</p>"),
        ("<td colspan=5>x</td>", ""),
        (
            "<table><td colspan=99999 rowspan=2>x</table>",
            '<table><tbody><tr><td rowspan="2">x</td></tr></tbody></table>',
        ),
        ('<b>x</b><img src="data:image/png;base64,AA" alt="a">', "<b>x</b>"),
    ],
)
def test_clean(html: str, kept: str) -> None:
    assert rich_text.clean(html) == kept


def test_a_mark_that_would_melt_with_a_bracket_opens_no_tag() -> None:
    assert rich_text.clean("<p>\u0338 onmouseover=x <b>a</b></p>") == "<p>onmouseover=x <b>a</b></p>"


def test_images_are_shown_from_their_data_and_told_where_they_are_missing() -> None:
    assert rich_text.shown(IMAGE, {SHA: URI}) == f'<img src="{URI}" alt="Sơ đồ">'
    assert rich_text.shown(IMAGE, {}) == rich_text.shown(IMAGE, {SHA: "javascript:x"}) == "[Hình: Sơ đồ]"
    assert rich_text.media(IMAGE * 2) == (SHA,)


def test_formulas_become_mathml() -> None:
    shown = rich_text.shown(r"\(\frac{a}{b} &lt; 2\)", {})

    assert shown.startswith('<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline">')
    assert "<mo>&lt;</mo>" in shown
    assert 'display="block"' in rich_text.shown(r"\[\sqrt{x}\]", {})


@pytest.mark.parametrize(
    "formula",
    [
        r"\text{&lt;script&gt;alert(1)&lt;/script&gt;}",
        r"\text{&amp;lt;script&amp;gt;alert(1)}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(x)}{x}",
        r"\class{a}{x}",
        r"\newcommand{\a}{\a\a}\a",
        "{" * 900,
        r"\left( x",
        r"\nosuch{x}",
        "x" * 1001,
    ],
)
def test_a_formula_brings_nothing_but_a_formula(formula: str) -> None:
    shown = rich_text.shown(rf"\({formula}\)", {})

    assert not any(sign in shown for sign in ("<script", "href=", "style=", "class="))
    assert "<math" in shown or shown == rf"\({formula}\)"


def test_what_others_could_not_read_is_named() -> None:
    assert "1 hình chưa có lời mô tả" in rich_text.check(f'<img src="media:{SHA}"> {IMAGE}')[0]
    assert "Công thức “\\left( x” không đọc được" in rich_text.check(r"\(\left( x\)")[0]
    assert rich_text.check(rf"{IMAGE} \(x\)") == []


def test_kinds_look_at_the_rich_texts_of_a_question() -> None:
    options = (Option("[Hình]", correct=True, html=f'<img src="media:{SHA}">'), Option("hai"))
    question = Question("single_choice", "Hỏi?", options, stem_html=r"<p>Hỏi? \(\left( x\)</p>")
    found = get_kind("single_choice").check(question)

    assert [message.split(":")[0] for message in found] == ["Phần hỏi", "Phương án A"]
    assert question.media == (SHA,)


def test_much_of_anything_is_cleaned_in_reasonable_time() -> None:
    for part in ("<b>", "<div ", "\\(", "<p></p>", "<ul><li>", "&nbsp;", "</b>", "<table><tr><td>"):
        kept = rich_text.clean(part * 20_000)
        assert len(kept) <= len(part) * 20_000 * 3, part


@pytest.mark.parametrize("piece", ["&nbsp;", "&lt;", r"\(", r"\[", "<i>", "<"])
def test_a_stem_of_megabytes_is_read_in_a_moment(piece):
    began = process_time()  # of this process alone, whoever else uses the machine
    _plain, html = rich_text.both(piece * 200_000)
    rich_text.shown(html, {})
    assert process_time() - began < 3


def test_half_a_pair_of_surrogates_is_left_out():
    assert rich_text.both("<b>a\ud800b</b>") == ("ab", "<b>ab</b>")
