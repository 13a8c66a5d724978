"""Base form and the fields of the house: whitespace stripped, NFC at the door, dates and decimals as written here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField as WtDateField
from wtforms import DecimalField as WtDecimalField
from wtforms import Field, Form, SelectChoice, StringField
from wtforms import IntegerField as WtIntegerField
from wtforms.validators import ValidationError

from examapp.core import clock, text
from examapp.core.errors import Invalid
from examapp.core.words import _, gettext


class Translations:
    """WTForms' own messages, in the house's languages (their English is the key, see form_messages)."""

    def gettext(self, string: str) -> str:
        from examapp.core.form_messages import MESSAGES

        return gettext(MESSAGES.get(string, string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        from examapp.core.form_messages import MESSAGES

        return gettext(MESSAGES.get(plural if n != 1 else singular, plural))


def _clean(value: Any) -> Any:
    return text.nfc(value).strip() if isinstance(value, str) else value


class HouseForm(FlaskForm):
    """Every form. Shape only: rules live in services and come back through :meth:`blame`."""

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Form, unbound_field: Any, options: dict[str, Any]) -> Field:
            filters = unbound_field.kwargs.get("filters", [])
            if issubclass(unbound_field.field_class, StringField):
                options["filters"] = [_clean, *filters]
            bound: Field = unbound_field.bind(form=form, **options)
            return bound

        def get_translations(self, form: Form) -> Translations:
            return Translations()

    def blame(self, error: Invalid) -> None:
        """Show a rule's error at its field, or on top of the form."""
        field = self._fields.get(error.field)
        if field is not None:
            field.errors = [*field.errors, error.message]
        else:
            self.form_errors.append(error.message)


def _day_error(error: ValueError, otherwise: str) -> ValueError:
    """What is wrong with a day as typed: that there is none such, or how it should be written."""
    if isinstance(error, text.NoSuchDay):
        return ValueError(_("Không có ngày %(day)s trong lịch. Hãy xem lại ngày và tháng.", day=error))
    return ValueError(otherwise)


class DateField(WtDateField):
    """dd/mm/yyyy, typed as text (also d/m/yyyy and dd-mm-yyyy)."""

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return text.format_date(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        raw = (valuelist[0] if valuelist else "").strip()
        if not raw:
            self.data = None
            return
        try:
            self.data = text.parse_date(raw)
        except ValueError as error:
            self.data = None
            raise _day_error(error, _("Hãy ghi ngày dạng ngày/tháng/năm, ví dụ 05/02/2026.")) from None


class MomentField(StringField):
    """A wall-clock time in Vietnam, "dd/mm/yyyy hh:mm"; ``data`` is UTC."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return text.format_moment(self.data) if isinstance(self.data, datetime) else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        raw = " ".join((valuelist[0] if valuelist else "").split())
        if not raw:
            self.data = None
            return
        try:
            day, _blank, time = raw.partition(" ")
            hour, minute = (int(part) for part in time.replace("h", ":").split(":")[:2])
            naive = datetime.combine(text.parse_date(day), datetime.min.time()).replace(hour=hour, minute=minute)
            self.data = clock.from_local(naive)
        except ValueError as error:
            self.data = None
            raise _day_error(error, _("Hãy ghi ngày và giờ dạng 05/02/2026 08:30.")) from None


class DecimalField(WtDecimalField):
    """A number with a decimal comma ("8,5"; "8.5" is read too)."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        plain = f"{Decimal(self.data):f}"
        return (plain.rstrip("0").rstrip(".") if "." in plain else plain).replace(".", ",")

    def process_formdata(self, valuelist: list[Any]) -> None:
        raw = (valuelist[0] if valuelist else "").strip()
        if not raw:
            self.data = None
            return
        try:
            self.data = text.parse_decimal(raw)
        except ValueError:
            self.data = None
            raise ValueError(_("Hãy ghi số, phần thập phân sau dấu phẩy, ví dụ 8,5.")) from None


class IntegerField(WtIntegerField):
    """A whole number; one with more digits than any column holds is none (its range could not even be checked)."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and abs(self.data) >= 2**63:
            super().process_formdata(["no number"])


def not_before(other: str) -> Callable[[Form, Field], None]:
    """The date must not be earlier than the one in field ``other``."""

    def check(form: Form, field: Field) -> None:
        start: date | None = form[other].data
        if start and field.data and field.data < start:
            raise ValidationError(_("Ngày này phải từ %(day)s trở đi.", day=text.format_date(start)))

    return check


def choices(pairs: Sequence[tuple[Any, str]], *, empty: str | None = None) -> list[SelectChoice]:
    """Choices of a select, with an empty line on top when ``empty`` is given."""
    lines = [("", empty), *pairs] if empty is not None else pairs
    return [SelectChoice(value, label) for value, label in lines]
