"""One page of a package beside the bank."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from examapp.audit.services import record
from examapp.bank.content import normalised, present_content
from examapp.bank.exchange.compare import CHOOSABLE
from examapp.bank.exchange.contents import PackedQuestion
from examapp.bank.exchange.models import ExchangeItem, ExchangePackage, Fate
from examapp.bank.exchange.package import Package
from examapp.bank.exchange.receive import packed_of
from examapp.bank.items import unpack
from examapp.bank.media import Picture, as_address
from examapp.bank.models import BankKind, Question, QuestionVersion
from examapp.bank.versions import Row, difference
from examapp.core.db import apart, db
from examapp.core.words import N_, in_language
from question_bank.images import ImageError, prepare
from question_bank.question import Question as Content

ITEMS_A_PAGE = 20
FATES: dict[Fate, tuple[str, str]] = {
    Fate.NEW: (N_("Câu mới"), "act"),
    Fate.TWIN: (N_("Có thể trùng"), "warn"),
    Fate.NEWER: (N_("Nơi gửi mới hơn"), "act"),
    Fate.DIVERGED: (N_("Hai nơi đều sửa"), "warn"),
    Fate.APPROVED: (N_("Nơi gửi đã duyệt"), "good"),
    Fate.UNPLACED: (N_("Chưa rõ vị trí"), "warn"),
    Fate.SAME: (N_("Giống nhau"), "neutral"),
    Fate.OLDER: (N_("Ở đây mới hơn"), "neutral"),
    Fate.RETIRED: (N_("Đã ngừng dùng ở đây"), "neutral"),
    Fate.SKIPPED: (N_("Không nhận được"), "bad"),
}
"""What each is called and the shape of its tag, in the order of the page."""
OPENED = (Fate.NEW, Fate.TWIN, Fate.NEWER, Fate.DIVERGED, Fate.UNPLACED)
"""Of these the page shows what they say."""


@dataclass(frozen=True, slots=True)
class Look:
    """One question of the package, and what stands here."""

    item: ExchangeItem
    packed: PackedQuestion | None
    here: Question | None
    twin: Question | None
    content: Content | None
    """What it would say here, cleaned as it is when it is stored."""
    rows: Sequence[Row]
    """Both versions beside each other, ours before theirs."""
    is_hidden: bool

    @property
    def reason(self) -> str:
        return in_language(unpack(json.loads(self.item.reason))) if self.item.reason else ""

    @property
    def is_choosable(self) -> bool:
        return self.item.fate in CHOOSABLE


def items_query(kept: ExchangePackage, fate: Fate | None) -> Select[ExchangeItem]:
    query = select(ExchangeItem).where(ExchangeItem.package_id == kept.id).order_by(ExchangeItem.number)
    return query.where(ExchangeItem.fate == fate) if fate else query


def looks(items: Sequence[ExchangeItem], concealed: frozenset[int]) -> list[Look]:
    """What stands on the page; of a question that waits on the reader's own paper only its number."""
    wanted = {found for item in items for found in (item.question_id, item.twin_id) if found}
    query = (
        select(Question)
        .where(Question.id.in_(wanted))
        .options(joinedload(Question.current).joinedload(QuestionVersion.topic), joinedload(Question.positions))
    )
    here = {question.id: question for question in db.session.scalars(query).unique()}
    return [_look(item, here, concealed) for item in items]


def _look(item: ExchangeItem, here: dict[int, Question], concealed: frozenset[int]) -> Look:
    found, twin = here.get(item.question_id or 0), here.get(item.twin_id or 0)
    is_hidden = bool(concealed & {item.question_id or 0, item.twin_id or 0})
    packed = packed_of(item.data) if item.data and item.fate in OPENED and not is_hidden else None
    other = found or twin
    content = normalised(packed.last.content, topic=packed.topic, positions=packed.positions) if packed else None
    is_beside = other is not None and other.current_id is not None
    rows = difference(present_content(other), content) if is_beside and other and content else []
    return Look(item, packed, found, twin, content, rows, is_hidden)


def images(found: Sequence[Look], package: Package) -> dict[str, str]:
    """The images of the page, made anew before anybody's browser sees them."""
    shown = {}
    for sha256 in {sha for look in found if look.content for sha in look.content.media}:
        try:
            data = package.image(sha256)
            image = prepare(data) if data else None
        except ImageError:
            image = None
        if image is not None:
            shown[sha256] = as_address(Picture(image.data, image.media_type))
    return shown


def note_reading(kept: ExchangePackage, found: Sequence[Look]) -> None:
    """Log what was read of the exam bank beside a package, in a transaction apart: a GET writes nothing else."""
    if kept.bank is not BankKind.EXAM or not any(look.packed for look in found):
        return
    codes = [question.code for look in found if look.rows and (question := look.here or look.twin)]
    with apart() as session:
        told = {"page": "exchange", "package": kept.ref, "numbers": [look.item.number for look in found if look.packed]}
        record("question.listed", "bank", kept.bank.value, session=session, codes=codes, **told)
