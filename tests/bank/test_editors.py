"""The fields of every kind: what a page shows of a question comes back as the same question."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import html5lib
import pytest
from flask import render_template_string
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape
from werkzeug.datastructures import MultiDict

from examapp.accounts.models import Role
from examapp.bank import paper
from examapp.bank.editors import forms
from examapp.bank.editors.rows import with_act
from examapp.bank.forms import ContentForm, tags_of
from question_bank.kinds import KINDS
from question_bank.question import Option, Question
from tests.question_bank.sound import SOUND
from tests.reader import form_fields

PAGE = '{% from "bank/rows.html" import content_fields %}<form>{{ content_fields(form, form.carries) }}</form>'
BOLD = "<p>Chọn ý <strong>sai</strong></p>"


def sent_by(form: ContentForm) -> MultiDict[str, str]:
    """What a browser without script would send of the fields as they stand."""
    page = html5lib.parse(render_template_string(PAGE, form=form), namespaceHTMLElements=False)
    return MultiDict(form_fields(page.find(".//form")))


def typed(sent: MultiDict[str, str]) -> ContentForm:
    return ContentForm(formdata=sent)


def shown(question: Question) -> ContentForm:
    form = ContentForm(formdata=None)
    form.show_content(question)
    form.fill_rows()
    return form


@pytest.fixture
def page(app):
    with app.test_request_context("/bank/questions/new"):
        yield app


def test_every_kind_has_its_editor(page):
    assert list(forms()) == list(KINDS)
    assert set(forms(nested=True)) == set(KINDS) - {"case", "essay"}


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_page_of_every_kind_is_shown_and_read(page, kind):
    form = shown(Question(kind, ""))
    content = typed(sent_by(form)).written(Question(kind, ""))
    assert content.kind == kind
    assert KINDS[kind].check(content)
    paper.seen(content, key=True)
    assert isinstance(paper.key_lines(content) + paper.all_lines(content), list)


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_survives_its_page(app, kind):
    @settings(max_examples=5, deadline=None)
    @given(SOUND[kind], st.booleans())
    def survives(question: Question, rich: bool) -> None:
        if rich and kind != "gap_text":
            question = replace(question, stem="Chọn ý sai", stem_html=BOLD)
        with app.test_request_context("/bank/questions/new"):
            form = typed(sent_by(shown(question)))
            assert form.body.form.validate(), form.body.form.errors
            assert form.written(question) == question
            fresh = form.written(Question(kind, ""))
            assert KINDS[kind].check(fresh) == KINDS[kind].check(question) == []
            assert paper.key_lines(fresh) == paper.key_lines(question)
            assert paper.all_lines(fresh) == paper.all_lines(question)
            order = forms()[kind].order(question)
            assert KINDS[kind].show(fresh, order) == KINDS[kind].show(question, order)
            answer = KINDS[kind].solution(question, order)
            assert KINDS[kind].mark(fresh, order, answer) == KINDS[kind].mark(question, order, answer)

    survives()


SHOWN = """{% from "bank/macros.html" import paper, printed %}
{{ paper(question, key=true) }}{{ printed(question, key=true, id="p") }}{{ printed(question, id="q") }}"""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_stands_on_a_phone_and_on_paper(app, kind):
    @settings(max_examples=5, deadline=None)
    @given(SOUND[kind])
    def stands(question: Question) -> None:
        with app.test_request_context("/bank/"):
            html = render_template_string(SHOWN, question=question)
        phone, *papers = html.split('<div lang="vi">')
        assert len(papers) == 2
        assert "<input" not in "".join(papers)
        assert "<select" not in "".join(papers)
        assert 'class="printed-key"' in papers[0]
        assert 'class="printed-key"' not in papers[1]
        for line in paper.key_lines(question):
            assert str(escape(line)) in phone

    stands()


CHOICE = Question(
    "single_choice",
    "Sổ do ai giữ?",
    (
        Option("Kế toán", feedback="Không: kế toán giữ sổ quỹ.", share=-250),
        Option("Công chức số 1", correct=True, html="<p>Công chức <b>số 1</b></p>", share=1000),
        Option("Cả hai", pinned=True, share=500),
    ),
    details={"scoring": "weights"},
)


def test_feedback_shares_pins_and_rich_options_are_kept(page):
    assert typed(sent_by(shown(CHOICE))).written(Question("single_choice", "")) == CHOICE


def test_html_is_kept_only_while_it_says_what_the_text_says(page):
    sent = sent_by(shown(replace(CHOICE, stem="Chọn ý sai", stem_html=BOLD)))
    assert typed(sent).written(CHOICE).stem_html == BOLD
    sent["stem"] = "Chọn ý đúng"
    assert typed(sent).written(CHOICE).stem_html == ""
    assert typed(sent).written(CHOICE).stem == "Chọn ý đúng"


def test_what_a_browser_with_the_editor_sends_is_cleaned_at_the_door(page):
    sent = sent_by(shown(CHOICE))
    del sent["stem"]
    sent["stem-html"] = "<p onclick='x()'>Chọn <b>một</b><script>alert(1)</script></p><img src='https://x/y.png'>"
    content = typed(sent).written(CHOICE)
    assert content.stem == "Chọn một"
    assert content.stem_html == "<p>Chọn <b>một</b></p>"
    sent["stem-html"] = "<p>Không có gì đặc biệt</p><p>Hai dòng</p>"
    content = typed(sent).written(CHOICE)
    assert (content.stem_html, content.stem.split("\n")[0]) == ("", "Không có gì đặc biệt")


def test_too_long_and_nameless_images_are_told_at_the_field(page):
    sent = sent_by(shown(CHOICE))
    sent["stem"] = "dài " * 2000
    form = typed(sent)
    assert not form.stem.validate(form)
    assert "quá dài" in form.stem.errors[0]
    del sent["stem"]
    sent["stem-html"] = f'<p>Xem <b>hình</b></p><img src="media:{"a" * 64}">'
    form = typed(sent)
    assert not form.stem.validate(form)
    assert "lời mô tả" in form.stem.errors[0]


def act(sent: MultiDict[str, str], name: str) -> MultiDict[str, str]:
    after, done = with_act(MultiDict([*sent.items(multi=True), ("act", name)]))
    assert done
    after.poplist("act")
    return after


def test_rows_move_and_go_at_any_depth(page):
    part = {**CHOICE.as_json(), "details": {}}
    case = Question("case", "Tình huống", details={"questions": [{**part, "stem": "Một"}, {**part, "stem": "Hai"}]})
    sent = act(sent_by(shown(case)), "up-body-questions-1")
    first = typed(sent).written(Question("case", "")).details["questions"]
    assert [one["stem"] for one in first] == ["Hai", "Một"]
    sent = act(sent, "drop-body-questions-1-body-options-0")
    after = typed(sent).written(Question("case", "")).details["questions"]
    assert [option["text"] for option in after[1]["options"]] == ["Công chức số 1", "Cả hai"]
    assert len(after[0]["options"]) == 3
    assert len(typed(act(sent, "add-body-questions")).body.form.questions) == 3


@pytest.mark.parametrize("name", ["drop-body", "drop-", "add-", "save", "up-x-1000", "drop-../-1", ""])
def test_other_acts_change_nothing(name):
    sent = MultiDict({"stem": "x", "act": name})
    assert with_act(sent) == (sent, False)


def test_changing_the_kind_and_back_loses_nothing(page):
    sent = sent_by(shown(CHOICE))
    sent["kind"] = "matching"
    form = typed(sent)
    assert form.is_kind_changed
    form.carries = form.carried(sent)
    form.fill_rows()
    back = sent_by(form)
    assert back["shown"] == "matching"
    back["kind"] = "single_choice"
    assert typed(back).written(Question("single_choice", "")) == replace(CHOICE, stem="Sổ do ai giữ?")


def test_a_case_holds_no_case(page):
    form = shown(Question("case", "Tình huống"))
    sent = sent_by(form)
    sent["body-questions-0-kind"] = "case"
    assert typed(sent).body.form.questions[0].form.body.form.kind != "case"
    assert not typed(sent).body.form.validate()


def test_the_table_of_a_cluster_follows_its_statements(page):
    question = Question("true_false_cluster", "Xét các ý", tuple(Option(f"Ý {n}", correct=n == 1) for n in range(4)))
    form = shown(question)
    assert [str(entry._value()) for entry in form.body.form.table] == ["0", "10", "25", "50", "100"]
    sent = sent_by(form)
    sent["body-scale"] = "own"
    sent["body-table-3"] = "60"
    assert typed(sent).written(question).details == {"table": [0, 100, 250, 600, 1000]}
    sent = act(sent, "drop-body-statements-3")
    form = typed(sent)
    form.fill_rows()
    assert len(form.body.form.table) == 4


@pytest.mark.parametrize(
    ("words", "tags"),
    [("", ()), ("một cửa,  chứng  thực; một cửa", ("một cửa", "chứng thực")), (",,;", ()), ("x" * 90, ("x" * 60,))],
)
def test_tags_are_words_between_commas(words: str, tags: tuple[Any, ...]):
    assert tags_of(words) == tags


@pytest.mark.parametrize("typed", ["9" * 400, "-" + "9" * 400, "9" * 5000, str(2**63)])
def test_a_number_beyond_every_column_is_refused(build, reader, typed):
    examiner = reader(build.account(None, Role.EXAMINER))
    page = examiner.post("/bank/questions/new", status=422, kind="single_choice", seconds=typed, points=typed)
    assert "Hãy ghi một số nguyên" in page.text
