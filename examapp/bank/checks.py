"""What the bank finds wrong with questions of a file: unknown codes, places out of reach, questions it has already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from examapp.bank import law
from examapp.bank.items import Finding, ImportItem
from examapp.bank.models import BankKind, Question, QuestionVersion, Topic, stem_key
from examapp.bank.scope import covers
from examapp.core import text
from examapp.core.db import db
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.kinds import KINDS
from question_bank.messages import N_, Message, Severity

UNKNOWN_POSITION = N_("Vị trí “{code}” không có trong danh mục: chọn lại vị trí cho câu này hoặc bỏ câu khỏi tệp.")
OUT_OF_REACH = N_("Câu hỏi thuộc vị trí ngoài phạm vi được giao ({codes}): chọn vị trí được giao hoặc bỏ câu này.")
COMMON_OUT_OF_REACH = N_("Câu dùng chung chỉ do người được giao mọi vị trí nhập: chọn vị trí cho câu này.")
UNKNOWN_TOPIC = N_("Chuyên đề “{topic}” không có trong danh mục: câu sẽ vào “{instead}”; chọn lại nếu cần.")
UNKNOWN_LAW = N_("Văn bản “{symbol}” chưa có trong danh mục: câu sẽ giữ nguyên chữ, cần sửa trước khi gửi thẩm định.")
IN_BANK = N_("Ngân hàng đã có câu {code} với phần hỏi giống câu này: kiểm tra để tránh trùng.")
IN_FILE = N_("Phần hỏi giống câu {number} trong cùng tệp: kiểm tra để tránh trùng.")
UNSORTED_NAME = "Chưa xếp chuyên đề"


@dataclass(frozen=True, slots=True)
class Defaults:
    """Where questions go that do not say so themselves. No position: common to all; no topic: not sorted yet."""

    position: Position | None
    topic: Topic | None
    level: domain.Level


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The codes and names that a file may use, read once."""

    positions: dict[str, Position]
    topics: dict[str, Topic]
    documents: frozenset[str]

    @classmethod
    def load(cls) -> Catalogue:
        positions = list(db.session.scalars(select(Position).order_by(Position.code)))
        topics = list(db.session.scalars(select(Topic).order_by(Topic.code)))
        return cls(
            positions={key: one for one in reversed(positions) for key in (text.fold(one.name), text.fold(one.code))},
            topics={key: one for one in reversed(topics) for key in (text.fold(one.name), text.fold(one.code))},
            documents=frozenset(law.documents_by_key()),
        )

    def position(self, code: str) -> Position | None:
        return self.positions.get(text.fold(code))

    def topic(self, code: str) -> Topic | None:
        return self.topics.get(text.fold(code))


def places_of(question: domain.Question, catalogue: Catalogue, defaults: Defaults) -> list[Position]:
    """The positions the question names, else the default one; an empty list means common."""
    if question.positions:
        return [found for code in question.positions if (found := catalogue.position(code))]
    return [defaults.position] if defaults.position else []


def check_items(
    items: Sequence[ImportItem], *, catalogue: Catalogue, defaults: Defaults, reach: set[int] | None
) -> None:
    """Write into each item what the bank finds; the kind speaks again for mended ones."""
    known = _stems_in_bank([item.question.stem for item in items])
    seen: dict[str, int] = {}
    for item in items:
        found = list(_check(item, catalogue, defaults, reach))
        key = stem_key(item.question.stem)
        if key in known:
            found.append(_warning(Message(IN_BANK, code=known[key])))
        if key in seen:
            found.append(_warning(Message(IN_FILE, number=seen[key])))
        seen.setdefault(key, item.number)
        item.checked = found


def _check(item: ImportItem, catalogue: Catalogue, defaults: Defaults, reach: set[int] | None) -> Iterable[Finding]:
    question = item.question
    if item.mended:
        yield from (_error(message) for message in KINDS[question.kind].check(question))
    unknown = [code for code in question.positions if catalogue.position(code) is None]
    yield from (_error(Message(UNKNOWN_POSITION, code=code)) for code in unknown)
    places = places_of(question, catalogue, defaults)
    is_common = not places and not unknown
    if (places or is_common) and not covers(reach, wanted={place.id for place in places}, is_common=is_common):
        codes = ", ".join(place.code for place in places if reach is not None and place.id not in reach)
        yield _error(Message(COMMON_OUT_OF_REACH) if is_common else Message(OUT_OF_REACH, codes=codes))
    if question.topic and catalogue.topic(question.topic) is None:
        instead = defaults.topic.name if defaults.topic else UNSORTED_NAME
        yield _warning(Message(UNKNOWN_TOPIC, topic=question.topic, instead=instead))
    for citation in question.citations:
        if law.symbol_key(citation.document) not in catalogue.documents:
            yield _warning(Message(UNKNOWN_LAW, symbol=citation.document))


def _stems_in_bank(stems: Sequence[str]) -> dict[str, str]:
    """Codes of living questions with an equal stem, by its key."""
    keys = sorted({stem_key(stem) for stem in stems})
    found: dict[str, str] = {}
    for start in range(0, len(keys), 500):
        rows = db.session.execute(
            select(QuestionVersion.stem_key, Question.code)
            .join(Question, Question.current_id == QuestionVersion.id)
            .where(Question.bank == BankKind.EXAM, QuestionVersion.stem_key.in_(keys[start : start + 500]))
            .order_by(Question.id.desc())
        )
        found.update((key, code) for key, code in rows)
    return found


def _error(message: Message) -> Finding:
    return Finding(Severity.ERROR, message)


def _warning(message: Message) -> Finding:
    return Finding(Severity.WARNING, message)
