"""Gaps inside the text of a cloze question of Moodle, read into gap text and written from it.

    {2:MULTICHOICE:=Hà Nội~%50%Thăng Long#Tên cũ~Huế}   {:SHORTANSWER:=hộ tịch}   {1:NUMERICAL:=12.5:0.1}

The number is the weight of the gap; a drop-down, typed text (``_C``: case counts) and a number are what gap text
knows. A gap in which several choices are right (MULTIRESPONSE) is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from html import escape, unescape
from typing import Any

from question_bank.formats.moodle_kinds import MOST_PARTS, choice, too_many
from question_bank.formats.moodle_numbers import answer_from, as_value
from question_bank.formats.moodle_text import plain
from question_bank.formats.weights import percent_from, percent_of, percent_text, thousandths
from question_bank.messages import N_, Message
from question_bank.question import clean_text

_CHOICES = r"MULTICHOICE(?:_(?:VS|HS|V|H|S))?|MC(?:VS|HS|V|H|S)?"
_SEVERAL = r"MULTIRESPONSE(?:_(?:HS|H|S))?|MR(?:HS|H|S)?"
_BEGUN = re.compile(
    rf"\{{(?P<points>\d{{0,3}}):(?:(?P<choices>{_CHOICES})|(?P<several>{_SEVERAL})|(?P<numeric>NUMERICAL|NM)"
    r"|(?P<case>SHORTANSWER_C|SAC|MWC)|(?P<text>SHORTANSWER|SA|MW)):"
)
_ANSWERS = re.compile(r"(?:\\.|&\#?\w{1,8};|[^}\\])*", re.DOTALL)
_ATOM = re.compile(r"\\.|&\#?\w{1,8};|.", re.DOTALL)
_PERCENT = re.compile(r"%(-?\d{1,4}(?:[.,]\d{0,10})?)%")
_ESCAPED = re.compile(r"\\([}#~])")
_BARE = re.compile(r"[}#~\\]|\A[=%]")

Gap = dict[str, Any]


class GapError(Exception):
    """A gap that gap text cannot be; the message says which and why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


def read_gaps(html: str) -> tuple[str, list[Gap]]:
    """The text with ``[[1]]``, ``[[2]]``, … in place of its gaps, and the gaps."""
    parts: list[str] = []
    gaps: list[Gap] = []
    end = 0
    if (count := len(_BEGUN.findall(html))) > MOST_PARTS:
        raise GapError(too_many(count))
    while begun := _BEGUN.search(html, end):
        answers = _ANSWERS.match(html, begun.end())
        if answers is None or html[answers.end() : answers.end() + 1] != "}":
            template = N_("Chỗ trống “{text}…” thiếu dấu đóng hoặc viết sai: sửa lại trong tệp.")
            raise GapError(Message(template, text=html[begun.start() : begun.start() + 40]))
        gaps.append(_gap(begun, answers[0], len(gaps) + 1))
        parts += [html[end : begun.start()], f"[[{len(gaps)}]]"]
        end = answers.end() + 1
    return "".join([*parts, html[end:]]), gaps


def _gap(found: re.Match[str], written: str, number: int) -> Gap:
    if found["several"]:
        template = N_("Chỗ trống {number} cho chọn nhiều phương án (MULTIRESPONSE), dạng này chưa được hỗ trợ.")
        raise GapError(Message(template, number=number))
    if (count := written.count("~")) > MOST_PARTS:
        raise GapError(too_many(count))
    points = int(found["points"] or 1)
    weight = {} if points == 1 else {"points": points}
    answers = [_answer(text) for text in _cut(written, "~")]
    if found["choices"]:
        return {"choices": [choice(plain(text, "moodle"), percent, said) for text, percent, said in answers], **weight}
    worth = [(text, _worth(percent, feedback)) for text, percent, feedback in answers]
    if found["numeric"]:
        return {"numeric": [_number(text, number) | rest for text, rest in worth if text.strip() != "*"], **weight}
    accepted = [{"text": " ".join(clean_text(text).split()), **rest} for text, rest in worth]
    return {"accepted": accepted, **({"match_case": True} if found["case"] else {}), **weight}


def _number(text: str, number: int) -> Gap:
    try:
        return answer_from(text)
    except ValueError:
        template = N_("Chỗ trống {number}: “{text}” không phải số.")
        raise GapError(Message(template, number=number, text=text.strip()[:60])) from None


def _worth(percent: Fraction, feedback: str) -> Gap:
    share = thousandths(percent)
    return {**({} if share == 1000 else {"share": share}), **({"feedback": feedback} if feedback else {})}


def _answer(text: str) -> tuple[str, Fraction, str]:
    """What is answered, what it earns in percent, and what is said to it."""
    body, *feedback = _cut(text.strip(), "#")
    percent = Fraction(0)
    if body.startswith("="):
        percent, body = Fraction(100), body[1:]
    elif weight := _PERCENT.match(body):
        percent, body = percent_from(weight[1]), body[weight.end() :]
    return _bare(body), percent, plain(_bare("#".join(feedback)), "moodle")


def _cut(text: str, mark: str) -> list[str]:
    """``text`` cut at each ``mark`` that is neither escaped nor part of an entity."""
    parts = [""]
    for atom in _ATOM.findall(text):
        if atom == mark:
            parts.append("")
        else:
            parts[-1] += atom
    return parts


def _bare(text: str) -> str:
    return unescape(_ESCAPED.sub(r"\1", text)).strip()


def write_gaps(html: str, gaps: Sequence[Mapping[str, Any]]) -> str:
    """The text with its gaps written out."""

    def replaced(found: re.Match[str]) -> str:
        number = int(found[1])
        return _written(gaps[number - 1]) if 0 < number <= len(gaps) else found[0]

    return re.sub(r"\[\[(\d{1,3})\]\]", replaced, html)


def _written(gap: Mapping[str, Any]) -> str:
    if "choices" in gap:
        kind, answers = "MULTICHOICE", [_written_choice(one) for one in gap["choices"]]
    elif "numeric" in gap:
        kind, answers = "NUMERICAL", [f"{_mark(one)}{_written_number(one)}{_said(one)}" for one in gap["numeric"]]
    else:
        kind = "SHORTANSWER_C" if gap.get("match_case") else "SHORTANSWER"
        answers = [f"{_mark(one)}{_protected(one['text'])}{_said(one)}" for one in gap.get("accepted", [])]
    return f"{{{gap.get('points', 1)}:{kind}:{'~'.join(answers)}}}"


def _written_choice(one: Mapping[str, Any]) -> str:
    share = one.get("share", 1000 if one.get("correct") else 0)
    mark = "=" if share == 1000 else f"%{percent_text(percent_of(share))}%" if share else ""
    return f"{mark}{_protected(escape(one['text'], quote=False))}{_said(one)}"


def _mark(one: Mapping[str, Any]) -> str:
    share = one.get("share", 1000)
    return "=" if share == 1000 else f"%{percent_text(percent_of(share))}%"


def _written_number(one: Mapping[str, Any]) -> str:
    value, tolerance = as_value(one)
    return value if tolerance == "0" else f"{value}:{tolerance}"


def _said(one: Mapping[str, Any]) -> str:
    feedback = one.get("feedback", "")
    return f"#{_protected(escape(feedback, quote=False).replace(chr(10), '<br>'))}" if feedback else ""


def _protected(text: str) -> str:
    """The text with its marks as entities, which Moodle takes back before anything else."""
    return _BARE.sub(lambda found: f"&#{ord(found[0])};", escape(text, quote=False))
