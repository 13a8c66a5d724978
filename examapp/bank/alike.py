"""Questions of a file that the bank, or the file itself, seems to have already."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import select

from examapp.bank.items import Draft
from examapp.bank.models import Question, QuestionVersion, stem_key
from examapp.core.db import db
from question_bank.messages import N_, Message
from question_bank.similarity import Likeness

CHUNK = 500

IN_BANK = {
    Likeness.SAME: N_("Ngân hàng đã có câu {found} giống hệt câu này."),
    Likeness.SAME_STEM: N_("Ngân hàng đã có câu {found} với phần hỏi giống câu này: kiểm tra để tránh trùng."),
    Likeness.NUMBERS: N_("Ngân hàng đã có câu {found} giống câu này, chỉ khác số."),
    Likeness.SIMILAR: N_("Ngân hàng đã có câu {found} gần giống câu này."),
}
IN_FILE = {
    Likeness.SAME: N_("Giống hệt câu {found} trong cùng tệp."),
    Likeness.SAME_STEM: N_("Phần hỏi giống câu {found} trong cùng tệp: kiểm tra để tránh trùng."),
    Likeness.NUMBERS: N_("Giống câu {found} trong cùng tệp, chỉ khác số."),
    Likeness.SIMILAR: N_("Gần giống câu {found} trong cùng tệp."),
}


@dataclass(frozen=True, slots=True)
class Twin:
    """What a question may repeat: a question of the bank, or an earlier one of the same file by its number."""

    likeness: Likeness
    question_id: int | None = None
    number: int | None = None

    def as_json(self) -> dict[str, Any]:
        found = {"question": self.question_id} if self.question_id else {"number": self.number}
        return {"likeness": self.likeness.value, **found}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(Likeness(data["likeness"]), data.get("question"), data.get("number"))


def told(twin: Twin, code: str = "") -> Message:
    """What to say of it; ``code`` is of the bank's question."""
    return (
        Message(IN_FILE[twin.likeness], found=twin.number)
        if twin.number
        else Message(IN_BANK[twin.likeness], found=code)
    )


def dump_twins(twins: Sequence[Twin]) -> str:
    return json.dumps([twin.as_json() for twin in twins]) if twins else ""


def load_twins(packed: str) -> list[Twin]:
    return [Twin.from_json(data) for data in json.loads(packed)] if packed else []


def alike(drafts: Sequence[Draft], before: Mapping[str, int] | None = None) -> dict[int, list[Twin]]:
    """For each question, by its number, what it may repeat.

    ``before`` gives numbers of further questions of the file by the key of their stem.
    """
    keys = {draft.number: stem_key(draft.question.stem) for draft in drafts}
    known = _in_bank(sorted(set(keys.values())))
    seen = dict(before or {})
    found: dict[int, list[Twin]] = {}
    for number, key in keys.items():
        twins = [Twin(Likeness.SAME_STEM, question_id=known[key])] if key in known else []
        if seen.setdefault(key, number) != number:
            twins.append(Twin(Likeness.SAME_STEM, number=seen[key]))
        if twins:
            found[number] = twins
    return found


def _in_bank(keys: Sequence[str]) -> dict[str, int]:
    """Ids of questions with an equal stem, by its key; the oldest where there are several."""
    found: dict[str, int] = {}
    for start in range(0, len(keys), CHUNK):
        rows = db.session.execute(
            select(QuestionVersion.stem_key, Question.id)
            .join(Question, Question.current_id == QuestionVersion.id)
            .where(QuestionVersion.stem_key.in_(keys[start : start + CHUNK]))
            .order_by(Question.id.desc())
        )
        found.update((key, question_id) for key, question_id in rows)
    return found
