"""The cell "Chi tiết": a line for each thing that only some kinds of question have.

    Cách chấm: từng phương án đúng
    Trọng số: A 100%; B -50%
    Phản hồi B: Xem lại khoản 2.

What follows a name may be a letter (of an option) or a number (of an answer or gap; "2.1" is the first answer of the
second gap). A line without a name goes on with the one before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from question_bank.formats.vietnamese import fold
from question_bank.messages import N_, Message

_NAMES = {
    "cach cham": "scoring",
    "trong so": "weights",
    "phan hoi": "feedback",
    "nhan xet": "feedback",
    "thang diem": "table",
    "don vi": "unit",
    "so sanh": "compare",
    "so chu toi da": "words",
    "so tu toi da": "words",
    "so dong": "lines",
}
_LINE = re.compile(r"(?P<name>[^\d:.]{2,30}?)(?:\s+(?P<which>[A-Za-z]|\d{1,2}(?:\.\d{1,2})?))?\s*:\s*(?P<value>.*)")
_SCORINGS = {
    "per_right": "từng phương án đúng",
    "right_minus_wrong": "đúng trừ sai",
    "weights": "theo trọng số",
    "all": "đúng hết mới có điểm",
    "pairs": "từng cặp liền nhau",
}
_OF_KIND = {
    "single_choice": {"weights"},
    "multiple_response": {"per_right", "right_minus_wrong", "weights"},
    "matching": {"all"},
    "ordering": {"pairs"},
}
_USUAL = {"dung het moi co diem", "tung y", "tung cap"}
LABELS = {
    "scoring": "Cách chấm",
    "weights": "Trọng số",
    "feedback": "Phản hồi",
    "table": "Thang điểm",
    "unit": "Đơn vị",
    "compare": "So sánh",
    "words": "Số chữ tối đa",
    "lines": "Số dòng",
}
_MATCH_CASE, _NO_MARKS = "phân biệt hoa thường", "bỏ qua dấu"
_REQUIRED = re.compile(r"\s*\(bắt buộc\)$", re.IGNORECASE)
_SHARE = re.compile(r"([-+−]?\d{1,3}(?:[.,]\d)?)\s*%?")
_WEIGHT = re.compile(r"([A-Za-z]|\d{1,2})\s*:?\s*([-+−]?\d{1,3}(?:[.,]\d)?)\s*%")


@dataclass(slots=True)
class Details:
    """The lines by what they say and of which; ``unknown`` are those that nobody understands."""

    values: dict[tuple[str, str], str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def value(self, name: str, which: str = "") -> str:
        return self.values.get((name, which), "")

    def whole(self, name: str) -> int | None:
        """A number above 0; ``None`` for no such line, and for one without a number, which is then not understood."""
        text = self.value(name)
        if re.fullmatch(r"[0-9]{1,6}", text) and int(text):
            return int(text)
        if text:
            self.unknown.append(f"{LABELS[name]}: {text}")
        return None

    def scoring(self, kind: str) -> str:
        """The way of marking, "" for the usual one of the kind."""
        text = self.value("scoring")
        folded = fold(text).strip(" .")
        known = (name for name in _OF_KIND.get(kind, ()) if folded in {name, fold(_SCORINGS[name])})
        found = next(known, "")
        if text and not found and folded not in _USUAL:
            self.unknown.append(f"{LABELS['scoring']}: {text}")
        return found

    def weights(self) -> dict[str, int]:
        """Thousandths by letter or number."""
        text = self.value("weights")
        found = {which.upper(): share_from(share) for which, share in _WEIGHT.findall(text)}
        if text and not found:
            self.unknown.append(f"{LABELS['weights']}: {text}")
        return found

    def table(self) -> list[int]:
        text = self.value("table")
        parts = [part.strip() for part in text.split(";") if part.strip()]
        if not all(_SHARE.fullmatch(part) for part in parts):
            self.unknown.append(f"{LABELS['table']}: {text}")
            return []
        return [share_from(_SHARE.fullmatch(part)[1]) for part in parts]  # type: ignore[index]

    def unit(self, which: str = "") -> tuple[str, bool]:
        """The unit, and whether it must be given."""
        text = self.value("unit", which)
        unit = _REQUIRED.sub("", text)
        return unit, unit != text

    def compared(self, which: str = "") -> dict[str, bool]:
        """How typed words are compared, as details of the kind; nothing for the usual way."""
        told = {fold(part).strip(" .") for part in self.value("compare", which).split(";")} - {""}
        found = {"match_case": True} if fold(_MATCH_CASE) in told else {}
        found |= {"match_marks": False} if fold(_NO_MARKS) in told else {}
        if told - {fold(_MATCH_CASE), fold(_NO_MARKS)}:
            self.unknown.append(f"{LABELS['compare']}: {self.value('compare', which)}")
        return found


def details_from(text: str) -> Details:
    details = Details()
    last: tuple[str, str] | None = None
    for line in text.split("\n"):
        found = _LINE.fullmatch(line.strip())
        meaning = _NAMES.get(fold(found["name"])) if found else None
        if found and meaning:
            last = (meaning, (found["which"] or "").upper())
            details.values[last] = found["value"]
        elif last is not None:
            details.values[last] = f"{details.values[last]}\n{line}".strip()
        elif line.strip():
            details.unknown.append(line.strip())
    return details


def share_from(text: str) -> int:
    """Thousandths of a percentage."""
    return int(Decimal(text.replace("−", "-").replace(",", ".")) * 10)


def percent(share: int) -> str:
    return f"{Decimal(share) / 10:f}".removesuffix(".0").replace(".", ",") + "%"


class Lines:
    """The cell on its way into a file."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, name: str, value: object, which: str = "") -> None:
        if value:
            self._lines.append(f"{LABELS[name]}{f' {which}' if which else ''}: {value}")

    def scoring(self, scoring: object) -> None:
        self.add("scoring", _SCORINGS.get(str(scoring or "")))

    def unit(self, source: Mapping[str, object], which: str = "") -> None:
        required = " (bắt buộc)" if source.get("unit_required") else ""
        self.add("unit", f"{source['unit']}{required}" if source.get("unit") else "", which)

    def compared(self, source: Mapping[str, object], which: str = "") -> None:
        told = [_MATCH_CASE] if source.get("match_case") else []
        told += [_NO_MARKS] if source.get("match_marks", True) is False else []
        self.add("compare", "; ".join(told), which)

    def text(self) -> str:
        return "\n".join(self._lines)


def not_understood(details: Details) -> list[Message]:
    template = N_(
        "Không hiểu dòng “{line}” trong cột Chi tiết; phần này bị bỏ qua. Sửa lại trong tệp hoặc sau khi nhập."
    )
    return [Message(template, line=line) for line in details.unknown]
