"""What a machine notices in a question, said beside the reviewer's checklist. Hints, never a verdict."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from examapp.core import text
from examapp.core.words import _
from question_bank.kinds.base import letter
from question_bank.question import Level, Option, Question

LONGER = 1.5
"""A right option that many times as long as the longest wrong one gives itself away."""
LONGER_BY = 20
"""… but only when it is longer by that many characters: short options differ by chance."""
LONG_STEM = 90
"""Words after which a stem is hard to read on a phone."""
SITUATION = 15
"""Words below which a stem can hardly set a situation to apply something in."""

_CHOICES = {"single_choice", "multiple_response"}
_NEGATIVES = (
    re.compile(r"\bnào\b.*?\b(không|chưa|sai)\b(?! *(?:\?|hay))"),
    re.compile(r"\bnào\b.*?\blà (sai)\b"),
    re.compile(r"\b(không|chưa)\b.*\bnào (?:sau|dưới) đây\b"),
    re.compile(r"\b(ngoại trừ)\b|, (trừ)\b|\b(trừ) (?:trường hợp|phương án|ý|việc|điều|nội dung) nào\b"),
)
"""Small letters only: what is in capitals stands out already."""
_EMPHASIS = re.compile(r"<(?:strong|b|em|i|u)>.*?</(?:strong|b|em|i|u)>", re.DOTALL)
_WHOLE = re.compile(r"^(cả\b.*|tất cả\b.*|mọi\b.*)\b(đúng|sai|trên)\b", re.IGNORECASE)


def hints_for(content: Question) -> dict[str, list[str]]:
    """Sentences by the point of the checklist they belong to."""
    found: dict[str, list[str]] = defaultdict(list)
    for part in _parts(content):
        for point, look in LOOKS:
            found[point] += look(part)
    return {point: list(dict.fromkeys(sentences)) for point, sentences in found.items() if sentences}


def _parts(content: Question) -> Iterator[Question]:
    """The question, and those inside of it where one situation carries several."""
    yield content
    for inner in content.details.get("questions", ()):
        yield Question.from_json(inner)


def _length(content: Question) -> list[str]:
    right, wrong = _split(content)
    if content.kind not in _CHOICES or not right or not wrong:
        return []
    longest = max(len(option.text) for _index, option in wrong)
    shortest = min(len(option.text) for _index, option in wrong)
    found = []
    for index, option in right:
        length = len(option.text)
        if length > longest * LONGER and length - longest >= LONGER_BY:
            found.append(_("Đáp án %(letter)s dài hơn hẳn các phương án khác.", letter=letter(index)))
        elif length * LONGER < shortest and shortest - length >= LONGER_BY:
            found.append(_("Đáp án %(letter)s ngắn hơn hẳn các phương án khác.", letter=letter(index)))
    return found


def _echo(content: Question) -> list[str]:
    """A right option whose words stand in the stem is found without knowing."""
    stem = f" {_words(content.stem)} "
    return [
        _("Đáp án %(letter)s lặp lại nguyên văn trong câu dẫn.", letter=letter(index))
        for index, option in _split(content)[0]
        if content.kind in _CHOICES and len(option.text.split()) > 1 and f" {_words(option.text)} " in stem
    ]


def _loose(content: Question) -> list[str]:
    """An option that speaks of the others must keep its place when they are shuffled."""
    return [
        _("Phương án %(letter)s nói về các phương án khác nhưng chưa đánh dấu giữ nguyên vị trí.", letter=letter(index))
        for index, option in enumerate(content.options)
        if content.kind in _CHOICES and _WHOLE.match(option.text) and not option.pinned
    ]


def _unexplained(content: Question) -> list[str]:
    return [] if content.explanation else [_("Chưa có giải thích vì sao đáp án đúng.")]


def _negative(content: Question) -> list[str]:
    """ "không", "trừ" in small plain letters of what is asked are read over."""
    markup = content.stem_html
    said = " ".join(_EMPHASIS.findall(markup)).lower()
    asked = re.split(r"(?<=[.!;])\s|\n", content.stem.strip())[-1]
    words = {word for look in _NEGATIVES for groups in look.findall(asked) for word in _each(groups) if word}
    return [
        _("Từ phủ định “%(word)s” trong câu dẫn chưa được làm nổi bật (in đậm hoặc viết hoa).", word=word)
        for word in sorted(words)
        if word not in said
    ]


def _each(groups: str | tuple[str, ...]) -> tuple[str, ...]:
    return (groups,) if isinstance(groups, str) else groups


def _long(content: Question) -> list[str]:
    count = len(content.stem.split())
    return [_("Câu dẫn dài %(n)s từ, khó đọc trên điện thoại.", n=count)] if count > LONG_STEM else []


def _level(content: Question) -> list[str]:
    high = content.level in {Level.APPLICATION, Level.ADVANCED_APPLICATION}
    count = len(content.stem.split())
    if not high or count >= SITUATION:
        return []
    return [_("Câu ở mức vận dụng thường có tình huống; câu dẫn này chỉ có %(n)s từ.", n=count)]


def _vague(content: Question) -> list[str]:
    return [
        _("Căn cứ %(symbol)s chưa ghi điều, khoản.", symbol=citation.document)
        for citation in content.citations
        if not citation.article
    ]


LOOKS: Sequence[tuple[str, Callable[[Question], list[str]]]] = (
    ("one_answer", _unexplained),
    ("no_hint", _length),
    ("no_hint", _echo),
    ("no_hint", _loose),
    ("level", _level),
    ("law", _vague),
    ("wording", _negative),
    ("wording", _long),
)
"""Each look with the point of :data:`examapp.bank.reviews.CHECKLIST` it stands beside."""


def _split(content: Question) -> tuple[list[tuple[int, Option]], list[tuple[int, Option]]]:
    numbered = list(enumerate(content.options))
    return [pair for pair in numbered if pair[1].correct], [pair for pair in numbered if not pair[1].correct]


def _words(plain: str) -> str:
    return " ".join(re.findall(r"\w+", text.fold(plain)))
