"""Questions on paper, with or without keys. Who printed what is in the log and on the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask_login import current_user

from examapp.audit.services import record
from examapp.bank import listing, questions
from examapp.bank.asked import images_of
from examapp.bank.content import content_of
from examapp.bank.models import Question
from examapp.bank.routes import bp, is_demo
from examapp.bank.scope import READS, concealed, get_readable
from examapp.core import clock
from examapp.core.db import apart, db
from examapp.core.errors import Invalid
from examapp.core.paging import filters_here
from examapp.core.permissions import Permission, requires
from examapp.core.words import _

MOST_PRINTED = 300


@bp.get("/questions/<string:code>/print")
@requires(*READS.values())
def print_question(code: str) -> str:
    question = get_readable(code, current_user)
    questions.note_reading(question, page="print")
    back = {"url": url_for("bank.question", code=code), "label": code}
    return _printed([question], title=_("Câu hỏi %(code)s", code=code), back=back)


@bp.get("/print")
@requires(Permission.BANK_EXPORT)
def print_list() -> str:
    """The questions that the filters of the list leave; what waits on the own paper is left out."""
    reach = current_user.positions(Permission.BANK_EXPORT)
    filters = listing.Filters.of(request.args)
    query = listing.find_questions(filters, positions=reach, on=clock.today(), demo=is_demo())
    found = list(db.session.scalars(query.limit(MOST_PRINTED + 1)))
    if len(found) > MOST_PRINTED:
        raise Invalid(
            _("Có hơn %(most)s câu hỏi trong danh sách này.", most=MOST_PRINTED),
            advice=_("Hãy thêm bộ lọc rồi in từng phần, hoặc xuất ra tệp Word."),
        )
    kept = [question for question in found if not concealed(question.id, current_user)]
    with apart() as session:
        codes = [question.code for question in kept]
        record("question.printed", "bank", "list", session=session, codes=codes, with_key=_with_key())
    shown = {name: value for name, value in request.args.items() if name != "key"}
    back = {"url": f"{url_for('bank.question_list')}?{urlencode(shown)}", "label": _("Ngân hàng câu hỏi")}
    return _printed(kept, title=_("Danh sách câu hỏi"), back=back)


def _with_key() -> bool:
    return request.args.get("key") == "yes"


def _printed(found: Sequence[Question], *, title: str, back: dict[str, str]) -> str:
    rows = [(question, content_of(question.current)) for question in found]
    here = {**(request.view_args or {}), **filters_here()}
    return render_template(
        "bank/print.html",
        title=title,
        rows=rows,
        images=images_of(content for _question, content in rows),
        with_key=_with_key(),
        other=url_for(request.endpoint or "", **{**here, "key": "no" if _with_key() else "yes"}),
        back=back,
        printed_at=clock.now(),
    )
