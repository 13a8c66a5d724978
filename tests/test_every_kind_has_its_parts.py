"""What docs/architecture.md asks of a kind of question is there for each."""

from __future__ import annotations

import re

import pytest

from config import ROOT
from examapp.bank.answer_fields import READERS
from examapp.bank.editors import forms
from question_bank.kinds import KINDS

SCRIPT = ROOT / "examapp/assets/exam/kinds.js"


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_written_shown_and_read(app, name):
    assert forms()[name].kind == name
    assert app.jinja_env.get_template(f"bank/editors/{name}.html")
    assert app.jinja_env.get_template(f"bank/kinds/{name}.html")
    assert name in READERS
    assert app.jinja_env.get_template(f"bank/answered/{name}.html")
    assert re.search(rf"^  {name}[:,]", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
