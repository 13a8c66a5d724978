"""What stands around a question of a paper: signs beside its number and lines of details below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from question_bank.formats.assemble import names_from, not_understood, points_from
from question_bank.formats.rich import Rich
from question_bank.formats.vietnamese import citations_from, fold, kind_from, level_from
from question_bank.messages import N_, Message
from question_bank.question import Question

_SIGN = re.compile(r"[(\[]\s*([^()\[\]]{1,20}?)\s*[)\]]\s*:?\s*")
_OUTCOME = re.compile(r"CLO\s*\d+(?:\.\d+)?", re.IGNORECASE)
_OUTCOME_AT_END = re.compile(r"\s*[(\[]\s*(CLO\s*\d+(?:\.\d+)?)\s*[)\]]\s*$", re.IGNORECASE)
_LEVEL_AT_END = re.compile(r"\s*[(\[]\s*(NB|TH|VDC?|VD cao)\s*[)\]]\s*$")
_CITED_AT_END = re.compile(
    r"\s*\(\s*(?:căn cứ|theo)\s*:?\s*((?:điểm|khoản|điều)\s[^()]{3,200})\)\s*\.?\s*$", re.IGNORECASE
)
_POINTS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:điểm|đ)", re.IGNORECASE)
_OF_KIND = re.compile(
    r"loai|co dinh|don vi|cach cham|trong so|thang diem|y cham|so chu toi da|so dong|so sanh|phan hoi"
    r"|(?:dap an )?cho trong|dap an"
)
"""Fields that are read with the kind of the question."""

Fields = Sequence[tuple[str, str]]


def with_signs(question: Question, signs: str, stem: list[Rich]) -> tuple[Question, list[Rich]]:
    """The level, outcomes and points that stand beside the number and at the ends of the stem, and the stem without."""
    understood: dict[str, Any] = {}
    tags: list[str] = []
    before = ""
    for sign in _SIGN.findall(signs):
        if not (_take_sign(sign, understood, tags) or kind_from(sign)):
            before += f"({sign}) "
    stem = list(stem)
    while stem and (match := _SIGN.match(stem[0].text)):
        if match.group(1).isdigit() and match.group().startswith("("):
            break
        if not _take_sign(match.group(1), understood, tags):
            break
        stem[0] = stem[0].cut(match.end())
    while stem and (match := _OUTCOME_AT_END.search(stem[-1].text)):
        tags.append(match.group(1).upper())
        stem[-1] = stem[-1].cut(0, match.start())
    if stem and (match := _CITED_AT_END.search(stem[-1].text)) and match.start():
        understood["citations"] = citations_from(match[1])
        stem[-1] = stem[-1].cut(0, match.start())
    if stem and "level" not in understood and (match := _LEVEL_AT_END.search(stem[-1].text)):
        understood["level"] = level_from(match[1])
        stem[-1] = stem[-1].cut(0, match.start())
    if before:
        prefix = Rich.of([(before, frozenset())])
        first = stem[0] if stem else Rich("", ())
        stem[:1] = [Rich(prefix.text + first.text, prefix.looks + first.looks)]
    return replace(question, tags=(*question.tags, *tags), **understood), stem


def _take_sign(sign: str, understood: dict[str, Any], tags: list[str]) -> bool:
    """Note what "NB", "CLO2", "3" or "0,5 điểm" says; ``False`` for a sign that is text."""
    if level := level_from(sign):
        understood["level"] = level
    elif _OUTCOME.fullmatch(sign):
        tags.append(sign.upper())
    elif match := _POINTS.fullmatch(sign):
        understood["points"] = points_from(match.group(1))
    elif sign in {"1", "2", "3", "4"}:
        tags.append(f"mức {sign}")
    else:
        return False
    return True


def with_fields(question: Question, fields: Fields) -> tuple[Question, list[Message]]:
    """The question with its lines of details, but those of its kind; and what could not be understood."""
    warnings: list[Message] = []
    for name, value in fields:
        if _OF_KIND.match(name):
            if name == "loai" and kind_from(value) is None:
                warnings.append(not_understood(Message(N_("loại câu hỏi")), value))
            continue
        try:
            question = _with_field(question, name, value)
        except ValueError:
            warnings.append(not_understood(Message(N_("giá trị")), value))
    return question, warnings


def _with_field(question: Question, name: str, value: str) -> Question:
    """The question with one line such as "Căn cứ: …" taken; ``ValueError`` when the value makes no sense."""
    changes: dict[str, Any] = {}
    match name:
        case "can cu" | "can cu phap ly" | "co so phap ly":
            changes["citations"] = question.citations + citations_from(value)
        case "muc do":
            changes["level"] = level_from(value)
            if changes["level"] is None:
                raise ValueError(value)
        case "chuyen de" | "chu de":
            changes["topic"] = value
        case "vi tri":
            changes["positions"] = names_from(value)
        case "nhan":
            changes["tags"] = question.tags + names_from(value)
        case "diem":
            changes["points"] = points_from(re.sub(r"\s*(?:điểm|đ)$", "", value))
        case "thoi gian":
            changes["seconds"] = _seconds(value)
        case "ma cau":
            changes["ref"] = value
    return replace(question, **changes)


def _seconds(value: str) -> int:
    match = re.fullmatch(r"(\d+)\s*(giay|phut)?", fold(value))
    if not match or int(match.group(1)) == 0:
        raise ValueError(value)
    return int(match.group(1)) * (60 if match.group(2) == "phut" else 1)


def values_of(fields: Fields, name: str) -> list[str]:
    """The values of all lines of that name."""
    return [value for found, value in fields if found == name]
