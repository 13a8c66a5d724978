"""Where a question was used, and what has been done to it."""

from __future__ import annotations

from flask import render_template
from flask_login import current_user

from examapp.bank import usage
from examapp.bank.exchange.statistics import foreign_figures
from examapp.bank.routes import bp
from examapp.bank.scope import READS, get_readable
from examapp.core.permissions import requires


@bp.get("/questions/<string:code>/usage")
@requires(*READS.values())
def question_usage(code: str) -> str:
    """Figures and dates alone: the question itself is not on this page."""
    question = get_readable(code, current_user)
    return render_template(
        "bank/usage.html",
        question=question,
        usage=usage.usage_of(question),
        foreign=foreign_figures(question),
        history=usage.history_of(question),
    )
