"""Constant texts of templates: each language has its own, and nothing else of a template changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import render_template_string

from examapp.core import words

TEXT = "Bài thi của tôi"
ENGLISH = "My exams"


@pytest.fixture
def shown(app):
    def show(source: str, language: str = "vi", **values: object) -> str:
        with app.test_request_context("/", headers={"Cookie": f"language={language}"}):
            return render_template_string(source, **values)

    return show


def test_one_template_speaks_each_readers_language(reader, build):
    account = build.account(build.official("Nguyễn Văn Mẫu"))
    vietnamese, english = reader(account), reader(account, language="en")
    for _again in range(2):
        vietnamese.open("/sittings/")
        english.open("/sittings/")
        assert TEXT in vietnamese.page.text
        assert ENGLISH in english.page.text
        assert TEXT not in english.page.text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{{ _("Bài thi của tôi") }}', TEXT),
        ('{{ _("Bài thi của tôi")|upper }}', TEXT.upper()),
        ('{{ _("Bài thi") ~ x }}', "Bài thi&lt;i&gt;"),
        ('{{ _("Còn %(n)s câu", n=3) }}', "Còn 3 câu"),
        ('{{ _("Còn %(n)s câu") }}', "Còn %(n)s câu"),
        ('{{ _("a < b") }}', "a &lt; b"),
        ('{{ _(x) }}', "&lt;i&gt;"),
        ('{{ _("Bài" " thi") }}', "Bài thi"),
        ('{% set said = _ %}{{ said("Bài thi") }}', "Bài thi"),
        ('{{ [_("Có"), _("Không")]|join("/") }}', "Có/Không"),
    ],
)  # fmt: skip
def test_everything_else_of_a_template_stays(shown, source, expected):
    assert shown(source, x="<i>") == expected


def test_a_constant_is_not_asked_for_again(app):
    with app.test_request_context("/"):
        spoken = app.jinja_env.get_template("sittings/index.html").environment
    compiled = spoken.compile('{{ _("Bài thi của tôi") }}', raw=True)
    assert TEXT in compiled
    assert "resolve('_')" not in compiled
    assert "resolve('_')" in spoken.compile('{{ _("Còn %(n)s câu", n=3) }}', raw=True)


def test_what_an_exam_is_called_counts_too(app, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], exam_word="kỳ kiểm tra"))
    with app.test_request_context("/"):
        template = app.jinja_env.get_template("core/error.html")
        assert template.environment.speech == ("vi", "kỳ kiểm tra") == words.speech()
