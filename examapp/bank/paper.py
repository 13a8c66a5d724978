"""A question as the candidate sees it, where nobody sits it, and its key in words."""

from __future__ import annotations

from examapp.bank.asked import Asked, Images, asked, images_of, told_of
from examapp.bank.editors import forms
from question_bank import question as domain
from question_bank.kinds import get_kind


def seen(content: domain.Question, name: str = "paper", *, key: bool = False, images: Images | None = None) -> Asked:
    """What the page of the exam would show; with ``key``, answered rightly. ``name`` keeps several on a page apart."""
    kind, order = get_kind(content.kind), forms()[content.kind].order(content)
    told = {**told_of(content, order), "stem": content.stem or "…"}
    found = images_of([content]) if images is None else images
    return asked(name, told, kind.solution(content, order) if key else [], found)


def key_lines(content: domain.Question) -> list[str]:
    """What decides the marks, in words."""
    return forms()[content.kind].key(content)


def all_lines(content: domain.Question) -> list[str]:
    """Everything beside the stem in words: texts, key, ways of marking."""
    return forms()[content.kind].lines(content)
