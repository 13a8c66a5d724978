"""Questions of a file that the bank, or the file itself, seems to have already."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from examapp.bank.bank_index import bank_index, print_of
from examapp.bank.items import Draft
from examapp.bank.models import stem_key
from examapp.core.db import reading
from question_bank.messages import N_, Message
from question_bank.similarity import Fingerprint, Index, Likeness, Pair

MOST_OF_BANK = 3
"""Questions of the bank that are named beside one of a file."""

IN_BANK = {
    Likeness.SAME: N_("Ngân hàng đã có câu {found} với phần hỏi và phương án giống câu này: kiểm tra để tránh trùng."),
    Likeness.SAME_STEM: N_("Ngân hàng đã có câu {found} với phần hỏi giống câu này: kiểm tra để tránh trùng."),
    Likeness.NUMBERS: N_("Ngân hàng đã có câu {found} giống câu này, chỉ khác số."),
    Likeness.SIMILAR: N_("Ngân hàng đã có câu {found} gần giống câu này."),
}
IN_FILE = {
    Likeness.SAME: N_("Phần hỏi và phương án giống câu {found} trong cùng tệp: kiểm tra để tránh trùng."),
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


def prepare() -> None:
    """Read what the bank says before a transaction that writes is begun: the first time takes seconds."""
    with reading() as session:
        bank_index().refresh(session)


def alike(drafts: Sequence[Draft], before: Mapping[str, int] | None = None) -> dict[int, list[Twin]]:
    """For each question, by its number, what it may repeat: the likest questions of the bank, and one of the file.

    ``before`` gives numbers of further questions of the file by the key of their stem.
    """
    prints = {draft.number: print_of(draft.question) for draft in drafts}
    of_bank, of_file = bank_index().find(prints), _in_file(prints)
    found: dict[int, list[Twin]] = {}
    for draft in drafts:
        number = draft.number
        twins = [Twin(match.likeness, question_id=match.key) for match in of_bank.get(number, ())[:MOST_OF_BANK]]
        if number in of_file:
            twins.append(of_file[number])
        elif (earlier := (before or {}).get(stem_key(draft.question.stem), number)) != number:
            twins.append(Twin(Likeness.SAME_STEM, number=earlier))
        if twins:
            found[number] = twins
    return found


def _in_file(prints: Mapping[int, Fingerprint]) -> dict[int, Twin]:
    """For each question an earlier one of the same file that it may repeat: the first with its stem, else the first
    with its stem but for numbers, else the likest. Only the first of each wording is compared with the others."""
    found: dict[int, Twin] = {}
    by_stem: dict[str, int] = {}
    by_wording: dict[str, int] = {}
    for number, one in prints.items():
        if (earlier := by_stem.setdefault(one.stem, number)) != number:
            is_same = one.options == prints[earlier].options
            found[number] = Twin(Likeness.SAME if is_same else Likeness.SAME_STEM, number=earlier)
        elif (earlier := by_wording.setdefault(one.skeleton, number)) != number:
            found[number] = Twin(Likeness.NUMBERS, number=earlier)
    likest: dict[int, Pair] = {}
    for pair in Index((number, prints[number]) for number in by_wording.values()).pairs():
        known = likest.get(pair.second)
        if known is None or (pair.score, -pair.first) > (known.score, -known.first):
            likest[pair.second] = pair
    return {number: Twin(pair.likeness, number=pair.first) for number, pair in likest.items()} | found
