"""A field of rich text: a plain text area for everybody, HTML where the browser has the editor."""

from __future__ import annotations

from typing import Any, NamedTuple

from wtforms import Field
from wtforms.utils import unset_value
from wtforms.validators import ValidationError
from wtforms.widgets import TextArea

from examapp.core import text as words
from examapp.core.words import _
from question_bank import rich_text
from question_bank.question import clean_text

LONGEST_HTML = 100_000


class Rich(NamedTuple):
    """A text as a question keeps it: plain, and its rich form where it has one."""

    text: str = ""
    html: str = ""

    def named(self, text: str, html: str) -> dict[str, str]:
        """For the details of a kind: under these names, the rich form only where there is one."""
        return {text: self.text, html: self.html} if self.html else {text: self.text}


class RichField(Field):  # type: ignore[misc]
    """Its name carries the plain text, its name with "-html" the rich one; ``data`` is a :class:`Rich`.

    The editor in the browser sends HTML alone. Without it the page sends the text, and the HTML it was made with: when
    the text has been changed by hand the HTML no longer says the same and goes.
    """

    widget = TextArea()

    def __init__(self, *args: Any, most: int = 2000, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most
        self._too_long = False

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        sent = formdata is not None and (self.name in formdata or f"{self.name}-html" in formdata)
        super().process(None, self._typed(formdata) if sent else data, extra_filters)

    def process_data(self, value: Any) -> None:
        self.data = value if isinstance(value, Rich) else Rich(value or "")

    def _typed(self, formdata: Any) -> Rich:
        html = formdata.get(f"{self.name}-html", "")
        if len(html) > LONGEST_HTML:
            self._too_long, html = True, ""
        if self.name not in formdata:
            return Rich(*rich_text.both(html))
        text = clean_text(words.nfc(formdata.get(self.name, "")))
        plain, kept = rich_text.both(html) if html else ("", "")
        return Rich(text, kept if kept and plain.split() == text.split() else "")

    def pre_validate(self, form: Any) -> None:
        if self._too_long or len(self.data.text) > self.most:
            most = words.format_number(self.most)
            raise ValidationError(_("Nội dung quá dài: tối đa %(most)s ký tự, không kể định dạng.", most=most))
        if self.data.html and (problems := rich_text.check(self.data.html)):
            raise ValidationError(" ".join(problems))

    def _value(self) -> str:
        return self.data.text if self.data else ""
