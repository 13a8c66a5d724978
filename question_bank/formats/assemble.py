"""From loose texts to a question: option letters, written keys, and which kind it all makes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from question_bank.formats.base import true_false_options
from question_bank.formats.vietnamese import fold
from question_bank.kinds.base import comparable, letter
from question_bank.messages import N_, Message
from question_bank.question import Option, Question

_LETTERED = re.compile(r"(?P<star>\*?)\s*\(?(?P<letter>[A-Ja-j])[.)/:]\s*(?P<star_after>\*?)\s*", re.DOTALL)
_LIST = re.compile(r"\s*(?:[,;/&+]|\bvà\b|\band\b|\s)\s*", re.IGNORECASE)
_LEAD = re.compile(r"^(?:đáp án|phương án|lựa chọn|câu|ý|chọn|answer|option)\s*(?:đúng)?\s*:?\s*", re.IGNORECASE)
_TRUE_WORDS = {"dung", "d", "true", "t", "yes", "x"}
_FALSE_WORDS = {"sai", "s", "false", "f", "no"}
_SEVERAL = re.compile(
    r"chon (?:nhieu|tat ca|hai|ba|bon|[2-9])\b|nhieu (?:dap an|phuong an|lua chon)|co the chon"
    r"|select all|choose (?:two|three|all)"
)


@dataclass(slots=True)
class Options:
    """The texts of the options, with stars and "(đúng)" taken off and remembered by mark."""

    texts: list[str] = field(default_factory=list)
    marked: dict[str, frozenset[int]] = field(default_factory=dict)

    def mark(self, name: str, index: int) -> None:
        self.marked[name] = self.marked.get(name, frozenset()) | {index}


def options_from(texts: Iterable[str]) -> Options:
    """Options written one by one; letters that run A, B, C … are no part of their texts."""
    options = Options()
    texts = list(texts)
    matches = [_LETTERED.match(text) for text in texts]
    lettered = len(texts) > 1 and all(m and m["letter"].upper() == letter(i) for i, m in enumerate(matches))
    for index, (text, match) in enumerate(zip(texts, matches, strict=True)):
        star = text.startswith("*")
        if lettered and match:
            star = bool(match["star"] or match["star_after"])
            options.texts.append(text[match.end() :].strip())
        else:
            options.texts.append(text)
        if star:
            options.mark("star", index)
    return options


def without_stars(options: Options) -> Options:
    """The options with their leading stars removed, where the stars are marks and not text."""
    return Options([text.removeprefix("*").strip() for text in options.texts], options.marked)


def options_in_cell(text: str) -> list[str]:
    """The options of one cell, a line each; lines without a letter go on where others have letters."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not any(_LETTERED.match(line) for line in lines):
        return lines
    options: list[str] = []
    for line in lines:
        match = _LETTERED.match(line)
        if (match and match["letter"].upper() == letter(len(options))) or not options:
            options.append(line)
        else:
            options[-1] += f" {line}"
    return options


def stem_and_options(text: str) -> tuple[str, str]:
    """A cell that holds the stem and, from a line with the letter A on, the options."""
    lines = text.split("\n")
    found = [match["letter"].upper() if (match := _LETTERED.match(line)) else "" for line in lines]
    for index, first in enumerate(found):
        if first == "A" and index and "B" in found[index:]:
            return "\n".join(lines[:index]).strip(), "\n".join(lines[index:])
    return text, ""


def letters_key(text: str, count: int) -> frozenset[int] | None:
    """The options that "B", "A, C" or "AC" names; ``None`` when it is not letters, or letters out of range."""
    if len(text) == 1 and "A" <= text <= "J":
        return frozenset({ord(text) - ord("A")}) if ord(text) - ord("A") < count else None
    text = _LEAD.sub("", text.strip()).strip(" .():")
    parts = list(text) if re.fullmatch(r"[A-J]{2,5}", text) else _LIST.split(text)
    if not all(re.fullmatch(r"\(?[A-Ja-j]\)?\.?", part) for part in parts):
        return None
    key = frozenset(ord(part.strip("(). ").upper()) - ord("A") for part in parts)
    return key if max(key) < count else None


def numbers_key(text: str, count: int) -> frozenset[int] | None:
    """The options that "2" or "1, 3" names, counted from 1."""
    parts = _LIST.split(_LEAD.sub("", text.strip()).strip(" ."))
    if not all(re.fullmatch(r"\d{1,2}", part) for part in parts):
        return None
    key = frozenset(int(part) - 1 for part in parts)
    return key if min(key) >= 0 and max(key) < count else None


def texts_key(text: str, options: Sequence[str]) -> frozenset[int] | None:
    """The options whose whole text stands in the answer, one or several divided by lines or semicolons."""
    places = {comparable(option): index for index, option in enumerate(options) if option}
    lettered = _LETTERED.match(text)
    for candidate in [text, text[lettered.end() :] if lettered else text]:
        if comparable(candidate) in places:
            return frozenset({places[comparable(candidate)]})
    parts = [comparable(part) for part in re.split(r"[;\n]", text) if part.strip()]
    if len(parts) > 1 and all(part in places for part in parts):
        return frozenset(places[part] for part in parts)
    return None


def truth(text: str) -> bool | None:
    """What "Đúng", "S", "TRUE" … means as an answer to a statement."""
    folded = fold(text).strip(" .():")
    return True if folded in _TRUE_WORDS else False if folded in _FALSE_WORDS else None


def is_true_false(texts: Sequence[str]) -> bool:
    """Whether the options are just "right" and "wrong"."""
    return len(texts) == 2 and {truth(text) for text in texts} == {True, False}


def asks_for_several(stem: str) -> bool:
    """Whether the stem itself says that several options are to be chosen."""
    return _SEVERAL.search(fold(stem)) is not None


def with_options(question: Question, texts: Sequence[str], key: Iterable[int], kind: str | None = None) -> Question:
    """``question`` with its options and the kind they make: the stated one, or what options and key show."""
    key = frozenset(key)
    if kind in (None, "true_false") and is_true_false(texts):
        answers = {truth(texts[index]) for index in key}
        options: tuple[Option, ...] = true_false_options(answers.pop() if len(answers) == 1 else None)
        kind = "true_false"
    else:
        options = tuple(Option(text, correct=index in key) for index, text in enumerate(texts))
    several = len(key) > 1 or (not key and asks_for_several(question.stem))
    return replace(question, kind=kind or ("multiple_response" if several else "single_choice"), options=options)


def points_from(text: str) -> int:
    """Thousandths of a point from "0,5" or "1"; ``ValueError`` when it is no positive number of them."""
    try:
        thousandths = Decimal(text.strip().replace(",", ".")) * 1000
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not thousandths.is_finite() or thousandths <= 0 or thousandths != int(thousandths):
        raise ValueError(text)
    return int(thousandths)


def names_from(text: str) -> tuple[str, ...]:
    """Codes or words divided by commas, semicolons or lines."""
    return tuple(part.strip() for part in re.split(r"[,;\n]", text) if part.strip())


def not_understood(name: str, value: str) -> Message:
    """The warning for a field whose value makes no sense."""
    template = N_("Không hiểu {name} “{value}”; phần này bị bỏ qua. Sửa lại trong tệp hoặc sau khi nhập.")
    return Message(template, name=name, value=value)
