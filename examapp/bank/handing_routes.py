"""Acts on where a question belongs: its owner, its bank."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.accounts.models import Account
from examapp.bank import handing
from examapp.bank.routes import bp
from examapp.bank.scope import get_editable, get_question
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.permissions import Permission, requires
from examapp.core.text import whole_number
from examapp.core.words import _


@bp.post("/questions/<string:code>/owner")
@requires(Permission.BANK_MANAGE)
def hand_over_question(code: str) -> ResponseReturnValue:
    question = get_question(code, person=current_user, permission=Permission.BANK_MANAGE)
    number = whole_number(request.form.get("owner", ""))
    if number is None:
        raise Invalid(_("Hãy chọn người nhận câu hỏi."))
    owner = db.session.get(Account, number)
    if owner is None:
        raise NotFound()
    handing.hand_over(question, owner)
    flash(_("Câu %(code)s nay do %(name)s phụ trách.", code=code, name=owner.display_name), "success")
    return redirect(url_for("bank.question", code=code))


@bp.post("/questions/<string:code>/to-practice")
@requires(Permission.PRACTICE_BANK_EDIT)
def copy_question_to_practice(code: str) -> ResponseReturnValue:
    question = get_question(code, person=current_user, permission=Permission.BANK_EDIT)
    confirmed = bool(request.form.get("never_drawn_again"))
    copy = handing.copy_to_practice(question, person=current_user, never_drawn_again=confirmed)
    flash(_("Đã chép sang ngân hàng ôn tập thành câu %(code)s.", code=copy.code), "success")
    return redirect(url_for("bank.question", code=copy.code))


@bp.post("/questions/<string:code>/open-for-practice")
@requires(Permission.PRACTICE_BANK_EDIT)
def open_question_for_practice(code: str) -> ResponseReturnValue:
    handing.open_for_practice(get_editable(code, current_user))
    flash(_("Câu %(code)s đã được đưa ra ôn tập.", code=code), "success")
    return redirect(url_for("bank.question", code=code))
