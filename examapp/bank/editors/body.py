"""The part of a form that holds the fields of the kind chosen beside it."""

from __future__ import annotations

from typing import Any

from wtforms import FormField
from wtforms.utils import unset_value

from examapp.bank.editors import forms
from examapp.bank.editors.base import BodyForm
from question_bank import question as domain


class BodyField(FormField):  # type: ignore[misc]
    """Takes its form from the field "kind" of the same form; ``data`` may be a question."""

    form: BodyForm

    def __init__(self, *args: Any, nested: bool = False, **kwargs: Any) -> None:
        super().__init__(BodyForm, *args, **kwargs)
        self.nested = nested

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        kind = formdata.get(self.name.removesuffix(self.short_name) + "kind", "") if formdata else ""
        values: dict[str, Any] = {}
        if isinstance(data, domain.Question):
            kind = kind or data.kind
            values = self._form_class(data.kind).values(data) if kind == data.kind else {}
        self.form_class = self._form_class(kind)
        super().process(formdata, values, extra_filters)

    def _form_class(self, kind: str) -> type[BodyForm]:
        known = forms(nested=self.nested)
        return known.get(kind) or next(iter(known.values()))

    def show(self, question: domain.Question) -> None:
        """The fields of a stored question instead of what stands here."""
        self.process(None, question)
