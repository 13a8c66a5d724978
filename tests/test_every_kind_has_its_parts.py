"""What docs/architecture.md asks of a kind of question is there for each."""

from __future__ import annotations

import pytest

from examapp.bank.editors import forms
from examapp.sittings.plain import READERS
from question_bank.kinds import KINDS


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_written_shown_and_read(app, name):
    assert forms()[name].kind == name
    assert app.jinja_env.get_template(f"bank/editors/{name}.html")
    assert app.jinja_env.get_template(f"bank/kinds/{name}.html")
    assert name in READERS
