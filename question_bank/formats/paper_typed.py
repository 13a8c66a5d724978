"""Answers that candidates type: numbers with tolerances and ranges, words, gaps – as lines of a paper hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

_NUMBER = r"[-−]?\d+(?:[.,]\d+)?"
_GROUPED = re.compile(r"[-−]?\d{1,3}(?:[. ]\d{3})+(?:,\d+)?")
_ANSWER = re.compile(
    rf"(?:từ\s+(?P<low>{_NUMBER})\s+đến\s+(?P<high>{_NUMBER})"
    rf"|(?P<value>[-−]?\d{{1,3}}(?:[. ]\d{{3}})+(?:,\d+)?|{_NUMBER})"
    rf"(?:\s*(?:±|\+/-)\s*(?P<tolerance>{_NUMBER})\s*(?P<percent>%)?)?)"
    r"\s*(?P<unit>\D{0,20}?)\.?",
    re.IGNORECASE,
)
_SHARE = re.compile(r"\((\d+(?:[.,]\d+)?)%\)")
FULL = 1000


def numeric_answer(text: str, share: int | None = None) -> tuple[dict[str, Any], str] | None:
    """An answer such as "12,5", "12,5 ± 0,1", "12 ± 5%" or "từ 1 đến 2" and the unit behind it."""
    match = _ANSWER.fullmatch(" ".join(text.split()))
    if not match:
        return None
    if match["low"]:
        answer: dict[str, Any] = {"low": _stored(match["low"]), "high": _stored(match["high"])}
    else:
        answer = {"value": _stored(match["value"])}
        if match["tolerance"]:
            percent = bool(match["percent"])
            amount = _stored(match["tolerance"])
            answer["tolerance"] = _plain(Decimal(amount) / 100) if percent else amount
            answer["mode"] = "relative" if percent else "absolute"
        else:
            answer |= {"tolerance": "0", "mode": "absolute"}
    return _with_share(answer, share), match["unit"].strip()


def _stored(text: str) -> str:
    """The number with a point; points between groups of three are taken out."""
    text = text.replace("−", "-")
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[. ]", "", text)
    return text.replace(",", ".")


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _with_share(answer: dict[str, Any], share: int | None) -> dict[str, Any]:
    return answer if share is None else {**answer, "share": share}


def written_number(answer: Mapping[str, Any]) -> str:
    """The line that :func:`numeric_answer` reads."""
    if "low" in answer:
        return f"từ {_comma(answer['low'])} đến {_comma(answer['high'])}"
    text = _comma(answer.get("value", ""))
    tolerance = str(answer.get("tolerance", "0") or "0")
    if not re.fullmatch(r"\d+(?:\.\d+)?", tolerance) or Decimal(tolerance) == 0:
        return text
    if answer.get("mode") == "relative":
        return f"{text} ± {_comma(_plain(Decimal(tolerance) * 100))}%"
    return f"{text} ± {_comma(tolerance)}"


def _comma(text: Any) -> str:
    return str(text).replace(".", ",")


def share_of(name: str) -> int | None:
    """The weight in the name of a line such as "đáp án (50%)", in thousandths."""
    found = _SHARE.search(name)
    return int(Decimal(found[1].replace(",", ".")) * 10) if found else None


def written_share(share: Any) -> str:
    """How a weight stands beside "Đáp án"; nothing for the whole."""
    if type(share) is not int or share == FULL:
        return ""
    return f" ({_comma(_plain(Decimal(share) / 10))}%)"


def accepted(answers: Iterable[tuple[str, int | None]]) -> list[dict[str, Any]]:
    """Texts that count, several divided by semicolons."""
    return [
        _with_share({"text": part.strip()}, share)
        for text, share in answers
        for part in text.split(";")
        if part.strip()
    ]


def gaps_from(fields: Sequence[tuple[str, str]], count: int) -> tuple[list[dict[str, Any]], list[int]]:
    """The gaps that the lines "Chỗ trống 1: …" and "Đáp án chỗ trống 1: …" describe, and those without an answer."""
    gaps: list[dict[str, Any]] = []
    unsure: list[int] = []
    for number in range(1, count + 1):
        here = [(name, value) for name, value in fields if re.match(rf"(?:dap an )?cho trong {number}(?!\d)", name)]
        offered = next(((name, value) for name, value in here if name.startswith("cho")), ("", ""))
        answers = [(value, share_of(name)) for name, value in here if name.startswith("dap")]
        gap = _gap(offered[1], answers)
        if weight := re.search(r"\((\d+)\)", offered[0]):
            gap["points"] = int(weight[1])
        gaps.append(gap)
        if not answers:
            unsure.append(number)
    return gaps, unsure


def _gap(offered: str, answers: Sequence[tuple[str, int | None]]) -> dict[str, Any]:
    if "|" in offered:
        texts = [text.strip() for text in offered.split("|")]
        right = {text.strip(): share for text, share in answers}
        return {"choices": [_with_share({"text": t, "correct": t in right}, right.get(t)) for t in texts]}
    found = [numeric_answer(text, share) for text, share in answers]
    if offered.strip(" []").lower() == "số" and all(found):
        return {"numeric": [answer[0] for answer in found if answer]}
    return {"accepted": accepted(answers)}
