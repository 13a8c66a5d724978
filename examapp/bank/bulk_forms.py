"""What a bulk change asks for beside its act: one value, in the control that fits it. Shape only."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from examapp.accounts.models import Account
from examapp.bank import bulk_acts, labels
from examapp.bank.models import BankKind
from examapp.bank.people import holders
from examapp.bank.scope import CHANGES, EDITS, reach_over
from examapp.bank.topics import topics_for
from examapp.core.db import db
from examapp.core.forms import HouseForm, IntegerField, choices
from examapp.core.words import _, _l
from examapp.organisation.models import Position


class ChoiceForm(HouseForm):
    value = SelectField(_l("Chọn"), [InputRequired()])


class TagForm(HouseForm):
    value = StringField(_l("Từ khóa"), [DataRequired(), Length(max=bulk_acts.LONGEST_TAG)])


class SecondsForm(HouseForm):
    value = IntegerField(_l("Thời gian dự kiến (giây)"), [InputRequired()])


class ReasonForm(HouseForm):
    value = TextAreaField(_l("Lý do"), [DataRequired(), Length(max=300)])


FORMS: Mapping[str, type[HouseForm]] = {"tag": TagForm, "seconds": SecondsForm, "reason": ReasonForm, "": HouseForm}


def value_form(name: str, person: Account, bank: BankKind, sent: Mapping[str, str]) -> HouseForm:
    """The form for the value of the act, filled with what was sent. A preview changes nothing and needs no token."""
    wanted = bulk_acts.KINDS[name].value
    form = FORMS.get(wanted, ChoiceForm)(formdata=sent, meta={"csrf": False})
    if isinstance(form, ChoiceForm):
        label, pairs = _offered(wanted, person, bank)
        form.value.label.text = label
        form.value.choices = choices(pairs, empty=_("Hãy chọn"))
    return form


def _offered(wanted: str, person: Account, bank: BankKind) -> tuple[str, list[tuple[str, str]]]:
    reach = reach_over(person, CHANGES[bank])
    match wanted:
        case "topic":
            return _("Chuyên đề"), [(topic.code, topic.name) for topic in topics_for(reach)]
        case "position":
            query = select(Position).order_by(Position.name)
            query = query if reach is None else query.where(Position.id.in_(reach))
            return _("Vị trí việc làm"), [(one.code, one.name) for one in db.session.scalars(query)]
        case "level":
            return _("Mức độ"), labels.level_choices()
        case "owner":
            return _("Người nhận"), [(str(one.id), one.display_name) for one in holders(EDITS[bank])]
    return _("Gói thẩm định"), [(one.ref, one.name) for one in bulk_acts.open_sets(person)]
