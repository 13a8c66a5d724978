"""The filters of the list in words: what can be chosen, and the chips that tell what is in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.bank import labels
from examapp.bank.exposures import held_rounds
from examapp.bank.filtering import COMMON, EVER, NEVER, UNKNOWN, Filters, day_of
from examapp.bank.models import BankKind, LegalDocument, Question, Topic
from examapp.core import text
from examapp.core.db import db
from examapp.core.words import N_, _, gettext
from examapp.organisation.models import Position

Choices = list[tuple[str, str]]

SIMPLE = {"q", "position", "topic", "level", "state"}
"""Filters that always have their control; the others come when asked for or in force."""
LABELS: dict[str, str] = {
    "position": N_("Vị trí"),
    "topic": N_("Chuyên đề"),
    "level": N_("Mức độ"),
    "kind": N_("Loại"),
    "state": N_("Trạng thái"),
    "law": N_("Văn bản"),
    "returned": N_("Bị trả lại"),
    "held": N_("Tạm giữ"),
    "tag": N_("Từ khóa"),
    "owner": N_("Người phụ trách"),
    "points": N_("Điểm"),
    "seconds": N_("Thời gian dự kiến"),
    "flagged": N_("Cần xem lại theo thống kê"),
    "used": N_("Đã dùng thi"),
    "image": N_("Có hình"),
    "cited": N_("Có căn cứ"),
}
TIMES: dict[str, str] = {
    "30": N_("đến 30 giây"),
    "60": N_("31 đến 60 giây"),
    "120": N_("61 đến 120 giây"),
    "more": N_("trên 120 giây"),
    UNKNOWN: N_("chưa ghi"),
}
"""Words for the steps of :data:`filtering.SECONDS`."""


@dataclass(frozen=True, slots=True)
class Words:
    """What each filter may be, by its name. Those of :data:`SIMPLE` need no look-up of their own."""

    choices: Mapping[str, Choices]

    @classmethod
    def simple(cls, positions: Sequence[Position], topics: Sequence[Topic]) -> Words:
        return cls(
            {
                "position": [(COMMON, _("Dùng chung")), *((p.code, p.name) for p in positions)],
                "topic": [(topic.code, topic.name) for topic in topics],
                "level": labels.level_choices(),
                "kind": labels.kind_choices(),
                "state": labels.state_choices(),
                "usable": _yes_no(),
            }
        )

    def with_more(self, bank: BankKind) -> Words:
        """Also the choices of the further filters."""
        return Words(
            {
                **self.choices,
                "law": _documents(),
                "owner": _owners(bank),
                "used": _uses(),
                "seconds": [(step, gettext(label)) for step, label in TIMES.items()],
                "returned": _yes_no()[:1],
                "flagged": _yes_no()[:1],
                **{name: _yes_no() for name in ("held", "image", "cited")},
            }
        )

    def chips(self, filters: Filters) -> list[dict[str, str]]:
        """The filters in force, each with the parameter that takes it off; what has no meaning here has none."""
        found = []
        for field in fields(filters):
            value = getattr(filters, field.name)
            said = self._said(field.name, value) if value else ""
            if said:
                found.append({"label": f"{_label(field.name, filters)}: {said}", "drop": field.name})
        return found

    def _said(self, name: str, value: str) -> str:
        if name in {"q", "on"}:
            return ""
        return dict(self.choices[name]).get(value, "") if name in self.choices else value


def _label(name: str, filters: Filters) -> str:
    if name == "usable":
        day = day_of(filters.on)
        return _("Dùng được ngày %(day)s", day=text.format_date(day)) if day else _("Dùng được hôm nay")
    return gettext(LABELS[name])


def _yes_no() -> Choices:
    return [("yes", _("Có")), ("no", _("Không"))]


def _documents() -> Choices:
    rows = db.session.execute(select(LegalDocument.id, LegalDocument.symbol).order_by(LegalDocument.symbol))
    return [(str(document_id), symbol) for document_id, symbol in rows]


def _owners(bank: BankKind) -> Choices:
    own = select(Question.owner_id).where(Question.bank == bank, Question.owner_id.is_not(None)).distinct()
    rows = db.session.execute(
        select(Account.id, Account.display_name).where(Account.id.in_(own)).order_by(Account.display_name)
    )
    return [(str(account_id), name) for account_id, name in rows]


def _uses() -> Choices:
    rounds = [(str(one.id), one.name) for one in held_rounds() if one.is_over]
    return [(NEVER, _("chưa dùng lần nào")), (EVER, _("đã dùng")), *rounds]


def needs_more(filters: Filters) -> bool:
    """Whether a filter is in force whose control is folded away."""
    return any(name not in SIMPLE for name in filters.given)
