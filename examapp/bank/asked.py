"""A question as a page shows it: texts plain or rich become markup, the questions of a case become questions.

Everything here comes from what the paper delivers, so nothing of it depends on which answer is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from examapp.bank.media import images_for
from question_bank.kinds import get_kind
from question_bank.kinds.base import Order, Response, letter
from question_bank.question import MEDIA, Question
from question_bank.rich_text import shown

Images = Mapping[str, str]
"""Digest → address that holds the bytes."""

_GAP = re.compile(r"\[\[(\d{1,2})\]\]")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the template of the kind is given."""

    name: str
    """Of its fields: "s3", "s3.2" for a question of a case; several parts have a further number each."""
    kind: str
    stem: Markup
    body: dict[str, Any]
    """What the kind shows beside the stem; rich texts as markup, their plain form under the name with "_text"."""
    points: int
    response: Response
    parts: tuple[Asked, ...] = ()
    """The questions of a case."""

    @property
    def answered(self) -> bool:
        return get_kind(self.kind).is_answered(self.response)

    @property
    def text(self) -> str:
        """What was typed, where one text is the answer."""
        return str(self.response[0]) if self.response else ""

    def at(self, index: int) -> Any:
        """The answer to a part; nothing given is 0."""
        return self.response[index] if index < len(self.response) else 0

    def place(self, number: int) -> int:
        """Where the item was put; 0 when nowhere."""
        return self.response.index(number) + 1 if number in self.response else 0

    def rows(self, control: str, *, lettered: bool = True) -> Markup:
        """The options as wide rows, with a radio button or a checkbox each: the one piece of the page that is put
        together here, because a paper has two hundred of them."""
        start = f'<label class="choice"><input type="{escape(control)}" name="{escape(self.name)}" value="'
        rows = []
        for number, option in enumerate(self.body["options"], start=1):
            checked = " checked" if number in self.response else ""
            mark = f"<b>{letter(number - 1)}.</b>" if lettered else ""
            rows.append(f'{start}{number}"{checked}>{mark}<span>{escape(option)}</span></label>\n')
        return Markup("".join(rows))  # noqa: S704 - every text in it is escaped or cleaned markup

    @property
    def pieces(self) -> list[tuple[Markup, int | None]]:
        """The stem around its gaps: each piece with the index of the gap that follows it."""
        found: list[tuple[Markup, int | None]] = []
        end = 0
        for gap in _GAP.finditer(self.stem):
            found.append((Markup(self.stem[end : gap.start()]), int(gap[1]) - 1))  # noqa: S704 - cut from markup
            end = gap.end()
        return [*found, (Markup(self.stem[end:]), None)]  # noqa: S704 - the same


def images_of(questions: Iterable[Question]) -> Images:
    """The images of all these questions, in one query; none when they have none."""
    return images_for({sha for question in questions for sha in question.media})


def rich(text: str, html: str, images: Images) -> Markup:
    """The rich form where there is one, cleaned once more; otherwise the text with its line ends."""
    if not html:
        return _plain(text)
    if len(html) > LONG or MEDIA.search(html):
        return Markup(shown(html, images))  # noqa: S704 - cleaned by an allow-list
    return _rich(html)


LONG = 4_000
"""Characters of a rich text beyond which it is worked out each time rather than kept."""


@lru_cache(maxsize=20_000)
def _plain(text: str) -> Markup:
    """Options and stems come again on every paper of a round."""
    return Markup("<br>\n").join(escape(line) for line in text.split("\n"))


@lru_cache(maxsize=2_000)
def _rich(html: str) -> Markup:
    return Markup(shown(html, {}))  # noqa: S704 - cleaned by an allow-list


def told_of(question: Question, order: Order) -> dict[str, Any]:
    """What a paper would deliver of the question, where there is no paper."""
    return {
        "kind": question.kind,
        "stem": question.stem,
        "stem_html": question.stem_html,
        "points": question.points,
        "body": get_kind(question.kind).show(question, order),
    }


def asked(name: str, told: Mapping[str, Any], response: Response, images: Images) -> Asked:
    """``told`` is what the paper delivers of the question; ``response`` is empty or of its kind's shape."""
    body = _dressed(told["body"], images)
    inner = body.pop("questions", [])
    return Asked(
        name=name,
        kind=told["kind"],
        stem=rich(told["stem"], told["stem_html"], images),
        body=body,
        points=told["points"],
        response=response,
        parts=tuple(
            asked(f"{name}.{number}", {**one, "body": one}, response[number - 1] if response else [], images)
            for number, one in enumerate(inner, start=1)
        ),
    )


def _dressed(body: Mapping[str, Any], images: Images) -> dict[str, Any]:
    """Every list of texts that has its rich forms beside it becomes one of markup."""
    dressed = dict(body)
    for key, forms in body.items():
        if key.endswith("_html") and isinstance(forms, list):
            base = key.removesuffix("_html")
            dressed[base] = [rich(text, html, images) for text, html in zip(body[base], forms, strict=True)]
            dressed[f"{base}_text"] = body[base]
            del dressed[key]
    return dressed
